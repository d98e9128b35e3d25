"""What an update makes of an object: what it may change, and what stays as it was."""

from __future__ import annotations

from canary.sandbox.defaults import ALLOCATED
from canary.sandbox.incoming import SET_BY_SERVER, private_copy
from canary.sandbox.jsonvalue import JsonObj, thaw
from canary.sandbox.kind import Kind


def replaced(kind: Kind, live: JsonObj, body: JsonObj, subresource: str) -> JsonObj:
    """What ``body`` makes of the live object, less the bookkeeping."""
    if subresource == "status":
        new = {**live, "status": thaw(body.get("status"))}
        if new["status"] is None:
            del new["status"]
        return kind.complete(new) if kind.custom else _with_annotations(new, live, body)
    new = private_copy(kind, live["metadata"].get("namespace", ""), body)
    meta, old = new["metadata"], live["metadata"]
    for name in SET_BY_SERVER:
        meta.pop(name, None)
        if name in old:
            meta[name] = old[name]
    meta["resourceVersion"] = old["resourceVersion"]
    if kind.status:
        new.pop("status", None)
        if "status" in live:
            new["status"] = live["status"]
    if kind.resource.plural == "services":
        for name in ALLOCATED:
            if name in live["spec"]:
                new["spec"].setdefault(name, live["spec"][name])
    return kind.complete(new)


def _with_annotations(new: JsonObj, live: JsonObj, body: JsonObj) -> JsonObj:
    """Writes to the status of built-in kinds may change annotations and labels as well."""
    given = body.get("metadata") or {}
    meta = dict(live["metadata"])
    for name in ("annotations", "labels"):
        if name in given:
            meta[name] = thaw(given[name])
    return {**new, "metadata": meta}


def finished(obj: JsonObj) -> bool:
    """Whether nothing holds an object that is being deleted any more."""
    waits = (obj.get("spec") or {}).get("finalizers") if obj.get("kind") == "Namespace" else None
    grace = obj["metadata"].get("deletionGracePeriodSeconds")
    return not (obj["metadata"].get("finalizers") or waits or grace)


def spec_part(obj: JsonObj) -> JsonObj:
    """What generations count."""
    return {k: v for k, v in obj.items() if k not in ("metadata", "status")}


def without_managers(obj: JsonObj) -> JsonObj:
    """The object but for who manages it."""
    meta = {k: v for k, v in obj["metadata"].items() if k != "managedFields"}
    return {**obj, "metadata": meta}


def owners(entries: list[JsonObj]) -> list[JsonObj]:
    """Entries of ``managedFields`` without their times."""
    return [{k: v for k, v in entry.items() if k != "time"} for entry in entries]
