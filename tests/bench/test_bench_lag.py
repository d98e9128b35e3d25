"""How late a step is, from the times of route writes; the numbers are worked out by hand."""

from __future__ import annotations

import pytest

from bench.lag import Shift, Step, percentile, steps
from bench.rollout import Sample, Wave, between


def shifts(canary: str, *rows: tuple[int, float]) -> list[Shift]:
    return [Shift(canary, weight, at) for weight, at in rows]


def test_a_step_is_due_an_interval_after_the_weight_before_is_live() -> None:
    """Written at 100, live at 102 (settle 2 s), due at 112 (interval 10 s), came at 112.5."""
    found = steps(shifts("a", (10, 100.0), (20, 112.5)), interval=10.0, settle=2.0)
    assert found == [Step("a", 112.0, 0.5)]


def test_the_next_step_is_due_by_when_the_late_one_came() -> None:
    rows = shifts("a", (10, 0.0), (20, 13.0), (30, 25.25))
    assert [one.lag for one in steps(rows, 10.0, 2.0)] == [1.0, 0.25]


def test_the_first_step_waits_for_readiness_and_has_no_lag() -> None:
    assert steps(shifts("a", (0, 0.0), (10, 50.0)), 10.0, 2.0) == []


def test_a_fall_is_no_step_and_the_next_rise_is_a_first_one() -> None:
    rows = shifts("a", (10, 0.0), (20, 12.0), (0, 13.0), (10, 99.0))
    assert [one.lag for one in steps(rows, 10.0, 2.0)] == [0.0]


def test_writing_a_weight_again_does_not_postpone_what_is_due() -> None:
    """Drift that was put right: the weight has been served since the first write."""
    rows = shifts("a", (10, 0.0), (10, 5.0), (20, 12.0))
    assert steps(rows, 10.0, 2.0) == [Step("a", 12.0, 0.0)]


def test_canaries_are_told_apart_and_order_of_arrival_counts() -> None:
    rows = shifts("b", (20, 15.0), (10, 2.0)) + shifts("a", (10, 0.0), (20, 12.0))
    assert steps(rows, 10.0, 2.0) == [Step("a", 12.0, 0.0), Step("b", 14.0, 1.0)]


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 1.0), (50, 2.0), (51, 3.0), (75, 3.0), (99, 4.0), (100, 4.0)]
)
def test_percentiles_are_values_that_occurred(share: int, expected: float) -> None:
    """Nearest rank: of four values the 2nd covers 50 %, the 3rd 75 %, the 4th everything."""
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == expected


def test_cpu_time_counts_only_while_nothing_but_steps_happens() -> None:
    """From the last Canary's first step (5.0) until the first one's last (17.0)."""
    rows = shifts("a", (0, 0.0), (10, 1.0), (20, 17.0)) + shifts("b", (10, 5.0), (20, 30.0))
    samples = [Sample(float(at), at * 0.1, 0.0, at) for at in range(31)]
    low, high = between(Wave(rows, samples), top=20)
    assert (low.at, high.at) == (5.0, 16.0)
