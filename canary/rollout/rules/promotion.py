"""Rules from the copy to the primary until the canary has drained."""

from __future__ import annotations

from canary.rollout import texts
from canary.rollout.observed import Present, Unknown
from canary.rollout.rules.readiness import primary_promoted, primary_readiness
from canary.rollout.rules.start import changed, route_complaint, route_wait
from canary.rollout.verdict import Done, Hold, Lower, Refuse, Shift, Start, Verdict
from canary.rollout.view import View
from canary.rollout.world import Ready


def moved_on(view: View) -> Verdict | None:
    """A target that changes while it carries weight serves what nobody judged: weight 0 at once."""
    revision = view.revision
    if isinstance(revision, Unknown) or revision == view.run.revision:
        return None
    if view.record.weight == 0 or view.world.primary_endpoints == 0:
        return None
    return Lower(f"the target became {revision} while it carried traffic", weight=0)


def unjudged(view: View) -> Verdict | None:
    """A failed promotion left the traffic on the canary. One that becomes another revision serves
    what nobody judged: a ready primary takes over at once, whatever the new run waits for.

    While the primary isn't ready, the canary keeps serving (D3).
    """
    record, revision = view.record, view.revision
    if record.weight == 0:
        return None
    if isinstance(revision, Unknown) or revision in (record.applied, record.promoted):
        return None
    if not isinstance(primary_readiness(view), Ready) or isinstance(changed(view), Start):
        return None
    return Lower(
        f"the target became {revision} while it carried traffic",
        weight=0,
        text=texts.unjudged(view.name),
    )


def unpinned(view: View) -> Verdict | None:
    """The judged template is gone, and the target, of which its pin could be made, has another one
    by now: the promotion can't be finished, and what came after it has its turn."""
    primary, meant = view.world.primary, view.run.revision
    if isinstance(view.revision, Unknown):
        return None
    runs = isinstance(primary, Present) and primary.value.runs == meant.template
    if runs or meant.template in view.world.pins or view.revision.template == meant.template:
        return None
    cause = texts.pin_lost(meant.template, view.target_name)
    return Refuse(cause, cause=cause)


def primary_again(view: View) -> Verdict | None:
    """The primary rolls over to the pinned template, within the progress deadline."""
    return primary_promoted(view)


def shift(view: View) -> Verdict | None:
    """Traffic returns to the primary: at once, or by ``stepWeightPromotion`` an interval a step.

    At weight 0 nothing is left to shift (D13).
    """
    weight, by = view.record.weight, view.canary.spec.analysis.step_weight_promotion
    if weight == 0 or by <= 0:
        return Shift("the primary is ready", weight=0)
    at = view.live_at
    if at is None or view.now.mono < at:
        return Hold(route_wait(view), text=route_complaint(view), until=at)
    due = at + view.timing.interval
    if view.run.shifts > 0 and view.now.mono < due:
        return Hold(f"primary at weight {100 - weight}", until=due)
    return Shift("the primary is ready for more", weight=max(0, weight - by))


def finished(view: View) -> Verdict | None:
    """The canary's last requests have ended."""
    if not view.drained:
        return Hold(route_wait(view), text=route_complaint(view), until=view.drained_at)
    return Done("the primary serves all traffic with the new revision")
