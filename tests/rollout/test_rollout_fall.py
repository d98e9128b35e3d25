"""A rollback that goes by steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.api.canary import Canary
from canary.rollout.decide import Decision, decide
from canary.rollout.plan import Traffic
from canary.rollout.record import Record
from canary.rollout.rules.fall import next_weight
from canary.rollout.stage import Stage
from canary.rollout.status import present
from canary.rollout.verdict import Done, Fall, Hold, Lower, Rollback, Start, Tidy
from canary.rollout.view import View
from canary.rollout.world import Problem

BY_20 = make.canary(analysis={"engine": {"rollbackStepWeight": 20}})
FAILING = make.running(weight=50, failed_checks=3)


def look(record: Record, spec: Canary = BY_20, **parts: Any) -> View:
    return replace(make.view(record, **parts), canary=spec)


def fallen(weight: int, **changes: Any) -> Record:
    """A failed run on its way down."""
    return make.running(Stage.FAILED, weight, falling=True, failed_checks=3, **changes)


def texts(decision: Decision) -> list[str]:
    return [item.text for item in decision.record.outbox]


def test_a_rollback_takes_the_first_step_and_fails_at_once() -> None:
    decision = decide(look(FAILING))
    assert isinstance(decision.verdict, Rollback)
    record = decision.record
    assert (record.stage, record.weight, record.scale_target) == (Stage.FAILED, 30, None)
    assert record.run is not None
    assert record.run.falling
    status = present(record, "Deployment", {}, make.WALL)
    assert (status["phase"], status["canaryWeight"]) == ("Failed", 30)
    # api.md 5.1: Flagger's words, which are true in the end.
    message = status["conditions"][0]["message"]
    assert message == "Canary analysis failed, Deployment scaled to zero."
    (alert,) = [item.alert for item in record.outbox if item.alert]
    assert alert.severity == "error"


@pytest.mark.parametrize("by", [None, 0, 50, 100])
def test_a_step_that_covers_all_is_a_rollback_as_ever(by: int | None) -> None:
    engine = {} if by is None else {"rollbackStepWeight": by}
    record = decide(look(FAILING, make.canary(analysis={"engine": engine}))).record
    assert (record.stage, record.weight, record.scale_target) == (Stage.FAILED, 0, 0)
    assert record.run is not None
    assert not record.run.falling


@pytest.mark.parametrize(
    ("facts", "until"),
    [
        ({"route": make.route(30, matched_at=make.MONO - 4)}, make.MONO + 1),
        ({"route": make.route(50)}, None),
        ({"route": make.route(30, confirmed=False)}, None),
        ({"primary": make.primary(endpoints=0)}, None),
    ],
    ids=["draining", "not there yet", "unconfirmed", "primary dead"],
)
def test_each_step_is_live_and_drained_before_the_next(
    facts: dict[str, Any], until: float | None
) -> None:
    decision = decide(look(fallen(30), **facts))
    assert isinstance(decision.verdict, Hold)
    assert (decision.record.weight, decision.wake_at) == (30, until)


def test_it_falls_to_nothing_and_only_then_scales_down() -> None:
    first = decide(look(fallen(30, reason="2 failed checks")))
    assert isinstance(first.verdict, Fall)
    assert (first.record.weight, first.record.scale_target) == (10, None)
    assert first.record.reason == "2 failed checks"
    assert texts(first) == ["Rolling back podinfo.test canary weight 10"]
    last = decide(look(fallen(10)))
    assert (last.record.weight, last.record.scale_target) == (0, 0)
    assert last.record.run is not None
    assert not last.record.run.falling
    assert last.record.traffic_ended == make.WALL
    after = decide(look(last.record, target=make.target(replicas=0, pods=0, endpoints=0)))
    assert isinstance(after.verdict, Tidy)


def test_a_dead_canary_falls_at_once() -> None:
    dead = make.target(endpoints=0)
    started = decide(look(FAILING, target=dead)).record
    assert started.weight == 0
    midway = decide(look(fallen(30), target=dead))
    assert isinstance(midway.verdict, Lower)
    assert midway.record.weight == 0
    ended = decide(look(midway.record, target=dead)).record
    assert (ended.scale_target, ended.stage) == (0, Stage.FAILED)
    assert ended.run is not None
    assert not ended.run.falling


def test_another_revision_loses_its_weight_at_once_and_then_starts() -> None:
    newer = make.target(make.NEWER)
    pins = frozenset({make.OLD.template, make.NEWER.template})
    first = decide(look(fallen(30), target=newer, pins=pins))
    assert isinstance(first.verdict, Fall)
    assert first.record.weight == 0
    assert isinstance(decide(look(first.record, target=newer, pins=pins)).verdict, Start)


def test_a_revert_midway_ends_at_rest() -> None:
    reverted = make.target(make.OLD)
    first = decide(look(fallen(30), target=reverted)).record
    assert first.weight == 0
    assert decide(look(first, target=reverted)).record.applied == make.OLD


def test_a_problem_of_the_spec_leaves_no_traffic_on_a_failed_canary() -> None:
    decision = decide(look(fallen(30), problems=(Problem("InvalidSpec", "broken"),)))
    assert isinstance(decision.verdict, Fall)


def test_a_route_that_is_lower_already_is_not_raised() -> None:
    # After a restart: what is live is the ceiling.
    decision = decide(replace(look(fallen(30)), ceiling=10))
    assert isinstance(decision.verdict, Lower)
    assert decision.record.weight == 10
    assert isinstance(decide(look(decision.record)).verdict, Fall)


def test_a_field_that_is_removed_midway_ends_it() -> None:
    assert decide(look(fallen(30), make.PLAIN)).record.weight == 0


def test_what_is_not_weighted_falls_at_once() -> None:
    match = {"match": [{"headers": {"x": {"exact": "y"}}}], "iterations": 5, "stepWeights": None}
    by_condition = make.canary(analysis={"engine": {"rollbackStepWeight": 20}, **match})
    record = make.running(weight=100, iteration=2, failed_checks=3)
    assert decide(look(record, by_condition)).record.weight == 0
    unrouted = replace(look(record), traffic=Traffic(weights=False))
    assert decide(unrouted).record.weight == 0


def test_a_primary_too_small_for_all_grows_with_the_first_step() -> None:
    # D45
    small = make.primary(replicas=1, endpoints=1)
    record = decide(look(replace(FAILING, primary_replicas=3), primary=small)).record
    assert (record.weight, record.scale_primary) == (30, 3)


def test_a_failed_promotion_is_no_fall() -> None:
    record = make.at_rest(Stage.FAILED, weight=100, applied=make.NEW, primary=make.NEW)
    decision = decide(look(record, target=make.target(make.NEW)))
    assert not isinstance(decision.verdict, (Fall, Done))
    assert decision.record.weight == 100


@pytest.mark.parametrize(("ceiling", "weight"), [(50, 30), (30, 30), (10, 10), (0, 0)])
def test_a_rollback_whose_record_is_late_goes_on_from_the_route(ceiling: int, weight: int) -> None:
    decision = decide(replace(look(FAILING), ceiling=ceiling))
    assert isinstance(decision.verdict, Rollback)
    assert decision.record.weight == weight


def test_without_steps_a_fall_waits_for_nothing() -> None:
    undrained = make.route(50, confirmed=False)
    decision = decide(look(fallen(50), make.PLAIN, route=undrained))
    assert isinstance(decision.verdict, Fall)
    assert decision.record.weight == 0


def test_at_weight_0_nothing_is_left_to_drain() -> None:
    decision = decide(look(fallen(0), route=make.route(0, confirmed=False)))
    assert isinstance(decision.verdict, Fall)
    assert decision.record.run.falling is False


def test_a_revision_that_is_unknown_falls_by_steps_and_a_deletion_at_once() -> None:
    unread = make.target(make.UNSEEN)
    assert next_weight(look(fallen(50), target=unread)) == 30
    assert next_weight(look(fallen(50), deleted=True)) == 0
