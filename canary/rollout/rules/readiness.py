"""Rules on the health of the two workloads, and how long a wait for it may last."""

from __future__ import annotations

from datetime import timedelta

from canary.rollout import alerts, texts
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Revision
from canary.rollout.settled import primary_resized
from canary.rollout.sizes import for_run
from canary.rollout.verdict import Hold, Refuse, Rollback, Scale, Tidy, Verdict
from canary.rollout.view import View
from canary.rollout.world import Readiness, Ready, Stuck, Waiting


def overdue(view: View) -> bool:
    """The wait for readiness has lasted longer than ``progressDeadlineSeconds`` (D6)."""
    since = view.run.waiting_since
    if since is None:
        return False
    return view.now.wall - since > timedelta(seconds=view.timing.deadline)


def _until(view: View) -> float:
    """When the deadline of the present wait is due, in monotonic seconds."""
    since = view.run.waiting_since
    waited = (view.now.wall - since).total_seconds() if since else 0.0
    return view.now.mono + max(0.0, view.timing.deadline - waited) + 0.001


def primary_readiness(view: View) -> Readiness:
    """Readiness of the primary; one that isn't there waits for its creation."""
    primary = view.world.primary
    prefix = texts.primary_unready(view.target_kind, view.primary_name)
    if not isinstance(primary, Present):
        return Waiting(f"{prefix}it does not exist")
    if isinstance(primary.value.readiness, Ready) and primary.value.endpoints == 0:
        return Waiting(f"{prefix}no ready endpoints")
    return primary.value.readiness


def canary_readiness(view: View) -> Readiness:
    """Readiness of the target; no ready endpoint is not ready, whatever its status says (D20)."""
    target = view.world.target
    prefix = texts.canary_unready(view.target_kind, view.target_name)
    if not isinstance(target, Present):
        return Waiting(f"{prefix}it does not exist")
    if isinstance(target.value.readiness, Ready) and target.value.endpoints == 0:
        return Waiting(f"{prefix}no ready endpoints")
    return target.value.readiness


def primary_ready(view: View) -> Verdict | None:
    """During the analysis: an unhealthy primary holds, one that stays so ends the run."""
    state = primary_readiness(view)
    if isinstance(state, Ready) or view.skip:
        return None
    if isinstance(state, Stuck) or overdue(view):
        return _expired(view, state.text)
    return Hold(state.text, text=state.text, waits=True, until=_until(view))


def canary_ready(view: View) -> Verdict | None:
    """During the analysis: an unready canary holds uncounted until the deadline ends the run."""
    state = canary_readiness(view)
    if isinstance(state, Ready):
        return _copied(view)
    if isinstance(state, Stuck) or overdue(view):
        deadline = int(view.timing.deadline)
        cause = texts.canary_overdue(view.target_kind, view.target_name, state.text, deadline)
        return _expired(view, cause)
    return Hold(state.text, text=state.text, waits=True, until=_until(view))


def _copied(view: View) -> Verdict | None:
    """The endpoints of a Service that was changed follow a moment later."""
    target = view.world.target
    since = target.value.copied_at if isinstance(target, Present) else None
    due = view.now.mono if since is None else since + view.timing.settle
    if view.now.mono >= due:
        return None
    return Hold(f"the endpoints of {view.target_name} settle", until=due)


def _expired(view: View, cause: str) -> Rollback:
    return Rollback(
        cause,
        texts=(cause, texts.deadline_exceeded(view.name, cause)),
        alert=alerts.deadline_exceeded(cause),
    )


def recovered(view: View) -> Verdict | None:
    """All is ready again: the next wait has a clock of its own."""
    run = view.run
    if run.waiting_since is not None and run.step >= 0:
        return Tidy("ready again")
    return None


def primary_promoted(view: View) -> Verdict | None:
    """While promoting, the primary must run the pinned template and be ready with it."""
    state = primary_readiness(view)
    if isinstance(state, Ready):
        behind = _behind(view)
        if not behind:
            return None
        prefix = texts.primary_unready(view.target_kind, view.primary_name)
        state = Waiting(f"{prefix}{behind}")
    if isinstance(state, Stuck) or overdue(view):
        return Refuse(state.text, cause=state.text)
    return Hold(state.text, text=state.text, waits=True, until=_until(view))


def _behind(view: View) -> str:
    """What the primary still lacks of the promotion, beside readiness; empty if nothing."""
    primary, meant, size = view.world.primary, view.record.primary, view.record.scale_primary
    if not isinstance(primary, Present) or meant is None or primary.value.runs != meant.template:
        return f"it does not run {meant} yet"
    if size and not primary_resized(view.world, size, autoscaled=view.autoscaled):
        return f"it has {primary.value.replicas} replicas instead of {size}"
    return ""


def recycled(view: View) -> Verdict | None:
    """A change of data alone: the pods go through zero, at weight 0, before they are judged."""
    run, target = view.run, view.world.target
    if not run.recycle or not isinstance(target, Present):
        return None
    if not view.drained:
        return Hold("draining before the pods are replaced", until=view.drained_at)
    if target.value.pods > 0 or target.value.replicas > 0:
        if view.record.scale_target == 0:
            return Hold("waiting for the old pods to end")
        return Scale("replacing the pods: only data changed", replicas=0)
    return Scale("starting pods with the new data", replicas=for_run(view), recycled=True)


def unmakable(view: View) -> Revision | None:
    """What the primary should run where it is gone, and the pin of its template with it."""
    meant = view.record.primary
    if not isinstance(view.world.primary, Absent) or meant is None:
        return None
    return None if meant.template in view.world.pins else meant


def restored(view: View) -> Verdict | None:
    """After a failed promotion the primary is given the promoted template back: when the target is
    back there, and when a newer revision could not start because the primary is stuck, or can't
    be made again."""
    record, revision = view.record, view.revision
    if isinstance(revision, Unknown) or record.primary == record.promoted:
        return None
    stuck = isinstance(primary_readiness(view), Stuck) or unmakable(view) is not None
    if revision != record.promoted and not (stuck and revision != record.primary):
        return None
    return Scale("the primary gets the promoted template back", restore=True)
