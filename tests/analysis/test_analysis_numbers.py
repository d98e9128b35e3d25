"""Numbers in events: analysis.md 3, "Number formats"; the rest is what Go 1.26 prints."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.numbers import shortest, two_decimals


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (99.0, "99"),
        (99.5, "99.5"),
        (0.1, "0.1"),
        (0.0001, "0.0001"),
        (100000.0, "100000"),
        (1e6, "1e+06"),
        (123456789.0, "1.23456789e+08"),
        (1e-5, "1e-05"),
        # Go
        (0.0, "0"),
        (-0.0, "-0"),
        (-99.5, "-99.5"),
        (999999.0, "999999"),
        (999999.5, "999999.5"),
        (1234567.0, "1.234567e+06"),
        (0.00012, "0.00012"),
        (0.000012, "1.2e-05"),
        (1e21, "1e+21"),
        (1e100, "1e+100"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (0.30000000000000004, "0.30000000000000004"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_shortest(value, text):
    assert shortest(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (99.0, "99.00"),
        (98.999, "99.00"),
        (0.005, "0.01"),
        (1.005, "1.00"),
        (2.675, "2.67"),
        (-1.5, "-1.50"),
        (1e6, "1000000.00"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_two_decimals(value, text):
    assert two_decimals(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_shortest_text_reads_back(value):
    text = shortest(value)
    assert float(text) == value
    assert math.copysign(1.0, float(text)) == math.copysign(1.0, value)


@given(st.floats(allow_nan=False, allow_infinity=False).filter(bool))
def test_an_exponent_is_written_from_6_on_and_below_minus_4(value):
    # Rounding can't lift the decimal exponent: 17 digits are the double itself.
    exponent = int(f"{value:.17e}".partition("e")[2])
    assert ("e" in shortest(value)) == (exponent < -4 or exponent >= 6)
