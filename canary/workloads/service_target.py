"""A core Service as target: its two copies are what traffic is split between (lifecycle 15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from canary.workloads.labels import included, portable
from canary.workloads.objects import Obj, pruned, thaw

_ALLOCATED = ("clusterIPs", "healthCheckNodePort")
"""What a server gives each Service anew; a copy can't ask for another's (D41)."""


def content(service: Obj) -> dict[str, Any]:
    """The spec less what belongs to this one Service: addresses and node ports."""
    spec: dict[str, Any] = thaw(service["spec"])
    for field in _ALLOCATED:
        spec.pop(field, None)
    if spec.get("clusterIP") != "None":
        spec.pop("clusterIP", None)
    for port in spec.get("ports") or ():
        port.pop("nodePort", None)
    return spec


def copy_spec(spec: Obj, service: Obj | None) -> dict[str, Any]:
    """The spec of a copy: ``spec`` with what ``spec.service`` of the Canary asks of copies."""
    found: dict[str, Any] = thaw(spec)
    if service and service.get("trafficDistribution"):
        found["trafficDistribution"] = service["trafficDistribution"]
    return found


def canary_copy(target: Obj, name: str, spec: Obj, owner: Obj) -> dict[str, Any]:
    """Manifest of the copy with the target's labels and annotations, and ``spec``."""
    meta = target["metadata"]
    kept = {field: portable(meta.get(field)) for field in ("labels", "annotations")}
    return _manifest(name, meta["namespace"], kept, spec, owner)


def primary_copy(
    name: str, namespace: str, metadata: Obj, spec: Obj, owner: Obj, prefixes: Sequence[str]
) -> dict[str, Any]:
    """Manifest of the copy with a promoted ``spec``; of ``metadata`` what ``prefixes`` let over."""
    kept = {field: included(metadata.get(field), prefixes) for field in ("labels", "annotations")}
    return _manifest(name, namespace, kept, spec, owner)


def _manifest(name: str, namespace: str, kept: Obj, spec: Obj, owner: Obj) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": namespace,
            **{field: dict(values) for field, values in kept.items() if values},
            "ownerReferences": [owner],
        },
        "spec": thaw(spec),
    }


def copy_differs(live: Obj, manifest: Obj) -> bool:
    """Whether a live copy lacks something of ``manifest``; what others added is theirs."""
    meta, wanted = live["metadata"], manifest["metadata"]
    for field in ("labels", "annotations"):
        have = meta.get(field) or {}
        if any(have.get(key) != value for key, value in (wanted.get(field) or {}).items()):
            return True
    owner = pruned(wanted["ownerReferences"][0])
    if not any(pruned(ref) == owner for ref in meta.get("ownerReferences") or ()):
        return True
    return bool(pruned(content(live)) != pruned(manifest["spec"]))


def serves_elsewhere(service: Obj) -> bool:
    """Whether nothing in this cluster can tell who serves it: a name outside of it."""
    return bool(service["spec"].get("type") == "ExternalName")
