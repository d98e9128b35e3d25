"""What a cache leaves out of the objects that it keeps."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from canary.api.annotations import INTENT
from canary.kube.resources import Obj


def trimmed(obj: Obj) -> dict[str, Any]:
    """``obj`` with only the names of its field managers: the rest of ``managedFields`` is large."""
    meta = dict(obj["metadata"])
    if "managedFields" in meta:
        meta["managedFields"] = [_entry(entry) for entry in meta["managedFields"]]
    return {**obj, "metadata": meta}


def _entry(entry: Obj) -> Obj:
    """One manager; that of a request by hand keeps what shows it, and when it was made."""
    kept = _manager(*(entry.get(key) for key in _MANAGER))
    annotations = ((entry.get("fieldsV1") or {}).get("f:metadata") or {}).get("f:annotations")
    if f"f:{INTENT}" not in (annotations or {}):
        return kept
    fields: Obj = {"f:metadata": {"f:annotations": {f"f:{INTENT}": {}}}}
    return {**kept, "time": entry.get("time", ""), "fieldsV1": fields}


_MANAGER = ("manager", "operation", "subresource")


@lru_cache(maxsize=1024)
def _manager(*names: str | None) -> Obj:
    """What is kept of one manager: the same few for most objects, and shared by them."""
    return {key: name for key, name in zip(_MANAGER, names, strict=True) if name is not None}


def endpoint_slice(obj: Obj) -> dict[str, Any]:
    """An EndpointSlice with nothing but what readiness is counted from."""
    meta = obj["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "labels")
    return {
        "metadata": {key: meta[key] for key in kept if key in meta},
        "endpoints": [
            {key: endpoint[key] for key in ("addresses", "conditions") if key in endpoint}
            for endpoint in obj.get("endpoints") or ()
        ],
    }


def metadata_only(obj: Obj) -> dict[str, Any]:
    """Identity, version and what decides whether a ConfigMap or Secret is followed."""
    meta = trimmed(obj)["metadata"]
    kept = (
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "annotations",
        "ownerReferences",
        "managedFields",
    )
    return {"metadata": {key: meta[key] for key in kept if key in meta}}
