"""Rules of webhooks on hand-made views: asked, answered, opened by hand, and when again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.api.hooks import HookType
from canary.rollout.questions import Gate, Known, Replies, Reply
from canary.rollout.record import Record, run_id
from canary.rollout.rules import gates
from canary.rollout.stage import Stage
from canary.rollout.verdict import Ask, Await, Hold, Rollback
from canary.rollout.view import View

YES, NO = Replies(yes=(Reply("gate"),)), Replies(no=(Reply("gate", "not yet"),))
UNREAD = make.target(make.UNSEEN)
WAITING = make.at_rest(Stage.WAITING, confirms=3, runs=1)


def look(record: Record, hook: HookType, said: Replies | None = None, **world: Any) -> View:
    """A look at a Canary with one webhook; ``said`` is its answer."""
    webhook = {"name": "gate", "url": "http://gate.test", "type": hook.value}
    seen = make.view(record, **world)
    seen = replace(seen, canary=make.canary(analysis={"webhooks": [webhook]}))
    waiting = record.stage is Stage.WAITING
    question = gates.gate(seen, hook, make.NEW if waiting else None)
    return replace(seen, answers={question: Known(said, make.MONO)} if said else {})


@pytest.mark.parametrize(
    ("ago", "approved", "until"),
    [
        (10.0, None, make.MONO - 10 + make.INTERVAL),
        (make.INTERVAL, None, None),
        (make.INTERVAL + 1, None, None),
        (None, None, None),
        (10.0, HookType.CONFIRM_ROLLOUT, None),
    ],
)
def test_a_closed_gate_is_asked_once_an_interval(
    ago: float | None, approved: HookType | None, until: float | None
) -> None:
    seen = make.view(replace(WAITING, approved=approved))
    found = gates.waited(replace(seen, evaluated_at=None if ago is None else make.MONO - ago))
    assert (found.until if isinstance(found, Hold) else None) == until


def test_a_gate_that_was_opened_by_hand_is_not_asked() -> None:
    record = make.running(weight=50, approved=HookType.CONFIRM_PROMOTION)
    assert gates.promotion(look(record, HookType.CONFIRM_PROMOTION)) is None
    other = replace(record, approved=HookType.CONFIRM_TRAFFIC_INCREASE)
    assert isinstance(gates.promotion(look(other, HookType.CONFIRM_PROMOTION)), Ask)


@pytest.mark.parametrize("muted", [True, False])
def test_a_closed_gate_alerts_unless_it_is_muted(muted: bool) -> None:
    no = Replies(no=(Reply("gate", "not yet", muted),))
    found = gates.promotion(look(make.running(weight=50), HookType.CONFIRM_PROMOTION, no))
    assert isinstance(found, Await)
    assert bool(found.alert) is not muted


def test_checks_without_an_answer_are_asked() -> None:
    assert isinstance(gates.checked(look(make.running(), HookType.ROLLOUT)), Ask)
    assert isinstance(gates.rollback_wanted(look(make.running(), HookType.ROLLBACK)), Ask)


def test_a_confirmed_run_is_not_confirmed_again() -> None:
    assert gates.confirmed_again(look(make.running(), HookType.CONFIRM_ROLLOUT)) is None
    replaced = make.running(unconfirmed=True)
    seen = look(replaced, HookType.CONFIRM_ROLLOUT)
    assert isinstance(gates.confirmed_again(seen), Ask)
    webhooks = [hook.model_dump(by_alias=True) for hook in seen.canary.spec.analysis.webhooks]
    once = make.canary(analysis={"engine": {"confirmRestart": False}, "webhooks": webhooks})
    assert gates.confirmed_again(replace(seen, canary=once)) is None


def test_the_wait_for_a_gate_holds_blindly_while_the_revision_is_unknown() -> None:
    unread = look(WAITING, HookType.ROLLBACK, YES, target=UNREAD)
    for found in (gates.left(unread), gates.rollback_wanted(unread)):
        assert found == Hold(make.UNSEEN.why, blind=True)


def test_a_run_can_be_rolled_back_whatever_its_target_is_by_now() -> None:
    seen = look(make.running(), HookType.ROLLBACK, YES, target=UNREAD)
    assert isinstance(gates.rollback_wanted(seen), Rollback)
    assert gates.rollback_wanted(make.view(make.running(), target=UNREAD)) is None


def test_the_wait_is_rolled_back_under_the_name_of_the_run_to_come() -> None:
    seen = look(WAITING, HookType.ROLLBACK, YES, target=make.target(make.NEW))
    assert gates.gate(seen, HookType.ROLLBACK, make.NEW) == Gate(
        run_id(make.NEW, 2), HookType.ROLLBACK, 3
    )
    assert isinstance(gates.rollback_wanted(seen), Rollback)
    assert gates.rollback_wanted(look(WAITING, HookType.ROLLBACK, NO)) is not None


@pytest.mark.parametrize(
    ("run", "asks"),
    [
        ({"weight": 0, "step": -1}, True),
        ({"weight": 0, "step": -1, "prepared": True}, False),
        ({"weight": 0, "step": 0}, False),
    ],
)
def test_the_pre_rollout_hooks_are_asked_before_the_first_traffic_once(
    run: dict[str, Any], asks: bool
) -> None:
    found = gates.prepared(look(make.running(**run), HookType.PRE_ROLLOUT))
    assert isinstance(found, Ask) is asks


def test_the_rollout_hooks_are_asked_from_the_first_step_on() -> None:
    assert gates.checked(look(make.running(weight=0, step=-1), HookType.ROLLOUT)) is None
    assert isinstance(gates.checked(look(make.running(weight=0, step=0), HookType.ROLLOUT)), Ask)


def iterating(seen: View) -> View:
    """``seen`` of a Canary in Blue/Green, with the same webhooks."""
    webhooks = [hook.model_dump(by_alias=True) for hook in seen.canary.spec.analysis.webhooks]
    analysis = {"stepWeights": None, "iterations": 3, "webhooks": webhooks}
    return replace(seen, canary=make.canary(analysis=analysis))


def test_more_weight_needs_its_gate_and_iterations_and_mirrors_do_not() -> None:
    hook = HookType.CONFIRM_TRAFFIC_INCREASE
    assert isinstance(gates.traffic_increase(look(make.running(), hook)), Ask)
    assert gates.traffic_increase(look(make.running(mirror=True), hook)) is None
    assert gates.traffic_increase(iterating(look(make.running(iteration=1), hook))) is None


def test_the_gate_of_the_promotion_stands_at_the_end_and_before_the_switch() -> None:
    hook = HookType.CONFIRM_PROMOTION
    assert gates.promotion(look(make.running(weight=10), hook)) is None
    assert isinstance(gates.promotion(look(make.running(weight=50), hook)), Ask)
    before = iterating(look(make.running(weight=0, step=1, iteration=2), hook))
    assert gates.promotion(before) is None
    switch = iterating(look(make.running(weight=0, step=2, iteration=3), hook))
    assert isinstance(gates.promotion(switch), Ask)
