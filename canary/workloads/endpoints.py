"""Ready endpoints of a Service, from its EndpointSlices."""

from __future__ import annotations

from collections.abc import Iterable

from canary.workloads.objects import Obj

SERVICE_LABEL = "kubernetes.io/service-name"


def ready_endpoints(slices: Iterable[Obj]) -> int:
    """Distinct addresses that take requests: ready and not terminating."""
    addresses: set[str] = set()
    for piece in slices:
        for endpoint in piece.get("endpoints") or ():
            conditions = endpoint.get("conditions") or {}
            if conditions.get("ready", True) and not conditions.get("terminating", False):
                addresses.update(endpoint.get("addresses") or ())
    return len(addresses)
