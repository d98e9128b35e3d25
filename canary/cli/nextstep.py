"""What comes next in a rollout, and about when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from canary.api.canary import Canary
from canary.api.semantics import effective_interval, longest_window
from canary.cli.terminal import span
from canary.controller.scene import traffic
from canary.controller.settings import Settings
from canary.rollout.plan import Position, Step, next_step, plan, step_at
from canary.rollout.record import Record
from canary.rollout.stay import approves
from providers.interface import Provider
from providers.registry import UnusableProvider, provider


@dataclass(frozen=True, slots=True)
class Next:
    """``text`` says what has to come first; ``due`` is about when, where time decides."""

    text: str
    due: datetime | None = None

    def when(self, now: datetime) -> str:
        """``about 40s``, ``now`` when it is due, empty where time doesn't decide."""
        if self.due is None:
            return ""
        left = (self.due - now).total_seconds()
        return f"about {span(left)}" if left >= 1 else "now"


_WAITS: Mapping[str, str] = {
    "Initializing": "initialized when the primary serves all traffic",
    "Initialized": "a rollout when the target changes",
    "Succeeded": "a rollout when the target changes",
    "Failed": "a rollout when the target changes again",
    "Waiting": "the rollout when it is approved",
    "WaitingPromotion": "the promotion when it is approved",
    "Promoting": "traffic back to the primary when that is ready with the new revision",
    "Finalising": "the end when the last requests to the canary are over",
    "Terminating": "the end of its deletion",
}


def upcoming(
    canary: Canary | None, record: Record | None, status: Mapping[str, Any], *, blocked: bool
) -> Next:
    """What comes next by the status; approximate, since only the engine sees when a route is
    live. The interval is at least the engine's default floor."""
    phase = str(status.get("phase") or "")
    if blocked:
        return Next("nothing before the problem is mended")
    if canary is None or not phase:
        return Next("")
    if record and record.falls:
        return Next("less traffic for the canary, step by step")
    if record and record.queued:
        return Next("the rollout when it is its turn")
    if phase == "Progressing":
        return _of_analysis(canary, record, status)
    analysis = canary.spec.analysis
    back = analysis.step_weight_promotion > 0
    if phase == "Promoting" and back and record and record.run and record.run.shifts:
        weight = max(0, record.weight - analysis.step_weight_promotion)
        return Next(f"weight {weight}", _after_an_interval(canary, status))
    return Next(_WAITS.get(phase, ""))


def _of_analysis(canary: Canary, record: Record | None, status: Mapping[str, Any]) -> Next:
    analysis = canary.spec.analysis
    weight = record.weight if record else int(status.get("canaryWeight") or 0)
    if canary.spec.skip_analysis:
        return Next("promotion when the canary is ready: analysis is skipped")
    routes = traffic(_provider(canary), canary.model_dump(by_alias=True, exclude_none=True))
    steps = plan(canary, routes)
    at = Position(weight, False, int(status.get("iterations") or 0))
    if record and record.run:
        at = Position(weight, record.mirror, record.run.iteration)
    index = next_step(steps, at)
    if index is not None and at == Position():
        return Next(f"{_named(steps[index])} when the canary is ready")
    what = "promotion" if index is None else _named(steps[index])
    here, run = step_at(steps, weight), record.run if record else None
    if run and here >= 0 and steps[here].approval and not approves(run, steps):
        return Next(f"{what} when step {here + 1} is approved")
    due = _after_an_interval(canary, status)
    stay = steps[here].lasts if here >= 0 else None
    if due and run and stay is not None:
        due += timedelta(seconds=stay - run.stayed - _interval(canary))
    quiet = record.run.quiet_since if record and record.run else None
    if due and quiet:
        due = max(due, quiet + timedelta(seconds=longest_window(analysis)))
    return Next(f"{what} if the checks pass", due)


def _named(step: Step) -> str:
    """A step, as people speak of it."""
    if step.guarded:
        return "all traffic to the canary" if step.weight else "the last check"
    if step.iteration:
        return f"iteration {step.iteration}"
    return "mirrored traffic" if step.mirror else f"weight {step.weight}"


def _provider(canary: Canary) -> Provider | None:
    try:
        return provider(canary.spec.provider or "")
    except UnusableProvider:
        return None


def _after_an_interval(canary: Canary, status: Mapping[str, Any]) -> datetime | None:
    """An interval after the last status, and after the time that a route takes to act where
    nothing confirms it."""
    try:
        since = datetime.fromisoformat(str(status.get("lastTransitionTime")).replace("Z", "+00:00"))
    except ValueError:
        return None
    interval = _interval(canary)
    found = _provider(canary)
    if found is not None and not found.confirms:
        interval += canary.spec.effective_engine.settle_seconds
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    return since + timedelta(seconds=interval)


def _interval(canary: Canary) -> float:
    """Seconds between two checks."""
    return effective_interval(canary.spec.analysis, Settings().interval_floor)
