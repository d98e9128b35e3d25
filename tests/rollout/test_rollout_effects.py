"""Each move of each stage: what is of record after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter
from typing import Any

import factory as make
import pytest
from circumstances import EDITED, HELD, NO, Circumstances, here, look

from canary.api.hooks import HookType
from canary.rollout import texts
from canary.rollout.announcement import Announcement
from canary.rollout.decide import decide
from canary.rollout.intent import Action
from canary.rollout.moves import MOVES
from canary.rollout.observed import Absent
from canary.rollout.questions import Availability, Known
from canary.rollout.record import Run
from canary.rollout.rules import RULES
from canary.rollout.stage import Stage
from canary.rollout.turn import Turn
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
from canary.rollout.view import Held
from canary.rollout.world import Stuck

Effect = tuple[Stage, type[Verdict], Circumstances, dict[str, Any]]

QUEUED = Circumstances(view={"turn": Turn(False, 2, "1 run at a time")})
GATED = Circumstances(hooks={HookType.CONFIRM_ROLLOUT: NO})
STUCK = Circumstances(primary={"readiness": Stuck("stuck")})
PROBES = Circumstances(
    record={"metrics_checked": False}, view={"answers": {Availability(3): Known("", 0.0)}}
)
TOLD = Circumstances(
    record={"outbox": (Announcement(1, "told"),)}, view={"delivered": frozenset({1})}
)


def anywhere(stage: Stage) -> Iterator[Effect]:
    """What every stage knows before the Canary goes."""
    yield stage, Hold, here(stage, "suspended"), {"hold": texts.SUSPENDED, "stage": stage}
    mended = Circumstances(record={"problem": "InvalidSpec", "hold": "wrong"})
    yield stage, Tidy, mended, {"problem": "", "hold": "", "stage": stage, "outbox": ()}
    heard = {"heard": "token", "intent.action": Action.PAUSE, "stage": stage}
    yield stage, Hear, here(stage, "requested"), heard
    yield stage, Decline, here(stage, "outdated"), {"intent": None, "heard": "", "stage": stage}
    gone = {"stage": Stage.TERMINATED, "leaving_since": make.WALL, "weight": 0}
    yield stage, Leave, here(stage, "deleted"), gone


def served(stage: Stage) -> Iterator[Effect]:
    """Where a run is, or was, bound to names."""
    free = stage.idle or stage is Stage.WAITING
    binding = {"run.binding": None} if free else {"run.asked": EDITED, "run.binding": HELD}
    edited = BOUND | Circumstances(world={"parted": free})
    yield stage, Rebind, edited, binding | {"stage": stage}


BOUND = Circumstances(
    record={"run": Run(make.NEW, step=0, binding=HELD), "weight": 0}, world={"wanted": EDITED}
)
UNROUTED = BOUND | Circumstances(record={"weight": 10}, world={"route": Absent()})


def at_rest(stage: Stage) -> Iterator[Effect]:
    changed = here(stage, "changed")
    started = {"stage": Stage.PROGRESSING, "run.revision": make.NEW, "applied": make.NEW}
    yield stage, Start, changed, started
    anew = {"stage": Stage.INITIALIZING, "primary": make.NEWER, "run": None, "weight": 0}
    yield stage, Pin, here(stage, "lost"), anew
    yield stage, Queue, changed | QUEUED, {"stage": stage, "queued": make.WALL}
    waits = {"stage": Stage.WAITING, "awaits": HookType.CONFIRM_ROLLOUT, "confirms": 1}
    yield stage, Await, changed | GATED, waits
    yield stage, Lower, here(stage, "lowered"), {"stage": stage, "weight": 0}


def judged(stage: Stage) -> Iterator[Effect]:
    def found(kind: type[Verdict], rule: str, **of_record: Any) -> Effect:
        names = {name.replace("__", "."): value for name, value in of_record.items()}
        return stage, kind, here(stage, rule), names

    progressing = {"stage": Stage.PROGRESSING, "weight": 0}
    yield found(Restart, "superseded", run__revision=make.NEWER, run__attempt=2, **progressing)
    yield found(Lower, "lowered", run__step=-1, run__attempt=1, **progressing)
    yield found(
        Await,
        "promotion",
        awaits=HookType.CONFIRM_PROMOTION,
        stage=Stage.WAITING_PROMOTION,
        run__polls=1,
        run__failed_checks=0,
    )
    yield found(Heed, "heeded", intent=None, run__paused="pause by ann at now", stage=stage)
    yield found(Count, "checks", run__failed_checks=1, run__polls=1, weight=10, stage=stage)
    yield found(
        Repeat, "kept_paused", run__failed_checks=0, run__polls=1, weight=10, stage=stage, outbox=()
    )
    yield found(Advance, "step", weight=50, run__step=1, run__polls=1, run__failed_checks=0)
    yield found(Scale, "recycled", scale_target=0, weight=10, run__recycle=True, stage=stage)
    promoting = {"stage": Stage.PROMOTING, "weight": 10}
    yield found(Promote, "asked_to_promote", primary=make.NEW, promoted=make.OLD, **promoting)
    failed = {"stage": Stage.FAILED, "weight": 0, "scale_target": 0}
    yield found(Rollback, "threshold", applied=make.NEW, **failed)
    ended = {"stage": Stage.SUCCEEDED, "weight": 0, "scale_target": 0}
    yield found(Done, "reverted", applied=make.OLD, promoted=make.OLD, **ended)


def alone() -> Iterator[Effect]:
    """What only one stage knows."""
    stage = Stage.INITIALIZING
    same = here(stage, "pinned_first") | Circumstances(target={"same_as_primary": True})
    yield stage, Pin, same, {"stage": stage, "primary": make.OLD, "promoted": make.OLD}
    yield stage, Note, PROBES, {"stage": stage, "metrics_checked": True}
    yield stage, Done, Circumstances(), {"stage": Stage.INITIALIZED, "scale_target": 0}
    stage = Stage.FAILED
    yield stage, Scale, here(stage, "restored"), {"stage": stage, "primary": make.OLD}
    back = {"stage": stage, "weight": 0, "applied": make.OLD, "scale_target": 0}
    yield stage, Shift, here(stage, "returning"), back
    fallen = {"stage": stage, "weight": 0, "scale_target": 0, "run.falling": False}
    yield stage, Fall, here(stage, "falling"), fallen
    stage = Stage.PROMOTING
    yield stage, Lower, here(stage, "dead"), {"stage": stage, "weight": 0, "run.shifts": 0}
    shifted = {"stage": Stage.FINALISING, "weight": 0, "run.shifts": 1}
    yield stage, Shift, Circumstances(), shifted
    yield stage, Refuse, STUCK, {"stage": Stage.FAILED, "weight": 100}
    stage = Stage.FINALISING
    fallen = {"stage": stage, "weight": 0}
    yield stage, Lower, UNROUTED, fallen
    yield Stage.WAITING, Lower, UNROUTED, {"stage": Stage.WAITING, "weight": 0}
    succeeded = {"stage": Stage.SUCCEEDED, "promoted": make.NEW, "scale_target": 0}
    yield stage, Done, Circumstances(), succeeded
    yield stage, Refuse, STUCK, {"stage": Stage.FAILED, "promoted": make.OLD, "weight": 100}


def waiting() -> Iterator[Effect]:
    stage = Stage.WAITING
    started = {"stage": Stage.PROGRESSING, "run.revision": make.NEW, "awaits": None}
    yield stage, Start, Circumstances(), started
    yield stage, Queue, QUEUED, {"stage": stage, "queued": make.WALL}
    closed = {"stage": stage, "awaits": HookType.CONFIRM_ROLLOUT, "confirms": 1}
    yield stage, Await, GATED, closed
    opened = {"stage": stage, "approved": HookType.CONFIRM_ROLLOUT, "intent": None}
    yield stage, Heed, here(stage, "heeded"), opened
    rejected = {"stage": Stage.FAILED, "run.revision": make.NEW, "applied": make.NEW}
    yield stage, Rollback, here(stage, "rollback_wanted"), rejected
    left = {"stage": Stage.SUCCEEDED, "applied": make.OLD, "scale_target": 0}
    yield stage, Done, here(stage, "left"), left


def leaving() -> Iterator[Effect]:
    stage = Stage.TERMINATING
    long = Circumstances(view={"held": Held("serving", make.MONO - 100)})
    text = texts.still_leaving("podinfo.test", "it is not ready")
    yield stage, Hold, here(stage, "serving") | long, {"stage": stage, "hold": text}
    yield stage, Scale, here(stage, "sized"), {"stage": stage, "scale_target": 2}
    yield stage, Done, Circumstances(), {"stage": Stage.TERMINATED, "scale_target": None}
    yield Stage.TERMINATED, Tidy, TOLD, {"stage": Stage.TERMINATED, "outbox": ()}


BINDING = [stage for stage, row in RULES.items() if "edited" in {rule.__name__ for rule in row}]
EFFECTS: list[Effect] = [
    *(effect for stage in Stage if not stage.leaving for effect in anywhere(stage)),
    *(effect for stage in Stage if stage in BINDING for effect in served(stage)),
    *(effect for stage in Stage if stage.idle for effect in at_rest(stage)),
    *(effect for stage in Stage if stage.judged for effect in judged(stage)),
    *alone(),
    *waiting(),
    *leaving(),
]
NOTHING = {(stage, Ask) for stage in Stage} | {(Stage.TERMINATED, Hold)}
"""Moves that leave the record as it is."""


@pytest.mark.parametrize(
    ("stage", "kind", "under", "after"),
    EFFECTS,
    ids=[f"{stage}-{kind.__name__}" for stage, kind, _, _ in EFFECTS],
)
def test_a_move_leaves_this_of_record(
    stage: Stage, kind: type[Verdict], under: Circumstances, after: dict[str, Any]
) -> None:
    seen = look(stage, under)
    decision = decide(replace(seen, answers={**seen.answers, **under.view.get("answers", {})}))
    assert type(decision.verdict) is kind
    assert {name: attrgetter(name)(decision.record) for name in after} == after


@pytest.mark.parametrize("stage", Stage)
def test_no_move_is_left_out(stage: Stage) -> None:
    shown = {kind for at, kind, _, _ in EFFECTS if at is stage}
    assert set(MOVES[stage]) - shown == {kind for at, kind in NOTHING if at is stage} & set(
        MOVES[stage]
    )
