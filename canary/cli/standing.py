"""Where one Canary stands, read from its object alone; Flagger's ones too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from canary.api.canary import Canary, InvalidObject, parse
from canary.api.semantics import effective_steps
from canary.cli.nextstep import Next, upcoming
from canary.cli.session import mapping
from canary.cli.trouble import Trouble, troubles
from canary.controller.records import stored
from canary.kube.resources import Obj
from canary.rollout.plan import plan, step_at
from canary.rollout.record import Record
from canary.rollout.status import PROMOTED


@dataclass(frozen=True, slots=True)
class Standing:
    """``canary`` is None where the spec can't be read, ``record`` where the engine has none of its
    own: Flagger runs it, or nobody yet. ``step`` is like ``2/5``, empty outside a rollout."""

    obj: Obj
    canary: Canary | None
    record: Record | None
    phase: str
    weight: int
    failed_checks: int
    step: str
    reason: str
    next: Next
    troubles: tuple[Trouble, ...]

    @property
    def name(self) -> str:
        return str(self.obj["metadata"]["name"])

    @property
    def namespace(self) -> str:
        return str(self.obj["metadata"].get("namespace", ""))

    @property
    def blocked(self) -> Trouble | None:
        """The first thing that a person has to mend before anything moves."""
        return next((trouble for trouble in self.troubles if trouble.blocks), None)

    @property
    def engine(self) -> str:
        """Who keeps the status: ``canary-engine``, ``flagger``, or nobody yet."""
        if self.record is not None:
            return "canary-engine"
        return "flagger" if self.phase else ""


def standing(obj: Obj) -> Standing:
    """Where ``obj`` stands, as its last status tells."""
    status = mapping(obj.get("status"))
    found = stored(obj)
    # An object without a status has an empty record, which nobody wrote.
    record = found.record if mapping(status.get("engine")) else None
    try:
        canary = parse(obj)
    except InvalidObject:
        canary = None
    phase = str(status.get("phase") or "")
    trouble = troubles(obj, found.refused)
    return Standing(
        obj=obj,
        canary=canary,
        record=record,
        phase=phase,
        weight=_whole(status, "canaryWeight"),
        failed_checks=_whole(status, "failedChecks"),
        step=_step(canary, record, status),
        reason=_reason(record, status),
        next=upcoming(canary, record, status, blocked=any(t.blocks for t in trouble)),
        troubles=trouble,
    )


def _whole(status: Mapping[str, Any], field: str) -> int:
    value = status.get(field)
    return int(value) if isinstance(value, int | float) else 0


def _step(canary: Canary | None, record: Record | None, status: Mapping[str, Any]) -> str:
    if canary is None or status.get("phase") not in ("Progressing", "WaitingPromotion"):
        return ""
    iterations = canary.spec.analysis.iterations or 0
    if iterations > 0:
        return f"{_whole(status, 'iterations')}/{iterations}"
    of = len(effective_steps(canary.spec.analysis))
    if record is not None and record.run is not None:
        return f"{record.run.step + 1}/{of}"
    weight = _whole(status, "canaryWeight")
    return f"{step_at(plan(canary), weight) + 1 if weight else 0}/{of}"


def _reason(record: Record | None, status: Mapping[str, Any]) -> str:
    """Why it stands there: of our record, else what Flagger's condition says."""
    if record is not None and (record.hold or record.reason):
        return record.hold or record.reason
    for entry in status.get("conditions") or ():
        condition = mapping(entry)
        if condition.get("type") == PROMOTED:
            return str(condition.get("message") or "")
    return ""
