"""Steps that somebody has to approve: asked for once, given for one step of one plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest
from test_rollout_stays import at, judged, steps

from canary.rollout.announcement import Alert
from canary.rollout.decide import decide
from canary.rollout.intent import Action, Intent
from canary.rollout.plan import fingerprint, plan
from canary.rollout.verdict import Advance, Count, Heed, Promote, Repeat

GATED = steps({"weight": 10, "approval": True}, {"weight": 50, "approval": True})
PLAN = fingerprint(plan(GATED))


def test_an_approval_is_asked_for_once_and_waited_for_uncounted() -> None:
    first = judged(at(make.running(polls=4), GATED))
    assert isinstance(first.verdict, Repeat)
    (said,) = first.record.outbox
    assert said.text == "Halt podinfo.test advancement waiting for approval of step 1 at weight 10"
    assert said.warning
    assert said.alert == Alert(
        "warn",
        "Canary step 1 at weight 10 is waiting for approval.",
        evidence=(("Revision", "e1-new"),),
    )
    assert first.record.run is not None
    assert (first.record.run.failed_checks, first.record.run.polls) == (0, 5)
    again = judged(at(replace(first.record, outbox=()), GATED, live=60, judged=30))
    assert isinstance(again.verdict, Repeat)
    assert again.record.outbox == ()


@pytest.mark.parametrize(("approved", "moves"), [(-1, False), (0, True), (1, False)])
def test_an_approval_is_for_one_step(approved: int, moves: bool) -> None:
    decision = judged(at(make.running(approved_step=approved, plan=PLAN), GATED))
    assert isinstance(decision.verdict, Advance) is moves


@pytest.mark.parametrize(
    "edited",
    [
        # The same step has another number, lasts longer, has more pods, or leads elsewhere.
        ({"weight": 5}, {"weight": 10, "approval": True}, {"weight": 50}),
        ({"weight": 10, "approval": True, "duration": "20s"}, {"weight": 50, "approval": True}),
        ({"weight": 10, "approval": True, "replicas": 2}, {"weight": 50, "approval": True}),
        ({"weight": 10, "approval": True}, {"weight": 90}),
    ],
)
def test_an_approval_is_for_one_plan(edited: tuple[dict[str, Any], ...]) -> None:
    record = make.running(awaited_step=0, approved_step=0, plan=PLAN)
    asked = judged(at(record, steps(*edited)))
    assert isinstance(asked.verdict, Repeat)
    (said,) = asked.record.outbox
    assert "waiting for approval of step" in said.text
    assert asked.record.run is not None
    assert asked.record.run.approved_step == -1
    again = judged(at(replace(asked.record, outbox=()), steps(*edited), live=60, judged=30))
    assert (again.record.outbox, again.record.weight) == ((), 10)


def test_an_approval_after_an_edit_is_for_the_new_plan() -> None:
    edited = steps({"weight": 10, "approval": True}, {"weight": 90})
    intent = Intent(Action.APPROVE, "ann", "", "now", make.running().run.id)
    record = make.running(awaited_step=0, approved_step=0, plan=PLAN, intent=intent)
    heeded = decide(at(record, edited))
    assert isinstance(heeded.verdict, Heed)
    decision = judged(at(heeded.record, edited))
    assert isinstance(decision.verdict, Advance)
    assert decision.record.weight == 90


def test_the_last_step_is_approved_before_the_promotion() -> None:
    waiting = make.running(weight=50, approved_step=0, plan=PLAN)
    assert isinstance(judged(at(waiting, GATED)).verdict, Repeat)
    approved = make.running(weight=50, approved_step=1, plan=PLAN)
    assert isinstance(judged(at(approved, GATED)).verdict, Promote)


def test_checks_go_on_while_an_approval_is_awaited() -> None:
    seen = at(make.running(awaited_step=0, failed_checks=1), GATED, live=90, judged=30)
    decision = decide(make.answered(seen, make.failed()))
    assert isinstance(decision.verdict, Count)
    assert decision.record.run is not None
    assert decision.record.run.failed_checks == 2


def test_a_weight_that_was_lost_has_to_be_approved_anew() -> None:
    record = make.running(weight=50, approved_step=0, awaited_step=0, stayed=20.0)
    seen = at(record, GATED, target=make.target(endpoints=0))
    run = decide(seen).record.run
    assert run is not None
    assert (run.step, run.approved_step, run.awaited_step, run.stayed) == (-1, -1, -1, 0.0)
