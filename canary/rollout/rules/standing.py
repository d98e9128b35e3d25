"""Rules that stand before everything else, in every stage: exits, safety, what can't be known."""

from __future__ import annotations

from canary.rollout import texts
from canary.rollout.observed import Unknown
from canary.rollout.plan import step_at
from canary.rollout.verdict import Hold, Leave, Lower, Tidy, Verdict
from canary.rollout.view import View


def deleted(view: View) -> Verdict | None:
    """A Canary on its way out runs no more (D34): its owned objects go with it, after the engine
    has given back what it changed, if that is asked for."""
    if not view.world.deleted:
        return None
    if not view.world.finalizer:
        return Hold("the Canary is being deleted", frozen=True)
    reverts = view.canary.spec.revert_on_deletion
    return Leave("the Canary is being deleted", reverts=reverts)


def suspended(view: View) -> Verdict | None:
    """``spec.suspend`` freezes everything; said once, not at every look (operations 16.13)."""
    if not view.canary.spec.suspend:
        return None
    return Hold(
        "suspended",
        text=texts.SUSPENDED,
        warning=False,
        urgent=True,
        frozen=True,
        problem="Suspended",
    )


def lowered(view: View) -> Verdict | None:
    """The route is below the weight of record: the record follows, evidence starts over there."""
    ceiling, weight = view.ceiling, view.record.weight
    if ceiling is None or ceiling >= weight:
        return None
    steps = view.steps
    index = step_at(steps, ceiling)
    to = steps[index].weight if index >= 0 else 0
    weight_now = to if view.record.stage.judged else ceiling
    return Lower(
        f"the route carries {ceiling} % instead of the recorded {weight} %",
        weight=weight_now,
        text=texts.found_lower(view.name, weight_now),
    )


def widened(view: View) -> Verdict | None:
    """An A/B test became something else: its weight was one of the requests that match. For all of
    them it has to be earned from the first step on."""
    record = view.record
    tested = record.run is not None and record.run.tested and record.weight > 0
    if not tested or view.steps[0].tested:
        return None
    return Lower(
        f"weight {record.weight} was that of requests that match, and no match is asked for now",
        weight=0,
        text=texts.no_longer_tested(view.name),
    )


def dead(view: View) -> Verdict | None:
    """A weighted canary without a ready endpoint loses its weight at once, if the primary can
    serve."""
    world = view.world
    if view.record.weight == 0 or not world.canary_is_dead or world.primary_endpoints == 0:
        return None
    return Lower("no ready endpoint serves the canary", weight=0, text=texts.canary_dead(view.name))


def impeded(view: View) -> Verdict | None:
    """The first problem of spec or cluster holds; it is said once and retried on change."""
    moves = view.record.stage.running or view.revision not in (
        view.record.promoted,
        view.record.applied,
    )
    for problem in view.world.problems:
        if problem.passing and moves:
            continue
        return Hold(
            problem.text,
            text=problem.text,
            error=problem.error,
            urgent=True,
            frozen=True,
            problem=problem.reason,
        )
    known = {dependency.problem for dependency in view.world.dependencies}
    if view.record.problem and view.record.problem not in known:
        return Tidy("the problem is gone")
    return None


def unknown(view: View) -> Verdict | None:
    """What can't be seen holds: it never passes, and nothing is deleted for it."""
    for part in (view.world.target, view.world.primary, view.world.route):
        if isinstance(part, Unknown):
            return Hold(part.why, frozen=True, blind=True)
    return None
