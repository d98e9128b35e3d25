"""How long a run has to stay at its step, and how long it has.

A stay is counted by the monotonic clock from poll to poll and kept in the record with each, so that
a restart costs an interval of it at most. Between two looks an interval counts at most: in what
lies beyond, nobody looked.
"""

from __future__ import annotations

from canary.rollout.observed import Present
from canary.rollout.plan import Step, fingerprint, step_at
from canary.rollout.record import Run
from canary.rollout.view import View

_LEAST = 0.001
"""Seconds that are no rest: clocks are added up."""


def step_of(view: View) -> Step | None:
    """The step whose weight is of record; None before the first traffic."""
    index = step_at(view.steps, view.record.weight)
    return view.steps[index] if index >= 0 else None


def awaited(view: View) -> bool:
    """Whether the approval of this step of this plan has been asked for."""
    run = view.run
    return run.awaited_step == run.step and run.plan == fingerprint(view.steps)


def approved(view: View) -> bool:
    """Whether somebody has approved this step of this plan."""
    return approves(view.run, view.steps)


def approves(run: Run, steps: tuple[Step, ...]) -> bool:
    """Whether the approval on record is for the step of ``run`` in the plan ``steps``."""
    return run.approved_step == run.step and run.plan == fingerprint(steps)


def since(view: View) -> float:
    """Since when the weight has been served, or was last judged (monotonic seconds)."""
    start, judged = served(view), view.evaluated_at
    return start if judged is None else max(start, judged)


def served(view: View) -> float:
    """Since when the weight has been served (monotonic seconds)."""
    route = view.world.route
    if view.live_at is not None or not isinstance(route, Present):
        return view.live_at or 0.0
    return route.value.matched_at


def stayed(view: View) -> float:
    """Seconds of the stay that are over; 0 where the step lasts an interval and no longer."""
    if _lasts(view) is None:
        return 0.0
    return round(view.run.stayed + _since_then(view), 3)


def _since_then(view: View) -> float:
    """Seconds since the weight was served or judged, as far as somebody looked."""
    passed = max(0.0, view.now.mono - since(view))
    return min(passed, view.timing.interval)


def left(view: View) -> float:
    """Seconds of the stay that are still to come; 0 when it is over."""
    return _rest(view, stayed(view))


def due(view: View) -> float:
    """When the step is to be judged next: an interval on, or earlier at the end of the stay."""
    interval = view.timing.interval
    rest = _rest(view, view.run.stayed)
    return since(view) + (min(interval, rest) if rest else interval)


def _rest(view: View, over: float) -> float:
    rest = (_lasts(view) or 0.0) - over
    return rest if rest > _LEAST else 0.0


def _lasts(view: View) -> float | None:
    """Seconds of the whole stay; None where it is an interval."""
    step = step_of(view)
    if step is None or step.lasts is None:
        return None
    return max(step.lasts, view.timing.floor)
