"""Numbers, types and nulls are read as Go reads them; what can't be read is named."""

from __future__ import annotations

import pytest

from canary.api.canary import InvalidObject, parse, parse_alert_provider, parse_metric_template


def problems(obj):
    with pytest.raises(InvalidObject) as caught:
        parse(obj)
    return {problem.path: (problem.value, problem.message) for problem in caught.value.problems}


@pytest.mark.parametrize(
    "path",
    [
        "spec.analysis.threshold",
        "spec.analysis.stepWeight",
        "spec.analysis.maxWeight",
        "spec.analysis.stepWeightPromotion",
        "spec.analysis.mirrorWeight",
        "spec.analysis.primaryReadyThreshold",
        "spec.analysis.canaryReadyThreshold",
        "spec.analysis.iterations",
        "spec.progressDeadlineSeconds",
        "spec.service.port",
        "spec.service.targetPort",
    ],
)
def test_whole_numbers_may_carry_a_point_but_no_fraction(manifest, path):
    obj = manifest({path: 10.0})
    found = parse(obj).model_dump(by_alias=True)
    for part in path.split("."):
        found = found[part]
    assert found == 10 and isinstance(found, int)
    value, message = problems(manifest({path: 10.5}))[path]
    assert value == 10.5
    assert "whole number" in message


def test_a_fraction_in_a_list_is_named_with_its_index(manifest):
    found = problems(manifest({"spec.analysis.stepWeights": [10, 20.5]}))
    assert list(found) == ["spec.analysis.stepWeights[1]"]


def test_the_text_names_path_value_and_what_is_accepted(manifest):
    with pytest.raises(InvalidObject) as caught:
        parse(manifest({"spec.analysis.threshold": 1.5}))
    assert str(caught.value) == (
        "spec.analysis.threshold: 1.5 must be a whole number of at most 64 bits"
    )


def test_every_wrong_field_is_named(manifest):
    found = problems(
        manifest({"spec.analysis.threshold": 0.5, "spec.targetRef.kind": "Job", "spec.suspend": 1})
    )
    assert set(found) == {"spec.analysis.threshold", "spec.targetRef.kind", "spec.suspend"}


@pytest.mark.parametrize(
    ("path", "value", "accepted"),
    [
        ("spec.analysis.threshold", "5", "must be a whole number of at most 64 bits"),
        ("spec.analysis.threshold", True, "must be a whole number of at most 64 bits"),
        ("spec.analysis.threshold", 1e19, "must be a whole number of at most 64 bits"),
        ("spec.analysis.mirror", "yes", "must be true or false"),
        ("spec.skipAnalysis", 1, "must be true or false"),
        ("spec.targetRef.name", 7, "must be text"),
        ("spec.analysis", [], "must be an object"),
        ("spec.analysis.stepWeights", 10, "must be a list"),
        ("spec.provider", "nginx2", "must be one of 'apisix', "),
        ("spec.targetRef.kind", "Job", "must be one of 'DaemonSet', 'Deployment' or 'Service'"),
        ("spec.analysis.interval", "1h", "must be a duration that begins with whole minutes"),
        ("spec.analysis.interval", "1.5m", "must be a duration that begins with whole minutes"),
        ("spec.service.targetPort", True, "must be a whole number of at most 64 bits or must be"),
        ("metadata.labels", {"int": 3}, "must be text"),
    ],
)
def test_wrong_types_and_values(manifest, path, value, accepted):
    found = problems(manifest({path: value}))
    (where,) = found
    assert where == ("metadata.labels.int" if path == "metadata.labels" else path)
    assert found[where][1].startswith(accepted)


@pytest.mark.parametrize("path", ["spec.targetRef", "spec.analysis", "spec.service.port", "spec"])
def test_missing_fields(manifest, path):
    with pytest.raises(InvalidObject, match=f"^{path} is required$"):
        parse(manifest({path: ...}))


@pytest.mark.parametrize(
    "path",
    [
        "spec.progressDeadlineSeconds",
        "spec.service.port",
        "spec.service.retries.attempts",
    ],
)
def test_some_numbers_have_32_bits(manifest, path):
    parse(manifest({path: 2**31 - 1}))
    assert problems(manifest({path: 2**31}))[path][1] == (
        "must be a whole number of at most 32 bits"
    )


def test_scaler_replicas_begin_at_1(manifest):
    ref = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "name": "podinfo"}
    obj = manifest({"spec.autoscalerRef": {**ref, "primaryScalerReplicas": {"minReplicas": 0}}})
    path = "spec.autoscalerRef.primaryScalerReplicas.minReplicas"
    assert problems(obj)[path] == (0, "must be at least 1")


def test_null_is_absent(manifest):
    found = parse(manifest({"spec.analysis.mirror": None, "spec.analysis.maxWeight": None}))
    assert found.spec.analysis.mirror is False
    assert found.spec.analysis.max_weight is None


def test_unknown_fields_are_kept(manifest):
    found = parse(manifest({"spec.canaryAnalysis": {"threshold": 1.5}, "spec.analysis.new": "x"}))
    assert found.spec.model_extra == {"canaryAnalysis": {"threshold": 1.5}}
    assert found.spec.analysis.model_extra == {"new": "x"}


def test_a_bound_of_zero_is_a_bound(canary):
    metrics = [{"name": "a", "thresholdRange": {"max": 0}}, {"name": "b", "thresholdRange": {}}]
    zero, none = canary({"spec.analysis.metrics": metrics}).spec.analysis.metrics
    assert (zero.threshold_range.min, zero.threshold_range.max) == (None, 0)
    assert none.threshold_range.max is None


def test_a_long_value_is_shown_in_part(manifest):
    with pytest.raises(InvalidObject) as caught:
        parse(manifest({"spec.suspend": "x" * 500}))
    assert len(str(caught.value)) < 130


def test_templates_and_alert_providers_name_their_fields_too():
    meta = {"name": "a", "namespace": "b"}
    spec = {"provider": {"type": "promtheus"}, "query": "up"}
    with pytest.raises(InvalidObject, match=r'^spec\.provider\.type: "promtheus" must be one of '):
        parse_metric_template({"metadata": meta, "spec": spec})
    with pytest.raises(InvalidObject, match=r"^spec\.type is required$"):
        parse_alert_provider({"metadata": meta, "spec": {"address": "x"}})
