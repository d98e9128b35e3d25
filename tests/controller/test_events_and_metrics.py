"""What people and alerting systems see: events, conditions, exported series, logs."""

from __future__ import annotations

from canary.kube.resources import CANARIES, EVENTS
from tests.badinput.test_specs import uid
from tests.rig.staged import staged
from tests.transcripts.script import Script


def series(script: Script) -> dict[str, float]:
    """All exported series of Flagger's names, as ``name{labels}``."""
    found = {}
    for family in script.stage.registry.collect():
        for sample in family.samples:
            if sample.name.startswith("flagger_") and "_bucket" not in sample.name:
                labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))
                found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


@staged()
async def test_series_of_a_rollout(script: Script) -> None:
    """operations.md 5: names, labels and moments."""
    await script.initialized()
    assert series(script)["flagger_canary_total{namespace=test}"] == 1
    assert series(script)["flagger_canary_status{name=podinfo,namespace=test}"] == 1
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    found = series(script)
    assert found["flagger_canary_status{name=podinfo,namespace=test}"] == 0
    assert found["flagger_canary_weight{namespace=test,workload=podinfo}"] == 20
    assert found["flagger_canary_weight{namespace=test,workload=podinfo-primary}"] == 80
    key = "flagger_canary_metric_analysis{metric=request-success-rate,name=podinfo,namespace=test}"
    assert found[key] == 100
    await script.reaches("Succeeded")
    labels = "analysis_status=completed,deployment_strategy=canary,name=podinfo,namespace=test"
    assert series(script)[f"flagger_canary_successes_total{{{labels}}}"] == 1
    script.stage.prometheus.value = 90
    await script.image("3.0.0")
    await script.reaches("Failed")
    found = series(script)
    assert found[f"flagger_canary_failures_total{{{labels}}}"] == 1
    assert found["flagger_canary_status{name=podinfo,namespace=test}"] == 2


@staged()
async def test_series_of_a_deleted_canary_go(script: Script) -> None:
    """operations 16.8."""
    await script.initialized()
    await script.stage.user.delete(CANARIES, "test", "podinfo", uid=uid(script, "podinfo"))
    await script.stage.rest(5)
    assert not [name for name in series(script) if "name=podinfo" in name or "workload" in name]


@staged()
async def test_events_have_the_form_that_dashboards_select(script: Script) -> None:
    await script.initialized()
    storage = script.stage.cluster.server.storage
    events = [obj for _, obj in storage.all(EVENTS)]
    assert events
    for event in events:
        assert event["reason"] == "Synced"
        assert event["source"] == {"component": "flagger"}
        involved = event["involvedObject"]
        assert (involved["kind"], involved["name"]) == ("Canary", "podinfo")
        assert involved["apiVersion"] == "flagger.app/v1beta1"
    assert len({event["metadata"]["name"] for event in events}) == len(events)


@staged()
async def test_the_record_says_why_a_rollback_happened(script: Script) -> None:
    """Metric, value, limit, revision and step, for people who come later."""
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    reason = script.stage.status()["engine"]["reason"]
    revision = script.stage.status()["engine"]["run"]["revision"]["template"]
    for part in (
        "request-success-rate",
        "90.00%",
        "min 99%",
        "step 2",
        revision,
        "3 failed checks of 3",
    ):
        assert part in reason, reason


@staged()
async def test_what_is_measured_is_how_long_analyses_take_and_not_gates(script: Script) -> None:
    gate = {"name": "gate", "type": "confirm-rollout", "url": "http://gate"}
    await script.initialized(analysis={"webhooks": [gate]})
    labels = "name=podinfo,namespace=test"
    count = f"flagger_canary_duration_seconds_count{{{labels}}}"
    script.answers(gate=403)
    await script.image("2.0.0")
    await script.reaches("Waiting")
    await script.stage.rest(200)
    assert series(script).get(count, 0) == 0
    script.answers(gate=200)
    await script.reaches("Progressing", 20)
    assert series(script)[count] == 1
