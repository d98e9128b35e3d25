"""``spec.analysis.engine``: what is accepted, by the schema and by the model alike."""

from __future__ import annotations

import jsonschema
import pytest

from canary.api.canary import InvalidObject, parse
from canary.api.semantics import effective_steps, violations, warnings
from canary.sandbox.validation import violations as refused

STEPS = [
    {"weight": 5, "duration": "10m", "replicas": 1},
    {"weight": 50, "approval": True},
    {"weight": 100, "duration": "30s"},
]
FLAGGER_OWN = {"interval": "1m", "threshold": 5}


def with_steps(manifest, steps, **more):
    return manifest({"spec.analysis": {**FLAGGER_OWN, "engine": {"steps": steps}, **more}})


def test_steps_are_accepted_and_read(schemas, manifest):
    obj = with_steps(manifest, STEPS)
    assert not refused(obj, schemas["Canary"])
    analysis = parse(obj).spec.analysis
    assert [(s.weight, s.seconds, s.approval, s.replicas) for s in analysis.stays] == [
        (5, 600.0, False, 1),
        (50, None, True, None),
        (100, 30.0, False, None),
    ]
    assert effective_steps(analysis) == (5, 50, 100)
    assert analysis.effective_max_weight == 100


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([], "spec.analysis.engine.steps"),
        ([{"weight": 20}, {"weight": 10}], "spec.analysis.engine.steps"),
        ([{"weight": 20}, {"weight": 20}], "spec.analysis.engine.steps"),
        ([{"weight": 0}], "spec.analysis.engine.steps[0].weight"),
        ([{"weight": 101}], "spec.analysis.engine.steps[0].weight"),
        ([{}], "spec.analysis.engine.steps[0].weight"),
        ([{"weight": 5, "duration": "0s"}], "spec.analysis.engine.steps[0].duration"),
        ([{"weight": 5, "duration": "soon"}], "spec.analysis.engine.steps[0].duration"),
        ([{"weight": 5, "replicas": 0}], "spec.analysis.engine.steps[0].replicas"),
        ([{"weight": n} for n in range(1, 101)] + [{"weight": 100}], "spec.analysis.engine.steps"),
    ],
)
def test_schema_and_model_refuse_the_same(schemas, manifest, steps, field):
    obj = with_steps(manifest, steps)
    assert field in {error.field for error in refused(obj, schemas["Canary"])}
    with pytest.raises(InvalidObject) as caught:
        parse(obj)
    assert [problem.path for problem in caught.value.problems] == [field]


def test_an_unknown_field_of_a_step_is_named(manifest):
    with pytest.raises(InvalidObject, match="knows no wait"):
        parse(with_steps(manifest, [{"weight": 5, "wait": "1m"}]))


@pytest.mark.parametrize(
    ("field", "value"), [("stepWeight", 10), ("stepWeights", [1, 2]), ("iterations", 3)]
)
def test_steps_exclude_every_other_strategy(schemas, manifest, field, value):
    obj = with_steps(manifest, STEPS, **{field: value})
    assert not jsonschema.Draft202012Validator(schemas["Canary"]).is_valid(obj)
    # An API server with other CRDs may let it through.
    (text,) = violations(parse(obj), no_cross_namespace_refs=False)
    expected = f"spec.analysis.engine.steps can't stand beside spec.analysis.{field}"
    assert text == f"{expected}: remove one of them"


@pytest.mark.parametrize("engine", [{}, {"rollbackStepWeight": 20}])
def test_the_block_alone_changes_nothing_of_flaggers_choice(schemas, manifest, engine):
    accepts = jsonschema.Draft202012Validator(schemas["Canary"]).is_valid
    assert accepts(manifest({"spec.analysis.engine": engine}))
    assert not accepts(manifest({"spec.analysis": {**FLAGGER_OWN, "engine": engine}}))


def test_replicas_of_what_does_not_scale_by_number(canary):
    steps = {"interval": "1m", "threshold": 5, "engine": {"steps": [{"weight": 5, "replicas": 2}]}}
    daemon = canary({"spec.analysis": steps, "spec.targetRef.kind": "DaemonSet"})
    assert violations(daemon, False) == (
        "spec.analysis.engine.steps[0].replicas: 2 means nothing with a DaemonSet: "
        "accepted for a Deployment",
    )
    scaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "name": "podinfo"}
    scaled = canary({"spec.analysis": steps, "spec.autoscalerRef": scaler})
    assert violations(scaled, False) == (
        "spec.analysis.engine.steps[0].replicas: 2 can't stand beside spec.autoscalerRef, "
        "which decides: remove one",
    )


def test_a_stay_below_the_floor_is_raised_with_a_warning(canary):
    analysis = {**FLAGGER_OWN, "engine": {"steps": [{"weight": 5, "duration": "2s"}]}}
    (warning,) = warnings(canary({"spec.analysis": analysis}), floor=10.0)
    assert (warning.reason, warning.field, warning.message) == (
        "StepTooShort",
        "spec.analysis.engine.steps[0].duration",
        "2s is below the lower limit: uses 10s",
    )
    assert warnings(canary({"spec.analysis": analysis}), floor=2.0) == ()


@pytest.mark.parametrize(("weight", "fits"), [(0, True), (1, True), (100, True), (101, False)])
def test_the_step_of_a_rollback_is_a_percentage(schemas, manifest, weight, fits):
    obj = manifest({"spec.analysis.engine": {"rollbackStepWeight": weight}})
    assert (not refused(obj, schemas["Canary"])) is fits
    if fits:
        assert parse(obj).spec.analysis.rollback_step_weight == weight
    else:
        with pytest.raises(InvalidObject, match="must be at most 100"):
            parse(obj)


def test_dependencies_in_another_namespace_can_be_forbidden(canary):
    depends = [{"name": "a"}, {"name": "b", "namespace": "test"}, {"name": "c", "namespace": "x"}]
    found = canary({"spec.engine": {"dependsOn": depends}})
    assert violations(found, no_cross_namespace_refs=False) == ()
    assert violations(found, no_cross_namespace_refs=True) == (
        "can't access canary c.x, cross-namespace references are blocked",
    )
