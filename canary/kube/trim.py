"""What a cache leaves out of the objects that it keeps."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import Obj


def trimmed(obj: Obj) -> dict[str, Any]:
    """``obj`` with only the names of its field managers: the rest of ``managedFields`` is large."""
    meta = dict(obj["metadata"])
    if "managedFields" in meta:
        meta["managedFields"] = [
            {key: entry[key] for key in ("manager", "operation", "subresource") if key in entry}
            for entry in meta["managedFields"]
        ]
    return {**obj, "metadata": meta}


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
