"""Rules of a Canary at rest, and of one being set up."""

from __future__ import annotations

from canary.rollout import texts
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.questions import Availability, Known
from canary.rollout.record import Revision
from canary.rollout.rules.gates import confirmed
from canary.rollout.rules.readiness import primary_readiness
from canary.rollout.settled import settled
from canary.rollout.turn import Turn
from canary.rollout.verdict import Ask, Done, Hold, Note, Pin, Queue, Shift, Start, Tidy, Verdict
from canary.rollout.view import View
from canary.rollout.world import Dependency, Ready, Stuck

_TOLD_PLACES = 20
"""Places in the queue that are told exactly: each move of it is a write of the status."""


def pinned_first(view: View) -> Verdict | None:
    """The primary is made from a pinned template, so the pin is decided first.

    An existing primary that differs from the target is what users are served: it counts as the
    promoted revision, and the target as a change (D21).
    """
    revision, primary = view.revision, view.world.primary
    if isinstance(revision, Unknown):
        return Hold(revision.why)
    if view.record.primary is None:
        if isinstance(primary, Present) and not _equals_primary(view):
            return Pin("the primary exists already", Revision(primary.value.digest))
        return Pin("the primary starts as a copy of the target", revision)
    if revision != view.record.primary and _never_starts(view):
        return Pin("the target changed before the primary served", revision)
    return None


def _never_starts(view: View) -> bool:
    """The primary isn't there, has never served, or its own rollout is stuck.

    Behind a Service that selects other pods there is no rollout that could end by itself."""
    primary = view.world.primary
    if not isinstance(primary, Present):
        return isinstance(primary, Absent)
    picks = view.target_kind == "Service"
    nobody = primary.value.endpoints == 0 and (picks or not view.world.apex_ready)
    return nobody or isinstance(primary.value.readiness, Stuck)


def _equals_primary(view: View) -> bool:
    target = view.world.target
    return isinstance(target, Present) and target.value.same_as_primary


def availability(view: View) -> Verdict | None:
    """Metric providers are probed once; the answer is told and stops nothing."""
    if view.skip or view.record.metrics_checked:
        return None
    question = Availability(view.canary.metadata.generation)
    answer = view.answer(question)
    if not isinstance(answer, Known):
        return Ask("probing the metric providers", view.asking(question))
    if answer.value:
        return Note(
            answer.value, text=texts.providers_unavailable(answer.value), warning=True, error=True
        )
    return Note("metric providers answer", text=texts.PROVIDERS_AVAILABLE)


def primary_started(view: View) -> Verdict | None:
    """The target is never scaled down before the primary can serve (D22)."""
    state = primary_readiness(view)
    if isinstance(state, Ready):
        return None
    absent = isinstance(view.world.primary, Absent)
    return Hold(state.text, text="" if absent else state.text, urgent=True)


def apex_switched(view: View) -> Verdict | None:
    """Users' Service must select the primary before the target's pods go."""
    return None if view.world.apex_ready else Hold("the apex Service does not select the primary")


def initialized(view: View) -> Verdict | None:
    """All traffic is on the primary, and the target's own requests have drained."""
    if not view.drained:
        return Hold(route_wait(view), text=route_complaint(view), until=view.drained_at)
    return Done("the primary serves all traffic")


def route_wait(view: View) -> str:
    """Why the weight of record is not live."""
    route = view.world.route
    if not isinstance(route, Present):
        return route.why or "the route does not exist yet"
    if route.value.weight != view.record.weight:
        return f"the route carries {route.value.weight} % instead of {view.record.weight} %"
    if route.value.mirror != view.record.mirror:
        return "the route does not mirror yet" if view.record.mirror else "the route still mirrors"
    return route.value.why or f"weight {view.record.weight} settles"


def route_complaint(view: View) -> str:
    """What to announce when a route stays unconfirmed; empty while it merely settles."""
    route = view.world.route
    return route.value.why if isinstance(route, Present) else route.why


def changed(view: View) -> Verdict | None:
    """A revision that is neither promoted nor the last one seen starts a run.

    With an unhealthy primary it stays pending, and is not used up (D4)."""
    if view.revision in (view.record.promoted, view.record.applied):
        return None
    return begun(view)


def begun(view: View) -> Verdict | None:
    """The target's revision starts, once the primary is healthy, those that it depends on are at
    rest, it has its turn, and its gate is open."""
    revision, record = view.revision, view.record
    if isinstance(revision, Unknown):
        return Hold(revision.why, blind=True)
    state = primary_readiness(view)
    if not isinstance(state, Ready) and not view.skip:
        return Hold(f"{revision} is pending: {state.text}", text=state.text)
    for dependency in view.world.dependencies:
        if dependency.why:
            return _depends(view, dependency)
    if view.turn is not None and not view.turn.free:
        return _in_line(view, view.turn)
    closed = confirmed(view, revision)
    if closed is not None:
        return closed
    recycle = needs_recycling(view, revision, record.applied)
    return Start(f"{revision} is new", revision=revision, recycle=recycle)


def _depends(view: View, dependency: Dependency) -> Hold:
    """Another Canary goes first."""
    if dependency.problem:
        return Hold(dependency.why, text=dependency.why, urgent=True, problem=dependency.problem)
    text = texts.depends(view.name, dependency.name)
    return Hold(f"{text}: {dependency.why}", text=text, urgent=True, warning=False)


def _in_line(view: View, turn: Turn) -> Queue:
    """Other runs go first: a place in the queue, far back only roughly."""
    place = str(turn.place) if turn.place <= _TOLD_PLACES else f"behind {_TOLD_PLACES}"
    return Queue(
        f"place {place} in the queue: {turn.limit}", text=texts.queued(view.name, turn.limit)
    )


def needs_recycling(view: View, new: Revision, old: Revision | None) -> bool:
    """Running pods don't pick up new data: they do only when the template changes too."""
    target = view.world.target
    running = isinstance(target, Present) and (target.value.pods or target.value.replicas)
    return bool(running) and old is not None and new.template == old.template and new != old


def returning(view: View) -> Verdict | None:
    """Failed, and the return to the primary has lowered the route, but its record was refused."""
    record, ceiling = view.record, view.ceiling
    if ceiling is None or ceiling >= record.weight:
        return None
    if not record.primary == record.promoted == view.revision:
        return None
    return Shift("the promoted primary has the traffic again", weight=0)


def returned(view: View) -> Verdict | None:
    """Failed, and the target is back at the promoted revision: remembered, nothing runs (S48)."""
    revision, record = view.revision, view.record
    if revision != record.promoted:
        return None
    if record.weight > 0 and record.primary == record.promoted:
        return _back_to_primary(view)
    return Tidy("back at the promoted revision") if revision != record.applied else None


def _back_to_primary(view: View) -> Verdict:
    """The restored primary takes the traffic that a failed promotion left on the canary."""
    primary = view.world.primary
    runs = primary.value.runs if isinstance(primary, Present) else ""
    state = primary_readiness(view)
    if not isinstance(state, Ready):
        return Hold(state.text, text=state.text)
    if view.record.primary is None or runs != view.record.primary.template:
        return Hold("the primary does not run the promoted template yet")
    return Shift("the promoted primary is ready again", weight=0)


def at_rest(view: View) -> Verdict | None:
    """Nothing to do; what has been carried out leaves the record."""
    if view.record.queued is not None:
        return Tidy("there is nothing to queue for any more")
    if settled(view) != view.record:
        return Tidy("all commands are carried out")
    return Hold("waiting for a new revision")
