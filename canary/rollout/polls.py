"""Polls of webhooks: one key stands for one question, and another one for what is asked again."""

from __future__ import annotations

from dataclasses import replace

from canary.api.hooks import HookType
from canary.rollout.record import Record
from canary.rollout.view import View


def broken_off(view: View, record: Record) -> Record:
    """``record`` after something came between: answers that were there are forgotten by it, so that
    what is asked next is another poll (S10)."""
    if record.run is not None and record.stage.running:
        return replace(record, run=replace(record.run, polls=record.run.polls + 1))
    if view.canary.spec.analysis.hooks(HookType.CONFIRM_ROLLOUT):
        return replace(record, confirms=record.confirms + 1)
    return record
