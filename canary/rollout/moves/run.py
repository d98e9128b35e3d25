"""Moves of a run under analysis, and its ends."""

from __future__ import annotations

from dataclasses import replace

from canary.rollout import alerts, texts
from canary.rollout.moves.base import moved, quiet
from canary.rollout.plan import step_at
from canary.rollout.record import Record, Run
from canary.rollout.stage import Stage
from canary.rollout.verdict import Advance, Count, Done, Lower, Repeat, Restart, Rollback
from canary.rollout.view import View


def restart(view: View, verdict: Restart) -> Record:
    """A run of another revision takes over at weight 0."""
    record = moved(view, verdict)
    ended = view.now.wall if record.weight > 0 else record.traffic_ended
    run = Run(
        verdict.revision,
        record.runs + 1,
        started=view.now.wall,
        waiting_since=view.now.wall,
        quiet_since=ended or view.run.quiet_since,
        recycle=verdict.recycle,
    )
    record = replace(
        quiet(view, record, 0),
        run=run,
        applied=verdict.revision,
        runs=record.runs + 1,
    )
    return record.say(texts.restarting(view.target_name))


def lower(view: View, verdict: Lower) -> Record:
    """Less traffic for the canary; counters stay, the walk goes on from the step below."""
    record = quiet(view, moved(view, verdict), verdict.weight)
    if record.run and record.stage is Stage.PROGRESSING:
        run = replace(
            record.run, step=step_at(view.steps, verdict.weight), polls=record.run.polls + 1
        )
        if verdict.weight == 0:
            run = replace(run, waiting_since=view.now.wall)
        record = replace(record, run=run)
    return record.say(verdict.text, warning=True) if verdict.text else record


def count(view: View, verdict: Count) -> Record:
    """One more failed check; the weight stays."""
    record, run = moved(view, verdict), view.run
    run = replace(
        run, failed_checks=run.failed_checks + 1, polls=run.polls + 1, measured=verdict.measured
    )
    return replace(record, run=run).say(
        verdict.failure.text, warning=True, error=verdict.failure.error
    )


def repeat(view: View, verdict: Repeat) -> Record:
    """The same step once more; the pass is kept for people to read."""
    record, run = moved(view, verdict), view.run
    return replace(record, run=replace(run, polls=run.polls + 1, measured=verdict.measured))


def advance(view: View, verdict: Advance) -> Record:
    """One planned step more for the canary."""
    record, run = moved(view, verdict), view.run
    run = replace(
        run,
        step=verdict.step,
        polls=run.polls + 1,
        waiting_since=None,
        measured=verdict.measured,
    )
    record = replace(record, run=run, weight=verdict.weight)
    if verdict.first:
        record = record.say(texts.starting(view.target_name))
    return record.say(texts.canary_weight(view.name, verdict.weight))


def reverted(view: View, verdict: Done) -> Record:
    """The run ends without a failure; the primary never changed."""
    record = quiet(view, moved(view, verdict), 0)
    record = replace(
        record,
        stage=Stage.SUCCEEDED,
        applied=record.promoted,
        run=replace(view.run, failed_checks=0),
        scale_target=0,
    )
    return record.say(texts.reverted(view.name, view.target_name))


def rollback(view: View, verdict: Rollback) -> Record:
    """All traffic to the primary at once; the target goes to zero when it has drained."""
    record = quiet(view, moved(view, verdict), 0)
    record = replace(record, stage=Stage.FAILED, scale_target=0)
    for text in verdict.texts:
        record = record.say(text, warning=True)
    alert = alerts.rolled_back(verdict.alert or verdict.reason, view.run, verdict.measured)
    return record.say(texts.failed(view.name), warning=True, alert=alert)
