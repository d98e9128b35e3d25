"""Autoscalers that are missing, can't be the target's, change in between, or scale meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from canary import virtualtime
from canary.kube.errors import Invalid
from canary.kube.resources import AUTOSCALERS, CANARIES, DAEMON_SETS, DEPLOYMENTS, SCALED_OBJECTS
from tests.badinput.test_specs import condition, warned
from tests.rig.manifests import autoscaled, daemon_setting
from tests.rig.stage import Stage
from tests.rig.staged import staged
from tests.transcripts.script import Script

PAUSED = "autoscaling.keda.sh/paused-replicas"


def replicas(script: Script, name: str) -> int:
    return script.stage.get(DEPLOYMENTS, name)["spec"]["replicas"]


def bounds(script: Script) -> tuple[int, int]:
    spec = script.stage.get(AUTOSCALERS, "podinfo-hpa-primary")["spec"]
    return spec["minReplicas"], spec["maxReplicas"]


def paused(script: Script) -> str | None:
    meta = script.stage.get(SCALED_OBJECTS, "podinfo-so")["metadata"]
    return (meta.get("annotations") or {}).get(PAUSED)


@staged()
async def test_a_missing_hpa_keeps_the_target_serving(script: Script) -> None:
    """S70: the primary is ready, the target is untouched; well once it is there."""
    hpa, *others = autoscaled()
    await script.begins(others)
    await script.stage.rest(60)
    text = (
        "HorizontalPodAutoscaler podinfo-hpa.test get query error: "
        'horizontalpodautoscalers.autoscaling "podinfo-hpa" not found'
    )
    assert script.stage.events()[-1] == ("Warning", text)
    assert script.stage.phase() == "Initializing"
    assert condition(script)["reason"] == "AutoscalerMissing"
    assert (replicas(script, "podinfo"), replicas(script, "podinfo-primary")) == (2, 2)
    await script.stage.apply(hpa)
    await script.reaches("Initialized")
    assert bounds(script) == (3, 6)


@staged()
async def test_keda_that_comes_later_is_noticed(script: Script) -> None:
    scaled_object, *others = autoscaled("ScaledObject")
    await script.begins(others)
    await script.stage.rest(60)
    assert warned(script, "ScaledObject podinfo-so.test", "scaledobjects.keda.sh is not served")
    assert replicas(script, "podinfo") == 2
    await script.stage.keda()
    await script.stage.apply(scaled_object)
    await script.reaches("Initialized")
    await script.stage.rest(10)
    assert paused(script) == "0"


@staged()
async def test_an_hpa_of_a_stateful_set(script: Script) -> None:
    hpa, *others = autoscaled()
    hpa["spec"]["scaleTargetRef"]["kind"] = "StatefulSet"
    await script.begins([hpa, *others])
    await script.stage.rest(60)
    assert warned(script, "spec.autoscalerRef", "scales a StatefulSet", "is a Deployment")
    assert script.stage.get(AUTOSCALERS, "podinfo-hpa-primary") is None
    assert replicas(script, "podinfo") == 2
    patch = {"spec": {"scaleTargetRef": {"kind": "Deployment"}}}
    await script.stage.patch(AUTOSCALERS, "podinfo-hpa", patch)
    await script.reaches("Initialized")


def test_an_autoscaler_of_another_kind_is_refused_by_the_api_server() -> None:
    async def play() -> str:
        stage = Stage()
        await stage.up()
        canary = autoscaled(reference={"kind": "VerticalPodAutoscaler"})[-1]
        try:
            with pytest.raises(Invalid) as refused:
                await stage.user.create(CANARIES, canary)
            return str(refused.value)
        finally:
            await stage.down()

    text = virtualtime.run(play())
    assert 'spec.autoscalerRef.kind: Unsupported value: "VerticalPodAutoscaler"' in text
    assert '"HorizontalPodAutoscaler", "ScaledObject"' in text


@staged()
async def test_a_daemon_set_has_no_autoscaler(script: Script) -> None:
    ref = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "name": "podinfo"}
    await script.begins(daemon_setting({"autoscalerRef": ref}))
    await script.reaches("Initialized")
    (warning,) = [c for c in script.stage.status()["conditions"] if c["type"] == "SpecWarning"]
    assert warning["reason"] == "AutoscalerIgnored"
    assert "spec.autoscalerRef: a DaemonSet is not scaled" in warning["message"]
    await script.stage.set_image("podinfo:2.0.0", resource=DAEMON_SETS)
    await script.reaches("Succeeded")
    assert not warned(script, "autoscaler")


@staged()
async def test_an_edit_reaches_the_primary_while_no_run_is_in_flight(script: Script) -> None:
    stage = script.stage
    await script.begins(autoscaled())
    await script.reaches("Initialized")
    await stage.rest(30)
    await stage.patch(AUTOSCALERS, "podinfo-hpa", {"spec": {"maxReplicas": 8}})
    await stage.rest(5)
    assert bounds(script) == (3, 8)
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    await stage.patch(AUTOSCALERS, "podinfo-hpa", {"spec": {"maxReplicas": 9}})
    await stage.rest(30)
    assert bounds(script) == (3, 8)
    await script.reaches("Promoting")
    assert bounds(script) == (3, 9)


@staged()
async def test_the_primarys_autoscaler_is_put_right(script: Script) -> None:
    stage = script.stage
    await script.begins(autoscaled(reference={"primaryScalerReplicas": {"minReplicas": 4}}))
    await script.reaches("Initialized")
    await stage.rest(10)
    await stage.patch(AUTOSCALERS, "podinfo-hpa-primary", {"spec": {"minReplicas": 1}})
    await stage.rest(5)
    assert bounds(script) == (4, 6)
    live = stage.get(AUTOSCALERS, "podinfo-hpa-primary")
    uid = live["metadata"]["uid"]
    await stage.user.delete(AUTOSCALERS, "test", "podinfo-hpa-primary", uid=uid)
    await stage.rest(5)
    assert bounds(script) == (4, 6)
    assert warned(script, "HorizontalPodAutoscaler podinfo-hpa-primary.test", "put right")


@staged()
async def test_replicas_that_an_hpa_drives_are_left_to_it(script: Script) -> None:
    """From its start to the end of the run the target's size is the autoscaler's."""
    stage = script.stage
    await script.begins(autoscaled())
    await script.reaches("Initialized")
    await stage.rest(30)
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    assert replicas(script, "podinfo") == 3
    writes = [e for e in stage.cluster.server.audit if e.path.endswith("podinfo/scale")]
    await script.replicas(5)
    await script.reaches("Progressing", 30)
    assert replicas(script, "podinfo") == 5
    assert [e for e in stage.cluster.server.audit if e.path.endswith("podinfo/scale")] == writes


@staged()
async def test_an_autoscaled_primary_grows_before_it_takes_over(script: Script) -> None:
    """D45: and shrinks by its autoscaler alone; its minimum is its own again afterwards."""
    stage = script.stage
    await script.begins(autoscaled())
    await script.reaches("Initialized")
    await stage.rest(30)
    await script.image("2.0.0")
    await script.reaches("Progressing", 50)
    await script.replicas(5)
    await script.reaches("Promoting")
    await stage.rest(1)
    assert replicas(script, "podinfo-primary") == 5
    await script.reaches("Succeeded")
    await stage.rest(20)
    assert (replicas(script, "podinfo-primary"), bounds(script)) == (5, (3, 6))


@staged()
async def test_a_primary_that_was_scaled_down_grows_at_a_rollback(script: Script) -> None:
    """D45: alongside, the route moves at once."""
    await script.initialized(analysis={"threshold": 1})
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    await script.replicas(1, "podinfo-primary")
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    assert replicas(script, "podinfo-primary") == 2


@staged()
async def test_a_rollback_pauses_when_it_has_drained(script: Script) -> None:
    """S81: KEDA must not end pods that still serve."""
    stage = script.stage
    await script.begins(autoscaled("ScaledObject", analysis={"threshold": 1}), keda=True)
    await script.reaches("Initialized")
    await stage.rest(30)
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    stage.prometheus.value = 90
    await script.reaches("Failed")
    assert paused(script) is None
    assert replicas(script, "podinfo") == 2
    await stage.rest(10)
    assert paused(script) == "0"
    assert replicas(script, "podinfo") == 0


@staged()
async def test_keda_is_paused_while_pods_go_through_zero(script: Script) -> None:
    """A change of data alone: it would bring the old pods' successors back too early."""
    stage = script.stage
    await script.begins(autoscaled("ScaledObject"), keda=True)
    await script.reaches("Initialized")
    await stage.rest(30)
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    seen: list[Any] = []
    feed = stage.cluster.server.storage.feed(SCALED_OBJECTS)
    await script.config(color="red")
    await script.reaches("Progressing", 0)
    await script.reaches("Progressing", 10)
    while not feed.empty():
        change = feed.get_nowait()
        if change and change.key.name == "podinfo-so":
            seen.append((change.obj["metadata"].get("annotations") or {}).get(PAUSED))
    assert seen == ["0", None]
    assert replicas(script, "podinfo") == 2


