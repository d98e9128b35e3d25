"""Deletion: preconditions, finalizers, grace periods, and what becomes of dependents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from canary.clock import rfc3339
from canary.kube.resources import NAMESPACES, PODS, Key
from canary.sandbox.fielderror import unsupported
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.kind import Kind
from canary.sandbox.preconditions import check_deletion
from canary.sandbox.refusal import invalid_object, not_implemented
from canary.sandbox.replacing import finished
from canary.sandbox.writes import Writer

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
_FINALIZER = {"Foreground": FOREGROUND, "Orphan": ORPHAN}
_POLICIES = ("Foreground", "Background", "Orphan", "nil")


def options(body: Any, query: Mapping[str, str]) -> JsonObj:
    """DeleteOptions of a request's body and query; raises Refused."""
    found: JsonObj = dict(body or {})
    if "propagationPolicy" in query:
        found.setdefault("propagationPolicy", query["propagationPolicy"])
    if query.get("gracePeriodSeconds", "").isdigit():
        found.setdefault("gracePeriodSeconds", int(query["gracePeriodSeconds"]))
    if "orphanDependents" in found or "orphanDependents" in query:
        raise not_implemented("orphanDependents; propagationPolicy is its successor")
    policy = found.get("propagationPolicy")
    if policy is not None and policy not in _POLICIES[:3]:
        error = unsupported("propagationPolicy", policy, _POLICIES)
        raise invalid_object("meta.k8s.io", "DeleteOptions", "", [error])
    return found


def delete(
    writer: Writer, kind: Kind, key: Key, wanted: Mapping[str, Any], *, dry_run: bool = False
) -> tuple[JsonObj, bool]:
    """Delete; gives the last state, and whether something still holds the object."""
    live = writer.live(kind, key)
    check_deletion(kind, key, live, wanted.get("preconditions") or {})
    meta = dict(live["metadata"])
    finalizers = [one for one in meta.get("finalizers") or () if one not in (FOREGROUND, ORPHAN)]
    policy = _FINALIZER.get(wanted.get("propagationPolicy") or "")
    if policy:
        finalizers.append(policy)
    meta["finalizers"] = finalizers
    if not finalizers:
        del meta["finalizers"]
    _mark(meta, _grace(kind, live, wanted), writer.now)
    doomed = {**live, "metadata": meta}
    if kind.resource == NAMESPACES:
        meta.pop("deletionGracePeriodSeconds", None)
        doomed["status"] = {**(live.get("status") or {}), "phase": "Terminating"}
    held = not finished(doomed)
    if doomed != live and kind.counted and "deletionTimestamp" not in live["metadata"]:
        meta["generation"] = meta.get("generation", 1) + 1
    if dry_run or (held and doomed == live):
        return doomed, held
    if held:
        return writer.storage.put(kind.resource, key, doomed), True
    if kind.resource == PODS:
        # Graceful deletion, if only of 0 seconds: watches see the mark first.
        writer.storage.put(kind.resource, key, doomed)
    return writer.storage.remove(kind.resource, key), False


def _grace(kind: Kind, live: JsonObj, wanted: Mapping[str, Any]) -> int:
    """Seconds that a pod which runs somewhere is given to end; other objects need none."""
    if kind.resource != PODS or not live["spec"].get("nodeName"):
        return 0
    if (live.get("status") or {}).get("phase") in ("Failed", "Succeeded"):
        return 0
    asked = wanted.get("gracePeriodSeconds")
    return int(live["spec"].get("terminationGracePeriodSeconds", 30) if asked is None else asked)


def _mark(meta: JsonObj, grace: int, now: str) -> None:
    """Set when the object is to be gone; a later request can only bring that forward."""
    before = meta.get("deletionGracePeriodSeconds")
    if "deletionTimestamp" in meta and (before is None or grace >= before):
        return
    moment = datetime.strptime(now, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    meta["deletionTimestamp"] = rfc3339(moment + timedelta(seconds=grace))
    meta["deletionGracePeriodSeconds"] = grace
