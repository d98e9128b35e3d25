"""Rules of a Canary that is being deleted and reverts: the target serves before the primary goes.

In every phase, and never stuck: what is gone, or can serve nobody, is waited for no longer.
"""

from __future__ import annotations

from canary.rollout import texts
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.rules.readiness import canary_readiness
from canary.rollout.verdict import Done, Hold, Scale, Tidy, Verdict
from canary.rollout.view import View
from canary.rollout.world import Ready

TELLING = 5.0
"""Seconds that the last events get: in a namespace that ends, none can be written."""


def unseen(view: View) -> Verdict | None:
    """What can't be seen isn't deleted for."""
    for part in (view.world.target, view.world.primary):
        if isinstance(part, Unknown):
            return Hold(part.why, frozen=True)
    return None


def pointless(view: View) -> Verdict | None:
    """Without a target there is nothing to give back to: it was deleted, or its namespace is."""
    target = view.world.target
    if isinstance(target, Absent):
        return Done(f"{view.target_name} is gone")
    if isinstance(target, Present) and target.value.leaving:
        return Done(f"{view.target_name} is being deleted too")
    return None


def given_back(view: View) -> Verdict | None:
    """The target runs the promoted template again, never one that was rejected or is unproved.

    Where the template isn't known as the target had it (Flagger's primary was taken over), or
    somebody insists on another one until the deadline, it keeps its own (D35).
    """
    revision, promoted = view.revision, view.record.promoted
    if promoted is None or not view.world.original or overdue(view):
        return None
    if isinstance(revision, Unknown):
        return Hold(revision.why)
    if revision.template == promoted.template:
        return None
    return Hold(f"{view.target_name} gets the promoted template back", until=_until(view))


def overdue(view: View) -> bool:
    """The deletion has waited longer than ``progressDeadlineSeconds``."""
    since = view.record.leaving_since
    return since is not None and (view.now.wall - since).total_seconds() > view.timing.deadline


def _until(view: View) -> float:
    since = view.record.leaving_since or view.now.wall
    left = view.timing.deadline - (view.now.wall - since).total_seconds()
    return view.now.mono + left + 0.001


def sized(view: View) -> Verdict | None:
    """The target gets the pods that the primary has, once it has the right template."""
    target = view.world.target
    if not isinstance(target, Present) or target.value.replicas > 0:
        return None
    if view.record.scale_target:
        return None
    return Scale("the target serves by itself from now on", replicas=view.first_replicas)


def serving(view: View) -> Verdict | None:
    """The target is ready before anything leads to it. A primary that serves nobody is no reason
    to wait, nor one to which nothing leads, as the Canary was never set up."""
    state = canary_readiness(view)
    unborn = view.record.promoted is None and view.world.released
    if isinstance(state, Ready) or view.world.primary_endpoints == 0 or unborn:
        return None
    return Hold(state.text, text=texts.still_leaving(view.name, state.text))


def released(view: View) -> Verdict | None:
    """Apex Service and routes of others lead to the target again."""
    if view.world.released:
        return None
    return Hold("apex Service and routes are given back")


def may_release(view: View) -> bool:
    """Whether all may lead to the target again."""
    return all(rule(view) is None for rule in (unseen, pointless, given_back, sized, serving))


def drained(view: View) -> Verdict | None:
    """The last requests to the primary end before it goes."""
    since = view.held.since if view.held.rule == drained.__name__ else view.now.mono
    if view.now.mono >= since + view.timing.drain:
        return None
    return Hold("the primary drains", until=since + view.timing.drain)


def left(view: View) -> Verdict | None:
    """All is given back."""
    return Done("all is given back")


def told(view: View) -> Verdict | None:
    """The finalizer goes when the events are out, or can't be in time."""
    if view.record.delivered(view.delivered).outbox != view.record.outbox:
        return Tidy("told")
    since = view.held.since if view.held.rule == told.__name__ else view.now.mono
    # The finalizer may have gone, and the news of it not have come yet: no reason to look again.
    due = since + TELLING
    return Hold("terminated", until=due if due > view.now.mono else None)


def may_go(view: View) -> bool:
    """Whether the finalizer may be removed."""
    since = view.held.since if view.held.rule == told.__name__ else view.now.mono
    return not view.record.outbox or view.now.mono >= since + TELLING
