"""``canary install``: manifests that run the engine, for ``kubectl apply``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from canary.cli import crds
from canary.cli.configure import configure
from canary.cli.failure import UsageFault
from canary.cli.goflags import UsageError
from canary.cli.output import documents
from canary.cli.rbac import NAME, grants, labels
from canary.cli.terminal import Terminal
from canary.server.permissions import permissions
from providers.registry import installed

_USER = 10001
_PORT = 8080


def run(program: str, options: Namespace, out: Terminal) -> int:
    """Print them in the order in which they have to be applied."""
    flags = _flags(options)
    try:
        # What the engine wouldn't start with isn't worth installing.
        settings = configure(flags, {})
    except UsageError as error:
        raise UsageFault(str(error)) from error
    namespace = options.namespace
    if settings is None or not options.image.strip():
        raise UsageFault("--image is empty: give the container image of the engine")
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": NAME, "namespace": namespace, "labels": labels()},
    }
    place = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": namespace, "labels": labels()},
    }
    rest = [
        account,
        *grants(permissions(installed()), namespace, settings.namespaces),
        _deployment(options.image, namespace, flags),
    ]
    out.write(documents([place]), crds.text(), documents(rest))
    return 0


def _flags(options: Namespace) -> list[str]:
    """The command line of the engine. It always holds the Lease, so that a second process that
    starts before the first one has ended waits."""
    found = [
        f"-mesh-provider={options.mesh_provider}",
        f"-metrics-server={options.metrics_server}",
        "-log-level=info",
        f"-port={_PORT}",
        "-enable-leader-election=true",
        f"-leader-election-namespace={options.namespace}",
    ]
    watched = ",".join(options.watch_namespace)
    return [*found, f"-namespace={watched}"] if watched else found


def _deployment(image: str, namespace: str, flags: Sequence[str]) -> dict[str, Any]:
    meta = {"name": NAME, "namespace": namespace, "labels": labels()}
    selector = {"app.kubernetes.io/name": NAME}
    annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": str(_PORT)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": {
            "replicas": 1,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": selector},
            "template": {
                "metadata": {"labels": labels(), "annotations": annotations},
                "spec": {
                    "serviceAccountName": NAME,
                    "securityContext": {
                        "runAsNonRoot": True,
                        "runAsUser": _USER,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                    "containers": [_container(image, flags)],
                },
            },
        },
    }


def _container(image: str, flags: Sequence[str]) -> dict[str, Any]:
    return {
        "name": "canary",
        "image": image,
        "command": ["canary", "run"],
        "args": list(flags),
        "ports": [{"name": "http", "containerPort": _PORT}],
        "livenessProbe": _probe("/healthz"),
        "readinessProbe": _probe("/readyz"),
        "resources": {
            "requests": {"cpu": "10m", "memory": "128Mi"},
            "limits": {"memory": "512Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def _probe(path: str) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": "http"}, "timeoutSeconds": 5}
