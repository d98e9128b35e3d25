"""Moves of a run under analysis, and its ends."""

from __future__ import annotations

from dataclasses import replace

from canary.api.hooks import HookType
from canary.rollout import alerts, texts
from canary.rollout.affinity import handed_out
from canary.rollout.moves.base import called, listened, loaded, moved, quiet
from canary.rollout.plan import adaptations, fingerprint, step_at
from canary.rollout.record import Record, Run
from canary.rollout.rules.fall import next_weight
from canary.rollout.sizes import for_return
from canary.rollout.stage import Stage
from canary.rollout.stay import awaited, stayed
from canary.rollout.verdict import Advance, Count, Done, Fall, Lower, Repeat, Restart, Rollback
from canary.rollout.view import View


def restart(view: View, verdict: Restart) -> Record:
    """A run of another revision takes over at weight 0."""
    record = moved(view, verdict).unbound()
    ended = view.now.wall if loaded(view) else record.traffic_ended
    run = Run(
        verdict.revision,
        record.runs + 1,
        started=view.now.wall,
        waiting_since=view.now.wall,
        quiet_since=ended or view.run.quiet_since,
        recycle=verdict.recycle,
        binding=view.binding,
        unconfirmed=bool(view.canary.spec.analysis.hooks(HookType.CONFIRM_ROLLOUT)),
    )
    record = replace(
        quiet(view, record, 0),
        stage=Stage.PROGRESSING,
        run=run,
        applied=verdict.revision,
        runs=record.runs + 1,
    )
    return record.say(texts.restarting(view.target_name))


def lower(view: View, verdict: Lower) -> Record:
    """Less traffic for the canary; counters stay, the walk goes on from the step below."""
    record = quiet(view, moved(view, verdict), verdict.weight)
    if record.stage.judged:
        run = replace(
            view.run,
            step=step_at(view.steps, verdict.weight),
            # Iterations have all the traffic or none: they start over.
            iteration=0,
            polls=view.run.polls + 1,
            stayed=0.0,
            awaited_step=-1,
            approved_step=-1,
        )
        if verdict.weight == 0:
            run = replace(run, waiting_since=view.now.wall, prepared=False)
        record = replace(record, stage=Stage.PROGRESSING, run=run, awaits=None, approved=None)
    return record.say(verdict.text, warning=True) if verdict.text else record


def count(view: View, verdict: Count) -> Record:
    """One more failed check; the weight stays."""
    record, run = listened(view, moved(view, verdict), begins=True), view.run
    run = replace(
        run,
        failed_checks=run.failed_checks + 1,
        polls=run.polls + 1,
        stayed=stayed(view),
        unconfirmed=False,
        measured=verdict.measured,
    )
    return replace(record, run=run).say(
        verdict.failure.text, warning=True, error=verdict.failure.error
    )


def repeat(view: View, verdict: Repeat) -> Record:
    """The same step once more; the pass is kept for people to read."""
    record, run = listened(view, moved(view, verdict)), view.run
    run = replace(run, polls=run.polls + 1, measured=verdict.measured, stayed=stayed(view))
    if not verdict.text or awaited(view):
        return replace(record, run=run)
    run = replace(run, plan=fingerprint(view.steps), awaited_step=run.step, approved_step=-1)
    record = replace(record, run=run)
    alert = alerts.waiting(verdict.alert, run.revision)
    return record.say(verdict.text, warning=True, alert=alert)


def advance(view: View, verdict: Advance) -> Record:
    """One planned step more for the canary."""
    record, run = listened(view, moved(view, verdict), begins=True).unbound(), view.run
    step = view.steps[verdict.step]
    run = replace(
        run,
        step=verdict.step,
        iteration=step.iteration,
        tested=step.tested,
        polls=run.polls + 1,
        stayed=0.0,
        waiting_since=None,
        unconfirmed=False,
        measured=verdict.measured,
    )
    record = replace(record, run=run, weight=step.weight, mirror=step.mirror)
    if step.weight > 0:
        record = replace(
            record, affinity=handed_out(view.canary, run, record.affinity, view.traffic)
        )
    for text in adaptations(view.canary, view.traffic):
        record = record.say(text, warning=True)
    return record.say(step.text) if step.text else record


def reverted(view: View, verdict: Done) -> Record:
    """The run ends without a failure; the primary never changed."""
    record = quiet(view, moved(view, verdict), 0).unbound()
    record = replace(
        record,
        stage=Stage.SUCCEEDED,
        applied=record.promoted,
        run=replace(view.run, failed_checks=0),
        scale_target=0,
    )
    return record.say(texts.reverted(view.name, view.target_name))


def rollback(view: View, verdict: Rollback) -> Record:
    """Traffic to the primary, all of it at once if the spec doesn't ask for steps; the target goes
    to zero when it has drained."""
    record = _fallen(view, quiet(view, moved(view, verdict), next_weight(view)).unbound())
    record = replace(record, stage=Stage.FAILED)
    for text in verdict.texts:
        record = record.say(text, warning=True)
    alert = alerts.rolled_back(verdict.alert or verdict.reason, view.run, verdict.measured)
    record = record.say(texts.failed(view.name), warning=True, alert=alert)
    return called(view, record)


def fall(view: View, verdict: Fall) -> Record:
    """A step back to the primary; what led to it stays the reason."""
    record = _fallen(view, quiet(view, moved(view, verdict), verdict.weight))
    record = replace(record, reason=view.record.reason)
    return record.say(texts.falling(view.name, verdict.weight), warning=True)


def _fallen(view: View, record: Record) -> Record:
    """``record`` at the weight of a step back: the last one scales the target down, before the
    others a primary that is too small for all of it grows."""
    run = replace(view.run, falling=record.weight > 0)
    if not run.falling:
        return replace(record, run=run, scale_target=0)
    size = for_return(view)
    record = record if size is None else replace(record, scale_primary=size)
    return replace(record, run=run, scale_target=None)
