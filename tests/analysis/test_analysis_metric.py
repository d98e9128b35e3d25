"""Fields of a metric and of a MetricTemplate's provider: analysis.md 2, 8 and 12 row 1."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from analysis.models import Metric, MetricProviderSpec, MetricTemplateSpec


def test_only_the_name_is_required():
    metric = Metric.model_validate({"name": "errors"})
    assert metric.threshold is None and metric.threshold_range is None
    with pytest.raises(ValidationError):
        Metric.model_validate({"interval": "1m"})


# The pattern is anchored at the start only.
@pytest.mark.parametrize("interval", ["1m", "30s", "1min", "500ms", "1m30s", "0s"])
def test_intervals_that_the_schema_admits(interval):
    assert Metric(name="x", interval=interval).window == interval


@pytest.mark.parametrize("interval", ["1h", "m", "", "-1m", "1.5m", " 1m"])
def test_intervals_that_it_does_not(interval):
    with pytest.raises(ValidationError):
        Metric(name="x", interval=interval)


@pytest.mark.parametrize(
    "source",
    [{}, {"query": "up"}, {"templateRef": {"name": "t"}}],
    ids=["built-in", "inline", "template"],
)
def test_the_window_is_a_minute_for_every_kind_of_metric(source):
    assert Metric.model_validate({"name": "request-duration", **source}).window == "1m"


@pytest.mark.parametrize("bound", [math.nan, math.inf, -math.inf])
def test_a_bound_is_a_finite_number(bound):
    for fields in (
        {"threshold": bound},
        {"thresholdRange": {"min": bound}},
        {"thresholdRange": {"max": bound}},
    ):
        with pytest.raises(ValidationError):
            Metric.model_validate({"name": "x", **fields})


def test_both_bounds_of_a_range_are_optional():
    metric = Metric.model_validate({"name": "x", "thresholdRange": {}})
    assert metric.threshold_range is not None
    assert (metric.threshold_range.min, metric.threshold_range.max) == (None, None)


def test_the_name_of_a_reference_is_required():
    with pytest.raises(ValidationError):
        Metric.model_validate({"name": "x", "templateRef": {"namespace": "other"}})


@pytest.mark.parametrize(
    "kind",
    [
        "prometheus",
        "influxdb",
        "datadog",
        "externalmetrics",
        "stackdriver",
        "cloudwatch",
        "newrelic",
        "graphite",
        "dynatrace",
        "keptn",
        "splunk",
    ],
)
def test_types_of_providers(kind):
    assert MetricProviderSpec(type=kind).type == kind


@pytest.mark.parametrize("kind", ["signalfx", "Prometheus", ""])
def test_other_types_are_refused(kind):
    with pytest.raises(ValidationError):
        MetricProviderSpec(type=kind)


def test_a_header_has_a_list_of_values():
    headers = {"X-Scope-OrgID": ["a", "b"]}
    assert MetricProviderSpec(type="prometheus", headers=headers).headers == headers
    with pytest.raises(ValidationError):
        MetricProviderSpec.model_validate({"type": "prometheus", "headers": {"X": "a"}})


def test_verification_is_on_unless_said():
    assert MetricProviderSpec(type="prometheus").insecure_skip_verify is False


@pytest.mark.parametrize("missing", ["provider", "query"])
def test_provider_and_query_are_required(missing):
    spec = {"provider": {"type": "prometheus"}, "query": "up"}
    del spec[missing]
    with pytest.raises(ValidationError):
        MetricTemplateSpec.model_validate(spec)
