"""What applies where a field is absent, and the fields of ``spec.engine``."""

from __future__ import annotations

import pytest

from canary.api.canary import InvalidObject
from canary.api.semantics import effective_interval


def test_absent_fields(canary):
    spec = canary({"spec.analysis": {}}).spec
    assert spec.analysis.effective_threshold == 1
    assert spec.analysis.effective_max_weight == 100
    assert spec.analysis.effective_primary_ready_threshold == 100
    assert spec.analysis.effective_canary_ready_threshold == 100
    assert spec.deadline == 600
    assert (spec.skip_analysis, spec.revert_on_deletion, spec.suspend) == (False, False, False)


@pytest.mark.parametrize(("written", "applies"), [(-1, 1), (0, 1), (1, 1), (7, 7)])
def test_threshold(canary, written, applies):
    assert canary({"spec.analysis.threshold": written}).spec.analysis.effective_threshold == applies


@pytest.mark.parametrize(("written", "applies"), [(0, 0), (50, 50), (101, 100), (-1, 0)])
def test_zero_is_honoured_as_a_ready_threshold(canary, written, applies):
    analysis = canary({"spec.analysis.canaryReadyThreshold": written}).spec.analysis
    assert analysis.effective_canary_ready_threshold == applies


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90s", 90.0),
        ("1m30s", 90.0),
        ("10s", 10.0),
        ("5s", 10.0),
        ("10ms", 10.0),
        ("0s", 10.0),
        ("5minutes", 60.0),
        ("1m 30s", 60.0),
    ],
)
def test_interval(canary, written, seconds):
    analysis = canary({"spec.analysis.interval": written}).spec.analysis
    assert effective_interval(analysis, floor=10.0) == seconds


def test_the_floor_of_the_interval_is_a_setting(canary):
    analysis = canary({"spec.analysis.interval": "2s"}).spec.analysis
    assert effective_interval(analysis, floor=1.0) == 2.0


def test_engine_times(canary):
    assert canary({}).spec.effective_engine.settle_seconds == 2.0
    assert canary({}).spec.effective_engine.drain_seconds == 5.0
    engine = canary({"spec.engine": {"settle": "0s", "drain": "1m1.5s"}}).spec.effective_engine
    assert (engine.settle_seconds, engine.drain_seconds) == (0.0, 61.5)


@pytest.mark.parametrize("written", ["", "2", "-2s", "2 s", "2s\n", "two", "1d", ".5s"])
def test_engine_times_that_are_none(canary, written):
    with pytest.raises(InvalidObject) as caught:
        canary({"spec.engine": {"settle": written}})
    (problem,) = caught.value.problems
    assert (problem.path, problem.value) == ("spec.engine.settle", written)
    assert problem.message == "must be a duration such as 500ms, 2s or 1m30s"


def test_an_engine_time_beyond_64_bits(canary):
    with pytest.raises(InvalidObject, match=r"^spec\.engine\.drain: .* exceeds 64 bits$"):
        canary({"spec.engine": {"drain": "99999999h"}})


def test_an_unknown_engine_field_is_refused(canary):
    with pytest.raises(InvalidObject, match="knows no setle; accepted are settle, drain"):
        canary({"spec.engine": {"setle": "2s"}})
