"""Bounds and the sentence about a violated one: analysis.md 3, and 12 rows 2, 9 and 10."""

from __future__ import annotations

import math

import pytest

from analysis.models import Metric
from analysis.threshold import Limits, Measure, limits, violation, worst

RATE, DURATION, CUSTOM = Measure.SUCCESS_RATE, Measure.DURATION, Measure.CUSTOM


def halt(measure, values, metric="errors", **fields):
    """The event of a metric with these fields, or None."""
    bounds = limits(Metric.model_validate({"name": metric, **fields}), measure)
    return violation("podinfo.test", metric, values, bounds)


# analysis.md 3, the table of thresholds; bounds are inclusive.
@pytest.mark.parametrize(
    ("measure", "fields", "passing", "failing"),
    [
        (RATE, {"threshold": 99}, [99, 99.5, 100], [98.99, 0]),
        (RATE, {}, [0, 50, 100], [-0.1]),
        (RATE, {"thresholdRange": {"min": 99}}, [99, 101], [98.99]),
        (RATE, {"thresholdRange": {"max": 50}}, [50, 0], [50.01]),
        (RATE, {"thresholdRange": {"min": 10, "max": 50}}, [10, 30, 50], [9.9, 50.1]),
        (DURATION, {"threshold": 500}, [500, 499.9, 0], [501]),
        (DURATION, {}, [0], [1, 0.001]),
        (DURATION, {"thresholdRange": {"min": 10, "max": 500}}, [10, 500], [9, 501]),
        (CUSTOM, {"threshold": 5}, [5, -1000], [5.01]),
        (CUSTOM, {}, [0, -1], [0.01]),
        (CUSTOM, {"thresholdRange": {"min": 1}}, [1, 1e9], [0.99]),
        (CUSTOM, {"thresholdRange": {"max": 0}}, [0, -1], [0.01]),
        (CUSTOM, {"thresholdRange": {"min": 0, "max": 0}}, [0], [0.01, -0.01]),
    ],
)
def test_what_passes(measure, fields, passing, failing):
    for value in passing:
        assert halt(measure, [value], **fields) is None, value
    for value in failing:
        assert halt(measure, [value], **fields) is not None, value


@pytest.mark.parametrize("measure", Measure)
@pytest.mark.parametrize("value", [-1e300, -1.0, 0.0, 1e300, math.inf, -math.inf])
def test_an_empty_range_always_passes(measure, value):
    assert halt(measure, [value], thresholdRange={}, threshold=0) is None


@pytest.mark.parametrize("measure", Measure)
def test_the_deprecated_threshold_is_ignored_beside_a_range(measure):
    fields = {"threshold": 7.0, "thresholdRange": {"min": 1, "max": 3}}
    metric = Metric.model_validate({"name": "x", **fields})
    assert limits(metric, measure) == Limits(measure, 1.0, 3.0)


# analysis.md 3, the table of event texts; the number formats follow it.
@pytest.mark.parametrize(
    ("measure", "value", "fields", "text"),
    [
        (RATE, 98.5, {"threshold": 99}, "success rate 98.50% < 99%"),
        (RATE, 0, {"threshold": 99.5}, "success rate 0.00% < 99.5%"),
        (RATE, 60.126, {"thresholdRange": {"max": 50}}, "success rate 60.13% > 50%"),
        (DURATION, 1515, {"threshold": 500}, "request duration 1.515s > 500ms"),
        (DURATION, 1234.9, {"threshold": 500}, "request duration 1.234s > 500ms"),
        (DURATION, 1234900, {"threshold": 500}, "request duration 20m34.9s > 500ms"),
        (DURATION, 1, {}, "request duration 1ms > 0s"),
        (DURATION, 3, {"thresholdRange": {"min": 10}}, "request duration 3ms < 10ms"),
        (DURATION, 0, {"thresholdRange": {"min": 60000}}, "request duration 0s < 1m0s"),
        (CUSTOM, 5.678, {"threshold": 5}, "errors 5.68 > 5"),
        (CUSTOM, 2e6, {"threshold": 1e6}, "errors 2000000.00 > 1e+06"),
        (CUSTOM, 1, {"thresholdRange": {"max": 0.00001}}, "errors 1.00 > 1e-05"),
        (CUSTOM, 0, {"thresholdRange": {"min": 0.1}}, "errors 0.00 < 0.1"),
    ],
)
def test_the_event_of_a_violation(measure, value, fields, text):
    assert halt(measure, [value], **fields) == f"Halt podinfo.test advancement {text}"


