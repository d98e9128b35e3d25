"""What every move does to the record, and the moves that change no weight."""

from __future__ import annotations

from dataclasses import replace

from canary.api.hooks import HookType
from canary.rollout import texts
from canary.rollout.affinity import called_in
from canary.rollout.gates import FIRST, THEN, heard
from canary.rollout.observed import Present
from canary.rollout.polls import broken_off
from canary.rollout.record import Record
from canary.rollout.settled import settled
from canary.rollout.sizes import for_return
from canary.rollout.stage import Stage
from canary.rollout.verdict import Note, Rebind, Verdict
from canary.rollout.view import View


def moved(view: View, verdict: Verdict) -> Record:
    """The record as every real move leaves it: reason written, hold over, deliveries dropped."""
    record = settled(view)
    return replace(record, reason=verdict.reason, hold="", problem="", queued=None)


def quiet(view: View, record: Record, weight: int) -> Record:
    """``record`` at ``weight`` and without mirroring.

    A canary that loses all traffic has its cookies called in, and when it lost it is remembered; a
    primary that is too small for all of it grows alongside (D45).
    """
    if weight == 0:
        record = replace(record, affinity=called_in(record.affinity))
        if loaded(view):
            record = replace(record, traffic_ended=view.now.wall)
        size = for_return(view) if view.record.weight > 0 else None
        record = record if size is None else replace(record, scale_primary=size)
    return replace(record, weight=weight, mirror=False)


def loaded(view: View) -> bool:
    """Whether the canary has traffic: weighted, mirrored, or the test load of iterations."""
    record, run = view.record, view.record.run
    tested = run is not None and run.iteration > 0 and record.stage.running
    return record.weight > 0 or record.mirror or tested


def listened(view: View, record: Record, *, begins: bool = False) -> Record:
    """``record`` with what the hooks of this moment said.

    ``begins``: the analysis may begin with this poll, which is told where Flagger tells it.
    """
    for text in heard(view, FIRST):
        record = record.say(text)
    if begins and view.run.step < 0 and not view.run.prepared:
        record = record.say(texts.starting(view.target_name))
    for text in heard(view, THEN):
        record = record.say(text)
    return record


def called(view: View, record: Record) -> Record:
    """``record`` with the call of the post-rollout hooks, where there are any."""
    hooks = view.canary.spec.analysis.hooks(HookType.POST_ROLLOUT)
    return record.call(HookType.POST_ROLLOUT) if hooks else record


def primary_replicas(view: View) -> int:
    primary = view.world.primary
    return primary.value.replicas if isinstance(primary, Present) else 0


def ask(view: View, verdict: Verdict) -> Record:
    """Awaiting an answer changes nothing."""
    return view.record


def tidy(view: View, verdict: Verdict) -> Record:
    """What is done leaves the record; a revert in Failed is remembered (S48)."""
    record = replace(settled(view), hold="", problem="", queued=None)
    if view.record.queued is not None:
        record = replace(record, reason=verdict.reason)
    revision = view.revision
    if record.stage is Stage.FAILED and revision == record.promoted:
        record = replace(record, applied=record.promoted)
    if record.stage.judged and view.run.step >= 0:
        record = broken_off(view, replace(record, run=replace(view.run, waiting_since=None)))
    return record


def rebind(view: View, verdict: Rebind) -> Record:
    """The names of the spec count, or it is told that they don't yet."""
    record = settled(view)
    run = replace(view.run, binding=verdict.binding, asked=verdict.asked)
    record = replace(record, run=run)
    return record.say(verdict.text, warning=verdict.asked is not None)


def note(view: View, verdict: Note) -> Record:
    """The probe of the metric providers is told once."""
    record = replace(settled(view), metrics_checked=True)
    return record.say(verdict.text, warning=verdict.warning, error=verdict.error)
