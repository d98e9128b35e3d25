"""What people see of a rollout in time: when the canary's weight of record changed, and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from canary.kube.resources import CANARIES
from tests.rig.stage import ORIGIN, Stage


@dataclass(frozen=True)
class Moment:
    """``at`` counts the seconds from the first moment that is told."""

    at: int
    phase: str
    weight: int


def moments(stage: Stage, name: str = "podinfo") -> list[Moment]:
    """Each change of phase or weight since the last call, from the first change on."""
    found: list[tuple[float, str, int]] = []
    for change in stage.history():
        if change.resource != CANARIES or change.key.name != name or change.gone:
            continue
        status = change.obj.get("status")
        if not status:
            continue
        state = (str(status["phase"]), int(status["canaryWeight"]))
        if not found or found[-1][1:] != state:
            found.append((_seconds(status), *state))
    start = found[0][0] if found else 0.0
    return [Moment(round(at - start), phase, weight) for at, phase, weight in found]


def _seconds(status: dict[str, Any]) -> float:
    stamp = str(status["lastTransitionTime"])
    return (datetime.fromisoformat(stamp.replace("Z", "+00:00")) - ORIGIN).total_seconds()
