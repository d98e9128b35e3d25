"""The steps of a plan, and where a weight stands in it (lifecycle.md 5.1)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import factory as make
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canary.rollout.plan import Step, next_step, plan, step_at


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
    here, ahead = step_at(steps, at), next_step(steps, at)
    assert here == -1 or steps[here].weight <= at
    assert ahead is None or steps[ahead].weight > at
    # Together they leave no step out.
    assert (len(steps) if ahead is None else ahead) == here + 1


@given(plans)
def test_walking_a_plan_takes_every_step_once_and_upwards(steps: tuple[Step, ...]) -> None:
    weight, walked = 0, []
    while (index := next_step(steps, weight)) is not None:
        weight = steps[index].weight
        walked.append(weight)
    assert walked == [step.weight for step in steps]
    assert all(one < two for one, two in pairwise(walked))
