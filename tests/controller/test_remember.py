"""When a run was last judged, so that no step is shorter than its interval."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canary.api.hooks import HookType
from canary.controller.memory import Memory
from canary.controller.remember import overtaken, remember
from canary.rollout.decide import Decision
from canary.rollout.questions import CheckFailure
from canary.rollout.record import Record, Revision, Run
from canary.rollout.stage import Stage
from canary.rollout.verdict import (
    Advance,
    Await,
    Count,
    Hold,
    Lower,
    Repeat,
    Restart,
    Start,
    Verdict,
)
from canary.rollout.view import Held

NEW = Revision("two")
RUN = Run(NEW, step=1, awaited_step=1)
RECORD = Record(stage=Stage.PROGRESSING, weight=20, run=RUN)
APPROVED = replace(RECORD, run=replace(RUN, approved_step=1))
BEFORE, NOW = 10.0, 25.0


def judged(verdict: Verdict, after: Record, before: Record = RECORD) -> float | None:
    """When the run counts as judged after a decision."""
    memory = Memory(evaluated_at=BEFORE)
    held = Held("rule", 3.0)
    remember(memory, Decision(after, verdict, "rule", frozenset(), None, False, held), before, NOW)
    assert memory.held == held
    return memory.evaluated_at


@pytest.mark.parametrize(
    "verdict",
    [Advance("", 2), Await("", HookType.ROLLOUT), Count("", CheckFailure("no")), Repeat("")],
    ids=lambda verdict: type(verdict).__name__,
)
def test_a_step_that_was_judged_is_judged_again_an_interval_on(verdict: Verdict) -> None:
    assert judged(verdict, RECORD) == NOW
    for after in (replace(RECORD, weight=30), replace(RECORD, mirror=True)):
        assert judged(verdict, after) is None, "what users get has changed: nothing is known of it"


@pytest.mark.parametrize(
    "verdict",
    [Start("", NEW), Restart("", NEW), Lower("", 20)],
    ids=lambda verdict: type(verdict).__name__,
)
def test_a_run_that_begins_or_falls_back_was_not_judged(verdict: Verdict) -> None:
    assert judged(verdict, RECORD) is None


def test_an_approved_step_is_judged_once_more_at_once() -> None:
    assert judged(Hold(""), APPROVED) is None
    # Approved before, of another step, or of a run that is over: nothing happened just now.
    run = APPROVED.run
    assert run is not None
    elsewhere = replace(RECORD, run=replace(run, step=2))
    unasked = replace(RECORD, run=replace(run, awaited_step=0))
    over = replace(RECORD, run=None)
    for after, before in (
        (APPROVED, APPROVED),
        (RECORD, RECORD),
        (elsewhere, RECORD),
        (unasked, RECORD),
        (over, APPROVED),
        (APPROVED, over),
    ):
        assert judged(Hold(""), after, before) == BEFORE


def test_what_has_no_run_was_judged_by_nobody_else() -> None:
    at_rest = Record(stage=Stage.SUCCEEDED)
    memory = Memory(record=RECORD, evaluated_at=BEFORE)
    overtaken(memory, at_rest, NOW)
    assert memory.evaluated_at == BEFORE
    memory = Memory(record=at_rest, evaluated_at=None)
    overtaken(memory, RECORD, NOW)
    assert memory.evaluated_at == NOW, "another process began the run"