# analysis.md 12, row 10: compared as real numbers. The text must not contradict itself.
@pytest.mark.parametrize(
    ("value", "bound", "text"),
    [
        (0.4, {"max": 0.5}, None),
        (0.6, {"max": 0.5}, "600µs > 500µs"),
        (500.4, {"max": 500}, "500.4ms > 500ms"),
        (499.6, {"min": 500}, "499ms < 500ms"),
        (10.7, {"min": 10.8}, "10ms < 10.8ms"),
        (10.9, {"min": 10.8}, None),
        (-0.5, {"min": 0}, "-500µs < 0s"),
    ],
)
def test_bounds_of_a_duration_are_not_cut(value, bound, text):
    found = halt(DURATION, [value], thresholdRange=bound)
    expected = text and f"Halt podinfo.test advancement request duration {text}"
    assert found == expected


# analysis.md 12, row 9
@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e19, 1e300])
@pytest.mark.parametrize("bound", [0.0, 500.0, 1e12])
def test_an_infinite_or_huge_duration_is_above_any_maximum(value, bound):
    for fields in ({"threshold": bound}, {"thresholdRange": {"max": bound}}):
        text = halt(DURATION, [value], **fields)
        assert text is not None
        assert text.startswith("Halt podinfo.test advancement request duration ")
        assert " > " in text
        assert len(text) < 200


def test_an_infinite_quotient_meets_no_maximum():
    # design.md, S7: unknown never counts as a pass.
    for measure in (RATE, CUSTOM):
        for value in (math.inf, -math.inf):
            assert halt(measure, [value], thresholdRange={"max": 5}) is not None
    assert halt(CUSTOM, [math.inf], threshold=5) == "Halt podinfo.test advancement errors +Inf > 5"
    assert halt(RATE, [-math.inf], threshold=99) == (
        "Halt podinfo.test advancement success rate -Inf% < 99%"
    )


def test_infinity_above_a_minimum_passes():
    # analysis.md 9: infinities are accepted as values, and this one is not below.
    assert halt(CUSTOM, [math.inf], thresholdRange={"min": 1}) is None


# analysis.md 12, row 2
@pytest.mark.parametrize(
    ("measure", "values", "fields", "parts"),
    [
        (RATE, [100, 97, 98], {"threshold": 99}, ("success rate 97.00% < 99%", "3 series")),
        (DURATION, [100, 900, 700], {"threshold": 500}, ("900ms > 500ms", "3 series")),
        (CUSTOM, [1, 9], {"threshold": 5}, ("errors 9.00 > 5", "2 series")),
        (CUSTOM, [11, -5], {"thresholdRange": {"min": 0, "max": 10}}, ("-5.00 < 0", "2 series")),
        (CUSTOM, [12, -1], {"thresholdRange": {"min": 0, "max": 10}}, ("12.00 > 10", "2 series")),
    ],
)
def test_the_worst_series_is_reported_and_how_many_there_are(measure, values, fields, parts):
    text = halt(measure, values, **fields)
    assert text is not None
    assert all(part in text for part in parts), text


def test_one_series_is_not_counted():
    text = halt(CUSTOM, [9], threshold=5)
    assert text is not None and text.endswith("9.00 > 5")


def test_the_worst_of_passing_values_is_the_one_nearest_to_a_bound():
    bounds = Limits(CUSTOM, 0.0, 10.0)
    assert worst([5, 9, 3], bounds) == 9
    assert worst([5, 7, 1], bounds) == 1


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        (Limits(RATE, 99.0, None), "min 99%"),
        (Limits(DURATION, None, 500.0), "max 500ms"),
        (Limits(CUSTOM, 0.5, 1e6), "min 0.5, max 1e+06"),
        (Limits(CUSTOM, None, None), "none"),
    ],
)
def test_limits_as_text(bounds, text):
    assert str(bounds) == text
