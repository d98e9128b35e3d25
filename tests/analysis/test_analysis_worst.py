"""Several series: what is said never depends on their order (analysis.md 12, row 2)."""

from __future__ import annotations

import math

from hypothesis import example, given
from hypothesis import strategies as st

from analysis.threshold import Limits, Measure, violation, worst

FINITE = st.floats(allow_nan=False, allow_infinity=False)
# Few values and close ones, so that ties and near misses come up.
CLOSE = st.sampled_from([-1.0, -0.0, 0.0, 0.001, 0.0011, 4.999, 5.0, 5.001, 10.0, 11.0])
VALUES = st.lists(
    st.one_of(CLOSE, st.floats(allow_nan=False), st.sampled_from([math.inf, -math.inf])), min_size=1
)
BOUND = st.none() | CLOSE | FINITE
LIMITS = st.builds(Limits, st.sampled_from(Measure), BOUND, BOUND)


def passes(value, bounds):
    """The table of analysis.md 3, with row 9 of 12."""
    if bounds.min is not None and value < bounds.min:
        return False
    return bounds.max is None or (math.isfinite(value) and value <= bounds.max)


@given(VALUES.flatmap(lambda values: st.tuples(st.just(values), st.permutations(values))), LIMITS)
@example(([0.0, -0.0], [-0.0, 0.0]), Limits(Measure.CUSTOM, 1.0, None))
def test_neither_the_worst_value_nor_the_text_depends_on_the_order(orders, bounds):
    values, shuffled = orders
    assert repr(worst(values, bounds)) == repr(worst(shuffled, bounds))
    assert violation("a.b", "m", values, bounds) == violation("a.b", "m", shuffled, bounds)


@given(VALUES, LIMITS)
def test_a_violation_is_reported_exactly_if_some_series_violates(values, bounds):
    reported = violation("a.b", "m", values, bounds) is not None
    assert reported == (not all(passes(value, bounds) for value in values))


@given(VALUES, LIMITS)
def test_the_worst_value_is_one_of_them_and_violates_if_any_does(values, bounds):
    value = worst(values, bounds)
    assert value in values
    assert passes(value, bounds) == all(passes(each, bounds) for each in values)


@given(st.lists(st.integers(-100, 100), min_size=1), st.integers(-100, 100))
def test_of_one_bound_the_extreme_value_is_the_worst(values, bound):
    assert worst(values, Limits(Measure.CUSTOM, bound, None)) == min(values)
    assert worst(values, Limits(Measure.CUSTOM, None, bound)) == max(values)
