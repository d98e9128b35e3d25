"""What samples make for an outcome: analysis.md 9 (prometheus) and 12, rows 2 and 8."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.outcome import NoValues, Values, measured

NUMBERS = st.floats(allow_nan=False)


def test_no_sample_is_no_value():
    assert measured([]) == NoValues("no values found")


def test_nan_is_no_value():
    assert measured([math.nan]) == NoValues("no values found")


def test_infinities_are_values():
    assert measured([math.inf, -math.inf]) == Values((math.inf, -math.inf))


@pytest.mark.parametrize(
    "samples", [[math.nan, 1.0, 2.0], [1.0, math.nan, 2.0], [1.0, 2.0, math.nan]]
)
def test_a_series_without_value_is_not_outvoted_by_others(samples):
    found = measured(samples)
    assert isinstance(found, NoValues)
    # The text ends so whatever comes before it (analysis.md 4).
    assert found.text.endswith("no values found")
    assert "1 of 3 series" in found.text


def test_the_text_counts_the_series_without_value():
    found = measured([math.nan, 1.0])
    assert isinstance(found, NoValues) and found.text.startswith("1 of 2 series")


@given(st.lists(NUMBERS, min_size=1))
def test_all_samples_are_kept(samples):
    assert measured(iter(samples)) == Values(tuple(samples))


@given(st.lists(NUMBERS), st.lists(NUMBERS))
def test_nan_anywhere_is_no_value(before, after):
    assert isinstance(measured([*before, math.nan, *after]), NoValues)


@pytest.mark.parametrize("values", [(), (math.nan,), (1.0, math.nan)])
def test_values_hold_at_least_one_number_and_never_nan(values):
    with pytest.raises(ValueError, match="no values"):
        Values(values)
