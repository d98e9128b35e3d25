"""Contour and its Envoy: a Gateway API implementation that carries the traffic."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from e2e.stack.daemon import Component
from e2e.stack.settings import Settings
from e2e.stack.versions import CONTOUR, ENVOY

NAMESPACE, GATEWAY = "projectcontour", "contour"
PORT = 8080
"""Where Envoy listens for the Gateway's port 80: Contour adds 8000 to any listener's port."""


def objects() -> list[dict[str, Any]]:
    """Namespace, GatewayClass and the Gateway ``projectcontour/contour`` for every namespace."""
    listener = {
        "name": "http",
        "protocol": "HTTP",
        "port": 80,
        "allowedRoutes": {"namespaces": {"from": "All"}},
    }
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": "contour"},
            "spec": {"controllerName": "projectcontour.io/gateway-controller"},
        },
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": GATEWAY, "namespace": NAMESPACE},
            "spec": {"gatewayClassName": "contour", "listeners": [listener]},
        },
    ]


def contour(settings: Settings) -> Component:
    """The controller. Its features that need alpha kinds are off: the Gateway API of this cluster
    is newer than the one it was written against and lacks them."""
    config = settings.folder / "contour.yaml"
    config.write_text(f"gateway:\n  gatewayRef: {{namespace: {NAMESPACE}, name: {GATEWAY}}}\n")
    command = (
        settings.binary(CONTOUR, "contour"),
        "serve",
        f"--kubeconfig={settings.kubeconfig}",
        f"--config-path={config}",
        "--insecure",
        "--xds-address=127.0.0.1",
        "--xds-port=8001",
        "--disable-leader-election",
        # Of one address only: pods have the same port at theirs.
        "--envoy-service-http-address=127.0.0.1",
        f"--envoy-service-http-port={PORT}",
        "--stats-address=127.0.0.1",
        "--stats-port=8002",
        "--disable-feature=tlsroutes",
        "--disable-feature=tcproutes",
        "--disable-feature=backendtlspolicies",
    )
    return Component("contour", command, "http://127.0.0.1:8000/healthz")


def admin(settings: Settings) -> Path:
    """The socket of the proxy's own interface."""
    return settings.folder / "envoy.sock"


def envoy(settings: Settings) -> Component:
    """The proxy, with a configuration that Contour writes."""
    config = settings.folder / "envoy.json"
    subprocess.run(
        [
            settings.binary(CONTOUR, "contour"),
            *("bootstrap", str(config), "--xds-address=127.0.0.1", "--xds-port=8001"),
            *("--xds-resource-version=v3", f"--admin-address={admin(settings)}"),
        ],
        check=True,
        capture_output=True,
    )
    command = (
        *(settings.binary(ENVOY, "envoy"), "-c", str(config)),
        *("--service-cluster", "contour", "--service-node", "envoy-1"),
        *("--concurrency", "1", "--disable-hot-restart", "--log-level", "warn"),
    )
    return Component("envoy", command, "http://127.0.0.1:8002/ready")
