"""Moves of a Canary that waits for somebody's word."""

from __future__ import annotations

from dataclasses import replace

from canary.api.hooks import HookType
from canary.rollout import alerts, texts
from canary.rollout.moves.base import called, listened, moved, quiet
from canary.rollout.observed import Unknown
from canary.rollout.record import Record, Run
from canary.rollout.stage import Stage
from canary.rollout.stay import stayed
from canary.rollout.verdict import Await, Done, Rollback
from canary.rollout.view import View


def wait(view: View, verdict: Await) -> Record:
    """A gate is closed: told when the wait begins, and never again while it lasts."""
    record = moved(view, verdict)
    if verdict.hook is HookType.CONFIRM_ROLLOUT:
        record = listened(view, replace(record, confirms=record.confirms + 1))
    else:
        record = listened(view, record, begins=True)
        run = replace(
            view.run,
            polls=view.run.polls + 1,
            prepared=view.run.step < 0,
            stayed=stayed(view),
        )
        record = replace(record, run=replace(run, measured=verdict.measured or run.measured))
    told = view.record.awaits is verdict.hook
    record = replace(record, awaits=verdict.hook, stage=_stage(view, verdict.hook))
    if told or not verdict.text:
        return record
    alert = alerts.waiting(verdict.alert, verdict.revision or view.run.revision)
    return record.say(verdict.text, warning=True, alert=alert if verdict.alert else None)


def _stage(view: View, hook: HookType) -> Stage:
    if hook is HookType.CONFIRM_ROLLOUT:
        return Stage.WAITING
    return Stage.WAITING_PROMOTION if hook is HookType.CONFIRM_PROMOTION else view.record.stage


def refused(view: View, verdict: Rollback) -> Record:
    """A rollout that somebody rejects before it begins: its revision counts as failed (D10)."""
    record, revision = quiet(view, moved(view, verdict), 0).unbound(), view.revision
    if isinstance(revision, Unknown):
        raise AssertionError("a rollout of an unknown revision can't be rejected")
    run = Run(revision, record.runs + 1, started=view.now.wall, binding=view.binding)
    record = replace(
        record,
        stage=Stage.FAILED,
        run=run,
        runs=run.attempt,
        applied=revision,
        scale_target=0,
    )
    for text in verdict.texts:
        record = record.say(text, warning=True)
    alert = alerts.rolled_back(verdict.alert or verdict.reason, run, ())
    record = record.say(texts.failed(view.name), warning=True, alert=alert)
    return called(view, record)


def left(view: View, verdict: Done) -> Record:
    """The target is back at the promoted revision: nothing waits any more (D9)."""
    record = replace(
        quiet(view, moved(view, verdict), 0).unbound(),
        stage=Stage.SUCCEEDED,
        applied=view.record.promoted,
        scale_target=0,
    )
    return record.say(texts.reverted(view.name, view.target_name))
