"""A pod's status, computed from what its containers do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Condition = dict[str, Any]


@dataclass(slots=True)
class ContainerState:
    """What one container does. It waits (``waiting`` is the reason), runs since ``running``, or
    has ended with ``exit_code``. Times are in the API's format."""

    name: str
    image: str
    waiting: str = "ContainerCreating"
    message: str = ""
    running: str = ""
    exit_code: int | None = None
    ready: bool = False
    restarts: int = 0
    last_exit: int | None = None

    def as_status(self) -> dict[str, Any]:
        """The containerStatus."""
        state: dict[str, Any]
        if self.running:
            state = {"running": {"startedAt": self.running}}
        elif self.exit_code is not None:
            state = {"terminated": _terminated(self.exit_code)}
        else:
            state = {"waiting": {"reason": self.waiting} | _message(self.message)}
        last = {} if self.last_exit is None else {"terminated": _terminated(self.last_exit)}
        return {
            "name": self.name,
            "image": self.image,
            "imageID": self.image if self.running else "",
            "ready": self.ready,
            "started": bool(self.running),
            "restartCount": self.restarts,
            "state": state,
            "lastState": last,
        }


def phase(states: Sequence[ContainerState], *, restarts: bool) -> str:
    """The pod's phase; ``restarts``: whether ended containers are started again."""
    codes = [state.exit_code for state in states]
    if not restarts and all(code is not None for code in codes):
        return "Failed" if any(codes) else "Succeeded"
    begun = any(state.running or state.restarts or state.exit_code is not None for state in states)
    return "Running" if begun else "Pending"


def status(
    states: Sequence[ContainerState],
    previous: Sequence[Mapping[str, Any]],
    *,
    restarts: bool,
    address: str,
    node_address: str,
    started: str,
    now: str,
) -> dict[str, Any]:
    """The pod's status; ``previous`` are its conditions so far, whose times stay unless they
    change."""
    ended = phase(states, restarts=restarts)
    ready = all(state.ready for state in states)
    reason = {} if ready else {"reason": "ContainersNotReady"}
    if ended == "Succeeded":
        reason = {"reason": "PodCompleted"}
    wanted = [
        ("PodScheduled", True, {}),
        ("Initialized", True, {}),
        ("ContainersReady", ready, reason),
        ("Ready", ready, reason),
    ]
    before = {condition["type"]: condition for condition in previous}
    conditions = [_condition(kind, is_so, why, before, now) for kind, is_so, why in wanted]
    kinds = {kind for kind, _, _ in wanted}
    conditions += [dict(other) for other in previous if other["type"] not in kinds]
    return {
        "phase": ended,
        "conditions": conditions,
        "hostIP": node_address,
        "hostIPs": [{"ip": node_address}],
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": started,
        "containerStatuses": [state.as_status() for state in states],
    }


def _condition(
    kind: str, is_so: bool, why: Mapping[str, str], before: Mapping[str, Any], now: str
) -> Condition:
    value = "True" if is_so else "False"
    old = before.get(kind, {})
    since = old.get("lastTransitionTime") if old.get("status") == value else None
    return {"type": kind, "status": value, "lastTransitionTime": since or now, **why}


def _terminated(code: int) -> dict[str, Any]:
    return {"exitCode": code, "reason": "Error" if code else "Completed"}


def _message(text: str) -> dict[str, str]:
    return {"message": text} if text else {}
