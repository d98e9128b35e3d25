"""Rules of edits that have to wait until the route, or the workload, isn't in use any more."""

from __future__ import annotations

from canary.rollout import texts
from canary.rollout.binding import Binding, differences
from canary.rollout.observed import Absent
from canary.rollout.stage import Stage
from canary.rollout.verdict import Lower, Rebind, Verdict
from canary.rollout.view import View


def edited(view: View) -> Verdict | None:
    """The edit is told once, and counts when what it replaces carries nothing any more."""
    run, wanted = view.record.run, view.world.wanted
    if run is None or run.binding is None or wanted is None:
        return None
    what = ", ".join(map(" ".join, differences(run.binding, wanted)))
    if _free(view):
        return Rebind(what, binding=_next(view, wanted), text=texts.rebound(view.name, what))
    if isinstance(view.world.route, Absent) and view.record.weight > 0 and _may_fall(view):
        return Lower(f"its route is gone: {what}", weight=0, text=texts.unrouted(view.name))
    if run.asked == wanted:
        return None
    return Rebind(what, binding=run.binding, asked=wanted, text=texts.bound(view.name, what))


def _free(view: View) -> bool:
    """Nothing leads to the canary any more; and the run and its commands have ended, or can't, as
    the route or the target is gone, or something else is wrong."""
    record, world = view.record, view.world
    if record.weight > 0 or not world.parted:
        return False
    if isinstance(world.target, Absent) or isinstance(world.route, Absent):
        return True
    command = record.scale_target is not None and not world.problems
    return not record.stage.running and not command


def _may_fall(view: View) -> bool:
    """After a failed promotion the canary is what serves."""
    return view.record.stage is not Stage.FAILED


def _next(view: View, wanted: Binding) -> Binding | None:
    """A run that goes on is bound to the new; at rest nothing is."""
    return wanted if view.record.stage.running else None
