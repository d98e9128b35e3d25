"""Moves of a Canary that is being deleted."""

from __future__ import annotations

from dataclasses import replace

from canary.rollout import texts
from canary.rollout.moves.base import moved, quiet
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.verdict import Done, Leave
from canary.rollout.view import View


def leave(view: View, verdict: Leave) -> Record:
    """No more rollouts: traffic goes to the primary, but for a canary that a failed promotion left
    as what serves users."""
    record = moved(view, verdict).unbound()
    failed_promotion = record.stage is Stage.FAILED and record.weight > 0 and not record.falls
    if not failed_promotion:
        record = quiet(view, record, 0)
    record = replace(record, leaving_since=view.now.wall, scale_target=None)
    if not verdict.reverts:
        return replace(record, stage=Stage.TERMINATED)
    return replace(record, stage=Stage.TERMINATING).say(texts.terminating(view.name))


def left(view: View, verdict: Done) -> Record:
    """What the engine changed is given back."""
    record = replace(moved(view, verdict), stage=Stage.TERMINATED)
    return record.say(texts.terminated(view.name))