@staged()
async def test_nobody_watches_autoscalers_that_no_canary_names(script: Script) -> None:
    await script.initialized()
    kinds = {what for _, what in script.stage.calls}
    assert not kinds & {str(AUTOSCALERS), str(SCALED_OBJECTS), str(DAEMON_SETS)}


@staged()
async def test_overrides_of_the_primarys_scaled_object(script: Script) -> None:
    """api 3.2: queries by the name of their trigger, and both bounds."""
    queries, bounds_ = {"load": "mine"}, {"minReplicas": 3, "maxReplicas": 7}
    reference = {"primaryScalerQueries": queries, "primaryScalerReplicas": bounds_}
    await script.begins(autoscaled("ScaledObject", reference), keda=True)
    await script.reaches("Initialized")
    await script.stage.rest(10)
    spec = script.stage.get(SCALED_OBJECTS, "podinfo-so-primary")["spec"]
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (3, 7)
    assert spec["triggers"][0]["metadata"]["query"] == "mine"
    await script.spec(autoscalerRef={"primaryScalerQueries": None})
    await script.stage.rest(10)
    spec = script.stage.get(SCALED_OBJECTS, "podinfo-so-primary")["spec"]
    assert spec["triggers"][0]["metadata"]["query"] == 'sum(rate(x{app="podinfo-primary"}[1m]))'


@staged()
async def test_a_canary_that_dies_leaves_a_primary_that_is_big_enough(script: Script) -> None:
    """D45: in mid-rollout too; its autoscaler doesn't take the pods away again."""
    await script.begins(autoscaled())
    await script.reaches("Initialized")
    await script.stage.rest(30)
    await script.image("2.0.0")
    await script.reaches("Progressing", 50)
    await script.replicas(5)
    await script.stage.rest(5)
    script.ready(0)
    await script.reaches("Progressing", 0)
    await script.stage.rest(60)
    assert replicas(script, "podinfo-primary") == 5
    assert bounds(script) == (5, 6)
    script.ready(5)
    await script.reaches("Succeeded")
    await script.stage.rest(60)
    assert bounds(script) == (3, 6)
