"""Moves of manual control."""

from __future__ import annotations

from dataclasses import replace

from canary.rollout import texts
from canary.rollout.intent import Action, Intent
from canary.rollout.moves.base import moved
from canary.rollout.plan import fingerprint
from canary.rollout.polls import broken_off
from canary.rollout.record import Record
from canary.rollout.rules.intents import subject
from canary.rollout.verdict import Decline, Hear, Heed
from canary.rollout.view import View


def hear(view: View, verdict: Hear) -> Record:
    """The request is on record, whatever becomes of its annotation."""
    request = verdict.request
    record = broken_off(view, view.record.delivered(view.delivered))
    if request is None:
        return replace(record, heard="")
    record = replace(record, heard=request.token)
    if request.action is None:
        return record.say(request.problem, warning=True)
    at = request.at or view.now.wall.isoformat(timespec="seconds")
    intent = Intent(request.action, request.by, request.reason, at, subject(view))
    record = replace(record, intent=intent)
    return record.say(texts.asked_for(view.name, str(intent)))


def heed(view: View, verdict: Heed) -> Record:
    """The run waits for something else than before."""
    record, intent = replace(moved(view, verdict), intent=None), verdict.intent
    if intent.action is Action.APPROVE and record.awaits is not None:
        return replace(record, approved=record.awaits)
    if intent.action is Action.APPROVE:
        plan, step = fingerprint(view.steps), view.run.step
        return replace(record, run=replace(view.run, plan=plan, approved_step=step))
    words = str(intent) if intent.action is Action.PAUSE else ""
    return replace(record, run=replace(view.run, paused=words))


def decline(view: View, verdict: Decline) -> Record:
    """The request is over without having been done."""
    record = replace(view.record.delivered(view.delivered), intent=None)
    return record.say(verdict.text, warning=True)
