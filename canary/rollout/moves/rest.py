"""Moves of a Canary that is being set up or at rest, up to the start of a run."""

from __future__ import annotations

from dataclasses import replace

from canary.rollout import alerts, texts
from canary.rollout.moves.base import listened, moved, primary_replicas, quiet
from canary.rollout.observed import Present, Unknown
from canary.rollout.record import Record, Run
from canary.rollout.sizes import for_run
from canary.rollout.stage import Stage
from canary.rollout.verdict import Done, Pin, Queue, Scale, Shift, Start
from canary.rollout.view import View


def pin(view: View, verdict: Pin) -> Record:
    """The revision that the primary starts with."""
    return replace(moved(view, verdict), primary=verdict.revision)


def anew(view: View, verdict: Pin) -> Record:
    """The Canary is set up again, by a revision that nothing can be compared with."""
    record = listened(view, moved(view, verdict)).unbound()
    record = quiet(view, record, 0)
    record = replace(record, stage=Stage.INITIALIZING, primary=verdict.revision, run=None)
    return record.say(verdict.reason, warning=True)


def initialized(view: View, verdict: Done) -> Record:
    """The primary serves; the target goes to zero."""
    record = moved(view, verdict)
    target, revision = view.world.target, view.revision
    replicas = target.value.replicas if isinstance(target, Present) else 0
    # A first template that is no longer the target's is promoted all the same: it serves. The
    # newer one is then a change like any other.
    serves = (
        record.primary if isinstance(revision, Unknown) or revision != record.primary else revision
    )
    return replace(
        record,
        stage=Stage.INITIALIZED,
        applied=serves,
        promoted=serves,
        primary=serves,
        primary_replicas=primary_replicas(view),
        scale_target=0 if replicas > 0 else None,
    ).say(texts.initialized(view.name), alert=alerts.initialized(view.canary.spec.target_ref.kind))


def queue(view: View, verdict: Queue) -> Record:
    """Its turn has not come: told when the wait begins, the place follows."""
    before, record = view.record.queued, moved(view, verdict)
    if before is not None:
        return replace(record, queued=before)
    return replace(record, queued=view.now.wall).say(verdict.text)


def start(view: View, verdict: Start) -> Record:
    """A run begins: the target is scaled up, counters are zero."""
    record = listened(view, moved(view, verdict)).unbound()
    target = view.world.target
    replicas = target.value.replicas if isinstance(target, Present) else 0
    run = Run(
        verdict.revision,
        record.runs + 1,
        # The wait for its gate has asked under its name already (S10).
        polls=record.confirms + 1 if record.confirms else 0,
        started=view.now.wall,
        waiting_since=view.now.wall,
        quiet_since=view.now.wall if record.weight > 0 else record.traffic_ended,
        recycle=verdict.recycle,
        binding=view.binding,
    )
    record = quiet(view, record, 0)
    record = replace(
        record,
        stage=Stage.PROGRESSING,
        run=run,
        applied=verdict.revision,
        scale_target=None if replicas > 0 else for_run(view),
        runs=record.runs + 1,
    )
    return record.say(texts.new_revision(view.target_name), alert=alerts.started(run))


def back_to_primary(view: View, verdict: Shift) -> Record:
    """In Failed: the restored primary serves again, the target goes to zero."""
    record = quiet(view, moved(view, verdict), 0)
    return replace(record, applied=record.promoted, scale_target=0).say(texts.TO_PRIMARY)


def scale(view: View, verdict: Scale) -> Record:
    """A command for a workload outside the steps."""
    record = moved(view, verdict)
    if verdict.restore:
        return replace(record, primary=record.promoted)
    run = replace(record.run, polls=record.run.polls + 1) if record.run else None
    if run and verdict.recycled:
        run = replace(run, recycle=False, waiting_since=view.now.wall)
    return replace(record, run=run, scale_target=verdict.replicas)
