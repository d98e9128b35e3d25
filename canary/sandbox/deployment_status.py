"""The status of a Deployment, as its controller writes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from canary.clock import rfc3339
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.rolling import Counts

_AVAILABLE = {
    True: ("MinimumReplicasAvailable", "Deployment has minimum availability."),
    False: ("MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
}
_PROGRESS = {
    "ReplicaSetUpdated": "is progressing.",
    "NewReplicaSetAvailable": "has successfully progressed.",
    "ProgressDeadlineExceeded": "has timed out progressing.",
}


def status(
    obj: JsonObj,
    newest: str,
    counts: Counts,
    ready: int,
    now: float,
    progressed: float,
    wall: datetime,
) -> tuple[JsonObj, float | None]:
    """The status, and when (monotonic seconds) time alone would change it.

    ``newest`` is the name of the ReplicaSet of the current template.
    """
    spec, desired = obj["spec"], int(obj["spec"]["replicas"])
    total, available = counts.new + counts.old, counts.new_available + counts.old_available
    old = {c["type"]: c for c in (obj.get("status") or {}).get("conditions") or ()}
    # What was complete once is so until the template changes, however it is scaled.
    before = old.get("Progressing", {}).get("reason") == "NewReplicaSetAvailable"
    complete = counts.old == 0 and (before or counts.new == desired == counts.new_available)
    deadline = progressed + float(spec.get("progressDeadlineSeconds") or 600)
    late = not complete and now >= deadline
    found: JsonObj = {"observedGeneration": obj["metadata"]["generation"]}
    numbers = {
        "replicas": total,
        "updatedReplicas": counts.new,
        "readyReplicas": ready,
        "availableReplicas": available,
        "unavailableReplicas": max(0, desired - available),
    }
    found |= {name: number for name, number in numbers.items() if number}
    if "collisionCount" in (obj.get("status") or {}):
        found["collisionCount"] = obj["status"]["collisionCount"]
    reason = "ProgressDeadlineExceeded" if late else "ReplicaSetUpdated"
    if complete:
        reason = "NewReplicaSetAvailable"
    enough = available >= desired - _missing(spec, desired)
    found["conditions"] = [
        _condition(
            old.get("Available"),
            "Available",
            enough,
            *_AVAILABLE[enough],
            wall,
        ),
        _condition(
            old.get("Progressing"),
            "Progressing",
            not late,
            reason,
            f'ReplicaSet "{newest}" {_PROGRESS[reason]}',
            wall,
        ),
    ]
    return found, None if complete or late else deadline


def _missing(spec: JsonObj, desired: int) -> int:
    value: Any = ((spec.get("strategy") or {}).get("rollingUpdate") or {}).get("maxUnavailable", 0)
    if isinstance(value, str) and value.endswith("%"):
        return desired * int(value[:-1]) // 100
    return int(value)


def _condition(
    old: JsonObj | None, kind: str, holds: bool, reason: str, message: str, wall: datetime
) -> JsonObj:
    state = "True" if holds else "False"
    if old and (old["status"], old["reason"], old["message"]) == (state, reason, message):
        return old
    stamp = rfc3339(wall)
    changed = not old or old["status"] != state
    return {
        "type": kind,
        "status": state,
        "lastUpdateTime": stamp,
        "lastTransitionTime": stamp if changed or not old else old["lastTransitionTime"],
        "reason": reason,
        "message": message,
    }
