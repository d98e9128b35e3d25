"""What tables say of pods and nodes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.printed import NONE, age, at_path

_ROLE = "node-role.kubernetes.io/"


def _containers(obj: JsonObj) -> list[JsonObj]:
    found: list[JsonObj] = (obj.get("status") or {}).get("containerStatuses") or []
    return found


def _ready(obj: JsonObj, now: datetime) -> str:
    running = [one for one in _containers(obj) if "running" in (one.get("state") or {})]
    ready = sum(bool(one.get("ready")) for one in running)
    return f"{ready}/{len(obj['spec']['containers'])}"


def _status(obj: JsonObj, now: datetime) -> str:
    status = obj.get("status") or {}
    reason = status.get("reason") or status.get("phase", "")
    for container in reversed(_containers(obj)):
        state = container.get("state") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated")
        if waiting.get("reason"):
            reason = waiting["reason"]
        elif ended is not None:
            reason = ended.get("reason") or f"ExitCode:{ended.get('exitCode', 0)}"
    if "deletionTimestamp" in obj["metadata"] and status.get("phase") not in (
        "Succeeded",
        "Failed",
    ):
        return "Terminating"
    return str(reason)


def _restarts(obj: JsonObj, now: datetime) -> str:
    count = sum(int(one.get("restartCount", 0)) for one in _containers(obj))
    ended = [at_path(one, ".lastState.terminated.finishedAt") for one in _containers(obj)]
    last = max((one for one in ended if one), default="")
    return f"{count} ({age(last, now)} ago)" if count and last else str(count)


def _or_none(path: str) -> Callable[[JsonObj, datetime], Any]:
    return lambda obj, now: at_path(obj, path) or NONE


POD_CELLS = (
    _ready,
    _status,
    _restarts,
    _or_none(".status.podIPs[0].ip"),
    _or_none(".spec.nodeName"),
    _or_none(".status.nominatedNodeName"),
    lambda obj, now: NONE,
)
"""Ready, Status, Restarts, IP, Node, Nominated Node, Readiness Gates; the sandbox has no gates."""


def _node_status(obj: JsonObj, now: datetime) -> str:
    conditions = (obj.get("status") or {}).get("conditions") or ()
    ready = next((one["status"] for one in conditions if one["type"] == "Ready"), "")
    text = {"": "Unknown", "True": "Ready"}.get(ready, "NotReady")
    return f"{text},SchedulingDisabled" if obj["spec"].get("unschedulable") else text


def _node_roles(obj: JsonObj, now: datetime) -> str:
    names = obj["metadata"].get("labels") or {}
    roles = sorted(key.removeprefix(_ROLE) for key in names if key.startswith(_ROLE))
    return ",".join(roles) or NONE


def node_cells() -> tuple[Callable[[JsonObj, datetime], Any], ...]:
    """Status and Roles."""
    return _node_status, _node_roles
