"""Where users come in, as seen from inside: no relay stands between them and the proxy."""

from __future__ import annotations

from canary.kube.client import Client
from canary.kube.resources import SERVICES
from e2e.stack import contour
from e2e.stack.settings import Settings

_DOORS = {"istio": "istio_gateway", "nginx": "ingress"}
NEW_EACH = "Connection: close"
"""A header for users of a ClusterIP: kube-proxy chooses a pod once for a connection, not for each
request, so that only a new one shows where the Service leads."""


def gateway(settings: Settings, provider: str) -> tuple[str, int]:
    """Address and port of the proxy that reads a provider's routes."""
    door = _DOORS.get(provider)
    return "127.0.0.1", settings.ports[door] if door else contour.PORT


async def cluster_ip(client: Client, namespace: str, service: str) -> tuple[str, int]:
    """Address and first port of a Service. Raises ApiError."""
    spec = (await client.get(SERVICES, namespace, service))["spec"]
    return spec["clusterIP"], spec["ports"][0]["port"]
