"""The table of moves: which verdict leads where, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from canary.rollout.moves import base, exits, gates, intents, promotion, rest, run
from canary.rollout.record import Record
from canary.rollout.speak import hold
from canary.rollout.stage import Stage
from canary.rollout.verdict import (
    Advance,
    Ask,
    Await,
    Count,
    Decline,
    Done,
    Fall,
    Hear,
    Heed,
    Hold,
    Leave,
    Lower,
    Note,
    Pin,
    Promote,
    Queue,
    Rebind,
    Refuse,
    Repeat,
    Restart,
    Rollback,
    Scale,
    Shift,
    Start,
    Tidy,
    Verdict,
)
from canary.rollout.view import View

Move = Callable[[View, Any], Record]
"""Takes the verdict of its row's kind, gives the record that follows."""

_ALWAYS: dict[type[Verdict], Move] = {
    Hold: hold,
    Ask: base.ask,
    Tidy: base.tidy,
    Hear: intents.hear,
    Decline: intents.decline,
    Leave: exits.leave,
}
_SERVED = _ALWAYS | {Rebind: base.rebind}
"""Where there has been a run, which is bound to names."""
_AT_REST = _SERVED | {
    Start: rest.start,
    Pin: rest.anew,
    Queue: rest.queue,
    Await: gates.wait,
    Lower: run.lower,
}

_JUDGED = _SERVED | {
    Restart: run.restart,
    Lower: run.lower,
    Await: gates.wait,
    Heed: intents.heed,
    Count: run.count,
    Repeat: run.repeat,
    Advance: run.advance,
    Scale: rest.scale,
    Promote: promotion.promote,
    Rollback: run.rollback,
    Done: run.reverted,
}

MOVES: Mapping[Stage, Mapping[type[Verdict], Move]] = {
    Stage.INITIALIZING: _ALWAYS | {Pin: rest.pin, Note: base.note, Done: rest.initialized},
    Stage.INITIALIZED: _AT_REST,
    Stage.SUCCEEDED: _AT_REST,
    Stage.FAILED: _AT_REST | {Scale: rest.scale, Shift: rest.back_to_primary, Fall: run.fall},
    Stage.PROGRESSING: _JUDGED,
    Stage.PROMOTING: _SERVED
    | {Lower: run.lower, Shift: promotion.shift, Refuse: promotion.promotion_failed},
    Stage.FINALISING: _SERVED
    | {Lower: run.lower, Done: promotion.succeeded, Refuse: promotion.promotion_failed},
    Stage.WAITING: _SERVED
    | {
        Start: rest.start,
        Queue: rest.queue,
        Await: gates.wait,
        Lower: run.lower,
        Heed: intents.heed,
        Rollback: gates.refused,
        Done: gates.left,
    },
    Stage.WAITING_PROMOTION: _JUDGED,
    Stage.TERMINATING: {Hold: hold, Scale: rest.scale, Done: exits.left},
    Stage.TERMINATED: {Hold: hold, Tidy: base.tidy},
}
