"""Rules before all others: exits, safety, and what can't be known."""

from __future__ import annotations

from dataclasses import replace

import factory as make
import pytest

from canary.rollout.decide import decide
from canary.rollout.record import Record, Revision
from canary.rollout.rules import standing, start
from canary.rollout.stage import Stage
from canary.rollout.verdict import Hold, Lower, Shift, Tidy
from canary.rollout.world import Problem

PROBLEM = Problem("InvalidSpec", "spec.service.port is missing", error=True)


def test_a_canary_on_its_way_out_is_left_alone() -> None:
    # D34: no ticks once deletion began
    seen = make.view(make.running(), deleted=True)
    verdict = standing.deleted(seen)
    assert isinstance(verdict, Hold)
    assert verdict.frozen
    assert verdict.text == ""
    assert decide(seen).record == seen.record
    assert standing.deleted(make.view(make.running())) is None


def test_a_suspended_canary_is_frozen_and_says_so() -> None:
    # lifecycle.md 10: N, its text
    seen = replace(make.view(make.running()), canary=make.canary(suspend=True))
    decision = decide(seen)
    assert decision.frozen
    said = decision.record.outbox[-1]
    assert said.text == "skipping canary run as object is suspended"
    assert not said.warning
    assert standing.suspended(make.view(make.running())) is None


@pytest.mark.parametrize(
    ("ceiling", "weight"), [(49, 10), (10, 10), (9, 0), (0, 0)], ids=lambda value: str(value)
)
def test_a_run_steps_down_to_the_step_that_the_route_still_carries(
    ceiling: int, weight: int
) -> None:
    seen = replace(make.view(make.running(weight=50)), ceiling=ceiling)
    verdict = standing.lowered(seen)
    assert isinstance(verdict, Lower)
    assert verdict.weight == weight


def test_outside_of_an_analysis_the_live_weight_is_taken_as_it_is() -> None:
    seen = replace(make.view(make.running(Stage.PROMOTING, 50)), ceiling=30)
    verdict = standing.lowered(seen)
    assert isinstance(verdict, Lower)
    assert verdict.weight == 30


def test_a_return_to_the_primary_whose_record_was_refused_goes_on() -> None:
    # Found by simulation: the target kept its pods for ever, and nobody was told.
    record = make.at_rest(Stage.FAILED, weight=100, applied=make.NEW)
    seen = make.view(record, target=make.target(make.OLD), route=make.route(0), ceiling=0)
    assert isinstance(start.returning(seen), Shift)
    after = decide(seen).record
    assert (after.weight, after.scale_target, after.applied) == (0, 0, make.OLD)
    elsewhere = replace(seen, record=replace(record, primary=make.NEW))
    assert start.returning(elsewhere) is None


@pytest.mark.parametrize("ceiling", [None, 50, 80])
def test_a_route_that_is_not_below_the_record_lowers_nothing(ceiling: int | None) -> None:
    seen = replace(make.view(make.running(weight=50)), ceiling=ceiling)
    assert standing.lowered(seen) is None


@pytest.mark.parametrize("stage", [Stage.PROGRESSING, Stage.PROMOTING])
def test_a_canary_without_endpoints_loses_its_weight_at_once(stage: Stage) -> None:
    # providers.md D24
    seen = make.view(make.running(stage, 50), target=make.target(endpoints=0))
    decision = decide(seen)
    assert decision.rule == "dead"
    assert decision.record.weight == 0
    assert decision.record.stage is stage


def test_a_target_that_is_gone_serves_nobody() -> None:
    assert isinstance(standing.dead(make.view(make.running(), target=make.GONE)), Lower)


@pytest.mark.parametrize(
    "world",
    [
        {"target": make.target()},
        {"target": make.UNSEEN},
        {"target": make.target(endpoints=0), "primary": make.primary(endpoints=0)},
        {"target": make.target(endpoints=0), "primary": make.GONE},
    ],
    ids=["alive", "unknown", "no primary endpoints", "no primary"],
)
def test_weight_stays_where_a_canary_may_live_or_nothing_else_could_serve(
    world: dict[str, object],
) -> None:
    assert standing.dead(make.view(make.running(), **world)) is None


def test_a_canary_without_weight_may_be_without_endpoints() -> None:
    seen = make.view(make.running(weight=0), target=make.target(endpoints=0))
    assert standing.dead(seen) is None


def test_a_problem_holds_frozen_and_is_said_at_once_and_once() -> None:
    seen = make.view(make.running(), problems=(PROBLEM,))
    decision = decide(seen)
    assert decision.frozen
    assert decision.record.weight == seen.record.weight
    said = decision.record.outbox[-1]
    assert (said.text, said.warning, said.error) == (PROBLEM.text, True, True)
    assert decision.record.problem == "InvalidSpec"
    again = decide(make.view(decision.record, problems=(PROBLEM,)))
    assert again.record == decision.record


def test_a_problem_that_is_gone_leaves_the_record() -> None:
    record = make.running(hold=PROBLEM.text, problem=PROBLEM.reason)
    decision = decide(make.view(record))
    assert isinstance(decision.verdict, Tidy)
    assert (decision.record.hold, decision.record.problem) == ("", "")


@pytest.mark.parametrize("part", ["target", "primary", "route"])
@pytest.mark.parametrize(
    "stage",
    [Stage.INITIALIZING, Stage.SUCCEEDED, Stage.FAILED, Stage.PROGRESSING, Stage.PROMOTING],
)
def test_what_cannot_be_seen_holds_and_touches_nothing(stage: Stage, part: str) -> None:
    record = make.running(stage) if stage.running else make.at_rest(stage)
    seen = make.view(record, **{part: make.UNSEEN})
    decision = decide(seen)
    assert decision.rule == "unknown"
    assert decision.frozen
    assert decision.record == record


def test_a_route_that_does_not_exist_is_not_unknown() -> None:
    assert standing.unknown(make.view(make.running(), route=make.GONE)) is None


def test_only_traffic_of_a_test_that_is_none_any_more_is_taken_back() -> None:
    tested = make.running(weight=10, tested=True)
    assert isinstance(standing.widened(make.view(tested)), Lower)
    assert standing.widened(make.view(make.at_rest(Stage.FAILED, weight=10))) is None
    assert standing.widened(make.view(make.running(weight=0, step=-1, tested=True))) is None
    match = [{"headers": {"x-canary": {"exact": "yes"}}}]
    still = make.canary(analysis={"stepWeights": None, "iterations": 3, "match": match})
    assert standing.widened(replace(make.view(tested), canary=still)) is None


@pytest.mark.parametrize(
    ("record", "revision", "stopped"),
    [
        (make.running(), make.NEW, False),
        (make.at_rest(), make.NEW, False),
        (make.at_rest(), make.OLD, True),
        (make.running(Stage.FAILED, weight=0), make.NEW, True),
    ],
)
def test_what_a_promotion_ends_keeps_none_from_it(
    record: Record, revision: Revision, stopped: bool
) -> None:
    # Promoted data that is lost: the only way out was shut (found by simulation).
    lost = Problem("ConfigLost", "put that data back, or promote a new revision", passing=True)
    seen = make.view(record, target=make.target(revision), problems=(lost,))
    assert isinstance(standing.impeded(seen), Hold) is stopped
    # One that isn't ended by it still counts.
    seen = make.view(record, target=make.target(revision), problems=(lost, PROBLEM))
    verdict = standing.impeded(seen)
    assert isinstance(verdict, Hold)
    assert verdict.problem == ("ConfigLost" if stopped else "InvalidSpec")
