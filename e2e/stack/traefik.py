"""Traefik: a proxy that reads Ingresses and the canary annotations of ingress-nginx."""

from __future__ import annotations

from typing import Any

from e2e.stack.daemon import Component
from e2e.stack.settings import Settings
from e2e.stack.versions import TRAEFIK

CLASS = "nginx"
"""The IngressClass that it serves."""
_METRICS = 8082
METRICS = f"127.0.0.1:{_METRICS}"
_BUCKETS = "0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5,5"


def objects() -> list[dict[str, Any]]:
    """The IngressClass, without which it answers 404."""
    return [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": CLASS},
            "spec": {"controller": "k8s.io/ingress-nginx"},
        }
    ]


def traefik(settings: Settings) -> Component:
    """Controller and proxy in one. Other than by default a change is taken up at once."""
    command = (
        settings.binary(TRAEFIK, "traefik"),
        "--global.checknewversion=false",
        "--global.sendanonymoususage=false",
        "--log.level=WARN",
        "--providers.providersthrottleduration=0s",
        f"--entrypoints.web.address=127.0.0.1:{settings.ports['ingress']}",
        f"--entrypoints.metrics.address={METRICS}",
        f"--entrypoints.traefik.address=127.0.0.1:{settings.ports['ingress_api']}",
        "--ping=true",
        "--ping.entrypoint=metrics",
        "--metrics.prometheus.entrypoint=metrics",
        "--metrics.prometheus.addserviceslabels=true",
        f"--metrics.prometheus.buckets={_BUCKETS}",
        "--api.insecure=true",
        "--api.dashboard=false",
        "--providers.kubernetesingressnginx=true",
    )
    environment = {"KUBECONFIG": str(settings.kubeconfig)}
    return Component("traefik", command, f"http://{METRICS}/ping", environment)
