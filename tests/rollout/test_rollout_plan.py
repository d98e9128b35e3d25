"""The steps of a plan, and where a weight stands in it (lifecycle.md 5.1)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import factory as make
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canary.rollout.plan import Position, Step, Traffic, adaptations, next_step, plan, step_at


@pytest.mark.parametrize(
    ("analysis", "weights"),
    [
        # 20, 40, 60, promote (lifecycle.md 5.1, scenario S08)
        ({"stepWeight": 20, "maxWeight": 50}, [20, 40, 60]),
        ({"stepWeight": 10, "maxWeight": 50}, [10, 20, 30, 40, 50]),
        # one step may exceed maxWeight, never 100
        ({"stepWeight": 40}, [40, 80, 100]),
        ({"stepWeights": [1, 10, 80]}, [1, 10, 80]),
        # D15: a zero, a repeat and a decrease continue with the next larger element
        ({"stepWeights": [0, 10, 10, 5, 30]}, [10, 30]),
    ],
)
def test_the_weights_of_a_plan(analysis: dict[str, Any], weights: list[int]) -> None:
    canary = make.canary(analysis={"stepWeights": None} | analysis)
    assert [step.weight for step in plan(canary)] == weights


plans = st.sets(st.integers(1, 100), min_size=1, max_size=8).map(
    lambda found: tuple(Step(weight) for weight in sorted(found))
)


@given(plans, st.integers(0, 100))
def test_a_weight_stands_between_its_step_and_the_next(steps: tuple[Step, ...], at: int) -> None:
    here, ahead = step_at(steps, at), next_step(steps, Position(at))
    assert here == -1 or steps[here].weight <= at
    assert ahead is None or steps[ahead].weight > at
    # Together they leave no step out.
    assert (len(steps) if ahead is None else ahead) == here + 1


@given(plans)
def test_walking_a_plan_takes_every_step_once_and_upwards(steps: tuple[Step, ...]) -> None:
    weight, walked = 0, []
    while (index := next_step(steps, Position(weight))) is not None:
        weight = steps[index].weight
        walked.append(weight)
    assert walked == [step.weight for step in steps]
    assert all(one < two for one, two in pairwise(walked))


A_MATCH = [{"headers": {"x-user": {"exact": "insider"}}}]


def routings(steps: tuple[Step, ...]) -> list[tuple[int, bool, int]]:
    return [(step.weight, step.mirror, step.iteration) for step in steps]


def iterated(number: int, **analysis: Any) -> Any:
    return make.canary(analysis={"stepWeights": None, "iterations": number, **analysis})


def test_blue_green_iterates_beside_the_primary_and_then_has_all_traffic() -> None:
    """S52: iterations at 100/0, then the switch, which the promotion gate guards."""
    steps = plan(iterated(2))
    assert routings(steps) == [(0, False, 1), (0, False, 2), (100, False, 3)]
    assert [step.guarded for step in steps] == [False, False, True]
    assert [step.text for step in steps] == [
        "Advance podinfo.test canary iteration 1/2",
        "Advance podinfo.test canary iteration 2/2",
        "Routing all traffic to canary",
    ]


def test_blue_green_mirrors_until_the_switch() -> None:
    """S55."""
    steps = plan(iterated(1, mirror=True), Traffic(mirror=True))
    assert routings(steps) == [(0, True, 1), (100, False, 2)]
    assert steps[-1].text == "Stop traffic mirroring and route all traffic to canary"


def test_nothing_switches_where_nothing_routes() -> None:
    """S57: as many checks as on a mesh, the last without an event."""
    steps = plan(iterated(2), Traffic(weights=False))
    assert routings(steps) == [(0, False, 1), (0, False, 2), (0, False, 3)]
    assert steps[-1].text == ""


def test_weights_become_ten_iterations_where_nothing_routes() -> None:
    """S58."""
    canary, nothing = make.canary(), Traffic(weights=False)
    assert len(plan(canary, nothing)) == 11
    assert adaptations(canary, nothing) == (
        "Progressive traffic is not supported when using the kubernetes provider",
        "Setting canaryAnalysis.iterations: 10",
    )
    assert adaptations(canary, Traffic()) == ()


def test_a_match_is_dropped_where_nothing_routes() -> None:
    """S59."""
    canary = iterated(2, match=A_MATCH)
    assert adaptations(canary, Traffic(weights=False)) == (
        "A/B testing is not supported when using the kubernetes provider",
    )
    assert routings(plan(canary, Traffic(weights=False)))[-1] == (0, False, 3)


def test_ab_testing_gives_matching_requests_to_the_canary_from_the_first_iteration() -> None:
    """S60."""
    assert routings(plan(iterated(2, match=A_MATCH))) == [(100, False, 1), (100, False, 2)]


def test_mirrored_traffic_comes_before_the_first_weight() -> None:
    """S10; where nothing mirrors, the weights stand alone (D14)."""
    canary = make.canary(analysis={"mirror": True})
    assert routings(plan(canary, Traffic(mirror=True)))[:2] == [(0, True, 0), (10, False, 0)]
    assert routings(plan(canary, Traffic()))[0] == (10, False, 0)


@pytest.mark.parametrize(
    ("analysis", "at", "ahead"),
    [
        ({}, Position(0, False, 3), (100, False, 3)),  # S54: then the switch all the same
        ({}, Position(100, False, 6), None),
        ({"match": A_MATCH}, Position(100, False, 3), None),  # S62: promotes
    ],
)
def test_progress_beyond_fewer_iterations_counts_as_all_of_them(
    analysis: dict[str, Any], at: Position, ahead: tuple[int, bool, int] | None
) -> None:
    steps = plan(iterated(2, **analysis))
    index = next_step(steps, at)
    assert (None if index is None else routings(steps)[index]) == ahead


@pytest.mark.parametrize("mirror", [True, False])
@pytest.mark.parametrize("match", [None, A_MATCH])
@pytest.mark.parametrize("traffic", [Traffic(), Traffic(mirror=True), Traffic(weights=False)])
def test_every_plan_is_walked_to_its_end(mirror: bool, match: Any, traffic: Traffic) -> None:
    for canary in (
        make.canary(analysis={"mirror": mirror}),
        iterated(3, mirror=mirror, match=match),
    ):
        steps, at, walked = plan(canary, traffic), Position(), []
        while (index := next_step(steps, at)) is not None:
            walked.append(index)
            step = steps[index]
            at = Position(step.weight, step.mirror, step.iteration)
        assert walked == list(range(len(steps)))


def test_a_first_step_without_weight_is_passed_over_where_nothing_is_mirrored() -> None:
    assert next_step((Step(0), Step(50)), Position()) == 1
    assert next_step((Step(0, mirror=True), Step(50)), Position()) == 0
    assert next_step((Step(0, mirror=True), Step(50)), Position(0, mirror=True)) == 1
