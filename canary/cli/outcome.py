"""How a rollout ended, if it has; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from canary.cli.parts import images
from canary.cli.standing import Standing
from canary.kube.resources import Obj
from canary.rollout.observed import Absent, Observed, Present
from canary.rollout.record import Record
from canary.workloads.revision import template_digest


class End(Enum):
    """What became of the target's present revision."""

    PROMOTED = "promoted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ending:
    """``end`` is None while it is open; ``because`` is for people."""

    end: End | None
    because: str


def ending(at: Standing, target: Observed[Obj], primary: Observed[Obj]) -> Ending:
    """How the rollout of the target's present revision ended.

    A status that is older than the target's template tells of another revision, so it is open.
    A target that this person may not see counts as the one that the status tells of.
    """
    if at.phase not in ("Initialized", "Succeeded", "Failed"):
        return Ending(None, at.reason)
    if isinstance(target, Absent):
        return Ending(None, f"the target is not there: {target.why}")
    current = _applied(at.record, target) if at.record else _alike(at, target, primary)
    if not current:
        return Ending(None, "the target's revision is newer than the status")
    if at.phase != "Failed" or _reverted(at.record):
        return Ending(End.PROMOTED, at.reason)
    return Ending(End.FAILED, at.reason)


def _applied(record: Record, target: Observed[Obj]) -> bool:
    """Whether the record has taken the target's template into account."""
    if not isinstance(target, Present) or record.applied is None:
        return record.applied is not None
    meta = target.value["metadata"]
    if (meta.get("uid"), meta.get("generation")) == (record.applied.uid, record.applied.generation):
        return True
    return template_digest(target.value["spec"]["template"]) == record.applied.template


def _alike(at: Standing, target: Observed[Obj], primary: Observed[Obj]) -> bool:
    """Under Flagger, whose hashes can't be compared: after a promotion the images are the same."""
    if at.phase == "Failed" or not isinstance(target, Present) or not isinstance(primary, Present):
        return True
    return images(target.value) == images(primary.value)


def _reverted(record: Record | None) -> bool:
    """Failed, and then the target was set back to the promoted revision."""
    if record is None or record.applied is None or record.weight > 0:
        return False
    return record.applied == record.promoted
