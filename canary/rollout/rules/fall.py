"""How the traffic of a failed canary goes back to the primary where the spec asks for steps."""

from __future__ import annotations

from canary.api.semantics import Strategy, strategy
from canary.rollout.observed import Unknown
from canary.rollout.rules.start import route_complaint, route_wait
from canary.rollout.verdict import Fall, Hold, Verdict
from canary.rollout.view import View


def falling(view: View) -> Verdict | None:
    """Each step is live and drained before the next, as long as the primary can serve."""
    if not view.record.falls:
        return None
    if view.record.weight > 0 and by_steps(view):
        if not view.drained:
            return Hold(route_wait(view), text=route_complaint(view), until=view.drained_at)
        if view.world.primary_endpoints == 0:
            return Hold("no ready endpoint of the primary can take more traffic")
    weight = next_weight(view)
    return Fall(f"the primary serves {100 - weight} %", weight=weight)


def next_weight(view: View) -> int:
    """The canary's weight after the next step of a rollback; 0 where it is done at once.

    A route that is lower already, before the record could follow, isn't raised.
    """
    if not by_steps(view):
        return 0
    by = view.canary.spec.analysis.rollback_step_weight
    weight = max(0, view.record.weight - by)
    return weight if view.ceiling is None else min(weight, view.ceiling)


def by_steps(view: View) -> bool:
    """Whether a rollback goes by steps: at once goes one whose canary is dead, has become another
    revision, or gets requests by a condition and not by weight."""
    analysis, revision = view.canary.spec.analysis, view.revision
    if analysis.rollback_step_weight <= 0 or not view.traffic.weights:
        return False
    if strategy(analysis) is Strategy.AB_TESTING or view.world.deleted:
        return False
    same = isinstance(revision, Unknown) or revision == view.run.revision
    return same and not view.world.canary_is_dead
