"""From the copy to the primary until the canary has drained (lifecycle.md 6.3, 6.4, 6.6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.rollout.decide import Decision, decide
from canary.rollout.observed import Unknown
from canary.rollout.record import Record
from canary.rollout.rules import promotion
from canary.rollout.stage import Stage
from canary.rollout.turn import Turn
from canary.rollout.verdict import Done, Hold, Lower, Refuse, Shift
from canary.rollout.view import View
from canary.rollout.world import Stuck

PROMOTING = make.running(Stage.PROMOTING, 50)
STUCK = make.primary(make.NEW.template, readiness=Stuck('deployment "x" is stuck'))
UNREAD = make.target(Unknown("a digest is being read"))


def stepped(by: int, record: Record = PROMOTING, **world: Any) -> View:
    """A look at a promotion with ``stepWeightPromotion``."""
    canary = make.canary(analysis={"stepWeightPromotion": by})
    return replace(make.view(record, **world), canary=canary)


def said(decision: Decision) -> list[str]:
    return [item.text for item in decision.record.outbox]


def test_all_traffic_returns_at_once() -> None:
    decision = decide(make.view(PROMOTING))
    assert decision.record.stage is Stage.FINALISING
    assert decision.record.weight == 0
    assert said(decision) == ["Routing all traffic to primary"]


def test_or_step_by_step() -> None:
    first = decide(stepped(30))
    assert (first.record.stage, first.record.weight) == (Stage.PROMOTING, 20)
    assert said(first) == ["Advance podinfo.test primary weight 80"]
    last = decide(stepped(30, first.record))
    assert (last.record.stage, last.record.weight) == (Stage.FINALISING, 0)
    assert said(last)[-1] == "Advance podinfo.test primary weight 100"


def test_the_first_step_back_comes_as_soon_as_the_primary_is_ready() -> None:
    route = make.route(50, matched_at=make.MONO)
    assert isinstance(promotion.shift(stepped(30, route=route)), Shift)


@pytest.mark.parametrize(("since", "moves"), [(0, False), (29, False), (30, True)])
def test_each_step_back_after_the_first_lasts_an_interval(since: float, moves: bool) -> None:
    record = make.running(Stage.PROMOTING, 50, shifts=1)
    route = make.route(50, matched_at=make.MONO - since)
    verdict = promotion.shift(stepped(30, record, route=route))
    assert isinstance(verdict, Shift) is moves
    if isinstance(verdict, Hold):
        assert verdict.until == make.MONO + 30 - since


@pytest.mark.parametrize("route", [make.GONE, make.route(10), make.route(50, confirmed=False)])
def test_a_step_back_waits_until_the_weight_before_is_live(route: object) -> None:
    assert isinstance(promotion.shift(stepped(30, route=route)), Hold)


@pytest.mark.parametrize("by", [0, 30])
def test_at_weight_0_nothing_is_left_to_shift(by: int) -> None:
    # D13: weight 0 -> Finalising
    record = make.running(Stage.PROMOTING, 0)
    assert promotion.shift(stepped(by, record, route=make.GONE)) == Shift("the primary is ready", 0)


def test_traffic_stays_until_the_primary_serves_the_new_revision() -> None:
    for primary in (make.primary(make.OLD.template), make.primary(make.NEW.template, endpoints=0)):
        decision = decide(make.view(PROMOTING, primary=primary))
        assert isinstance(decision.verdict, Hold)
        assert decision.record.weight == 50


def test_a_target_that_changes_while_it_carries_weight_loses_it() -> None:
    # D19: nobody judged what it serves now
    seen = make.view(PROMOTING, target=make.target(make.NEWER))
    assert isinstance(promotion.moved_on(seen), Lower)
    decision = decide(seen)
    assert decision.record.weight == 0
    assert decision.record.primary == make.NEW
    assert decision.record.stage is Stage.PROMOTING


@pytest.mark.parametrize(
    "world",
    [
        {},
        {"target": UNREAD},
        {"target": make.target(make.NEWER), "primary": make.primary(endpoints=0)},
    ],
    ids=["unchanged", "unknown", "nothing else serves"],
)
def test_else_it_keeps_its_weight(world: dict[str, Any]) -> None:
    assert promotion.moved_on(make.view(PROMOTING, **world)) is None


FINALISING = make.running(Stage.FINALISING, 0)


@pytest.mark.parametrize(
    ("route", "over"),
    [
        (make.route(0, matched_at=make.MONO - make.DRAIN), True),
        (make.route(0, matched_at=make.MONO - make.DRAIN + 0.1), False),
        (make.route(0, confirmed=None, matched_at=make.MONO - make.DRAIN), True),
        (make.route(0, confirmed=None, matched_at=make.MONO - make.SETTLE), False),
        (make.route(0, confirmed=False), False),
        (make.route(50), False),
        (make.GONE, False),
    ],
)
def test_a_promotion_ends_when_the_canary_has_drained(route: object, over: bool) -> None:
    # S8
    verdict = promotion.finished(make.view(FINALISING, route=route))
    assert isinstance(verdict, Done if over else Hold)


def test_a_settle_time_longer_than_the_drain_time_covers_it() -> None:
    route = make.route(0, confirmed=None, matched_at=make.MONO - 7)
    seen = make.view(FINALISING, route=route)
    slow = replace(seen, timing=replace(seen.timing, settle=8.0))
    assert isinstance(promotion.finished(seen), Done)
    assert isinstance(promotion.finished(slow), Hold)


LEFT = make.running(Stage.FAILED, 100)
"""A failed promotion: the canary passed, and serves everybody."""


def test_another_revision_than_the_one_that_passed_loses_its_traffic_to_a_ready_primary() -> None:
    # design.md: a target that changes while it carries weight
    seen = make.view(LEFT, target=make.target(make.NEWER), primary=make.primary())
    gate = {"name": "gate", "url": "http://gate.test", "type": "confirm-rollout"}
    gated = replace(seen, canary=make.canary(analysis={"webhooks": [gate]}))
    queued = replace(seen, turn=Turn(free=False, place=1, limit="1 run"))
    for waiting in (gated, queued):
        decision = decide(waiting)
        assert isinstance(decision.verdict, Lower)
        assert (decision.record.stage, decision.record.weight) == (Stage.FAILED, 0)
        assert len(said(decision)) == 1
    at_once = decide(seen)
    assert (at_once.record.stage, at_once.record.weight) == (Stage.PROGRESSING, 0)


@pytest.mark.parametrize(
    ("world", "changes"),
    [
        # D3: a broken primary gets nothing.
        ({"primary": STUCK}, {}),
        ({"primary": make.primary(endpoints=0)}, {}),
        # What passed goes on serving, and so does what was promoted before.
        ({"target": make.target(make.NEW)}, {}),
        ({"target": make.target(make.OLD)}, {}),
        ({"target": make.target(Unknown("being read"))}, {}),
        ({}, {"weight": 0}),
        ({}, {"run": replace(LEFT.run, falling=True)}),
    ],
)
def test_and_only_then(world: dict[str, Any], changes: dict[str, Any]) -> None:
    facts = {"target": make.target(make.NEWER), "primary": make.primary(), **world}
    seen = make.view(replace(LEFT, **changes), **facts)
    queued = replace(seen, turn=Turn(free=False, place=1, limit="1 run"))
    assert decide(queued).rule != promotion.unjudged.__name__


def test_the_end_of_a_promotion() -> None:
    decision = decide(make.view(FINALISING))
    record = decision.record
    assert record.stage is Stage.SUCCEEDED
    assert record.promoted == record.primary == record.applied == make.NEW
    assert record.scale_target == 0
    assert said(decision) == ["Promotion completed! Scaling down podinfo.test"]


def test_the_end_of_a_skipped_analysis_says_so() -> None:
    decision = decide(make.view(make.running(Stage.FINALISING, 0, skipped=True)))
    assert said(decision) == ["Promotion completed! Canary analysis was skipped for podinfo.test"]


def test_a_skipped_analysis_waits_for_the_primary_too() -> None:
    # D44
    record = make.running(Stage.FINALISING, 0, skipped=True)
    decision = decide(make.view(record, primary=make.primary(make.NEW.template, endpoints=0)))
    assert isinstance(decision.verdict, Hold)
    assert decision.record.scale_target is None


@pytest.mark.parametrize("stage", [Stage.PROMOTING, Stage.FINALISING])
def test_a_failed_promotion_leaves_the_traffic_on_the_canary(stage: Stage) -> None:
    weight = 50 if stage is Stage.PROMOTING else 0
    decision = decide(make.view(make.running(stage, weight), primary=STUCK))
    assert isinstance(decision.verdict, Refuse)
    record = decision.record
    assert (record.stage, record.weight) == (Stage.FAILED, 100)
    assert record.promoted == make.OLD
    assert record.scale_target is None
    cause = 'deployment "x" is stuck'
    assert said(decision) == [
        cause,
        f"Promotion of podinfo.test failed, primary not ready: {cause}",
    ]
    assert all(item.warning for item in record.outbox)


@pytest.mark.parametrize(
    "target",
    [make.target(make.NEWER), UNREAD, make.target(endpoints=0), make.GONE],
    ids=["another revision", "unknown revision", "no endpoints", "gone"],
)
def test_unless_the_canary_is_not_what_passed_or_cannot_serve(target: object) -> None:
    # providers.md D24; S6
    seen = make.view(make.running(Stage.FINALISING, 0), primary=STUCK, target=target)
    record = decide(seen).record
    assert (record.stage, record.weight) == (Stage.FAILED, 0)


def test_a_target_without_traffic_may_change() -> None:
    changed = make.view(make.running(Stage.PROMOTING, 0), target=make.target(make.NEWER))
    assert promotion.moved_on(changed) is None


def test_each_step_back_to_the_primary_is_live_before_the_next() -> None:
    by_20 = make.canary(analysis={"stepWeightPromotion": 20})
    settling = make.route(50, confirmed=None, matched_at=make.MONO - 0.5)
    hold = promotion.shift(replace(make.view(PROMOTING, route=settling), canary=by_20))
    assert isinstance(hold, Hold)
    assert hold.until == make.MONO - 0.5 + make.SETTLE


def test_the_end_is_looked_at_when_the_canary_has_drained() -> None:
    hold = promotion.finished(make.view(FINALISING, route=make.route(0, matched_at=make.MONO - 1)))
    assert isinstance(hold, Hold)
    assert hold.until == make.MONO - 1 + make.DRAIN


@pytest.mark.parametrize("primary", [make.primary(""), make.GONE])
def test_a_judged_template_that_is_lost_is_promoted_no_more(primary: Any) -> None:
    lost = {"pins": frozenset({make.OLD.template}), "target": make.target(make.NEWER)}
    record = make.running(Stage.PROMOTING, weight=0)
    assert isinstance(promotion.unpinned(make.view(record, primary=primary, **lost)), Refuse)


def test_what_came_after_a_lost_template_has_its_turn() -> None:
    # Nobody can finish it: without this what Git applies next waits for ever (simulation).
    lost = {"pins": frozenset({make.OLD.template}), "target": make.target(make.NEWER)}
    record = make.running(Stage.PROMOTING, weight=0)
    decision = decide(make.view(record, primary=make.primary(""), **lost))
    assert isinstance(decision.verdict, Refuse)
    assert (decision.record.stage, decision.record.weight) == (Stage.FAILED, 0)
    cause = "the judged template e1-new is not pinned any more, and podinfo.test has another one"
    assert said(decision)[0] == cause
    after = decide(make.view(decision.record, primary=make.primary(""), **lost))
    assert (after.record.stage, after.record.applied) == (Stage.PROGRESSING, make.NEWER)


@pytest.mark.parametrize(
    "there",
    [
        {"pins": frozenset({make.NEW.template})},
        {"target": make.target(make.NEW)},
        {"primary": make.primary(make.NEW.template)},
        {"target": UNREAD},
    ],
)
def test_one_that_is_somewhere_is_not_lost(there: dict[str, Any]) -> None:
    lost = {"primary": make.primary(""), "pins": frozenset(), "target": make.target(make.NEWER)}
    record = make.running(Stage.PROMOTING, weight=0)
    assert promotion.unpinned(make.view(record, **(lost | there))) is None
