"""Specs that can't be run: said on the object, traffic untouched, well once mended."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import CANARIES, DEPLOYMENTS, METRIC_TEMPLATES, SERVICES, Key
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script


def condition(script: Script, kind: str = "Blocked") -> dict[str, Any]:
    """Our condition of this type; empty when there is none."""
    found = script.stage.status().get("conditions") or ()
    return next((c for c in found if c["type"] == kind), {})


def warned(script: Script, *parts: str) -> bool:
    """Whether a Warning event holds all these texts."""
    return any(
        kind == "Warning" and all(part in text for part in parts)
        for kind, text in script.stage.events()
    )


def slip_in(script: Script, spec: dict[str, Any]) -> None:
    """Store a spec that today's CRD would refuse, as one that was stored before it could."""
    storage = script.stage.cluster.server.storage
    key = Key("test", "podinfo")
    obj = storage.get(CANARIES, key)
    meta = {**obj["metadata"], "generation": obj["metadata"]["generation"] + 1}
    storage.put(CANARIES, key, {**obj, "metadata": meta, "spec": spec})


@staged()
async def test_wrong_types_before_anything_ran(script: Script) -> None:
    stage = script.stage
    await stage.up()
    await stage.apply(*setting())
    good = stage.get(CANARIES, "podinfo")["spec"]
    slip_in(script, {**good, "analysis": {**good["analysis"], "threshold": "three"}})
    stage.start()
    await stage.rest(30)
    assert warned(script, "spec.analysis.threshold", "three", "whole number")
    assert condition(script)["reason"] == "InvalidSpec"
    assert "spec.analysis.threshold" in condition(script)["message"]
    assert stage.get(SERVICES, "podinfo-primary") is None
    slip_in(script, good)
    await script.reaches("Initialized")
    assert condition(script) == {}


@staged()
async def test_wrong_types_in_mid_rollout(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    good = script.stage.get(CANARIES, "podinfo")["spec"]
    slip_in(script, {**good, "analysis": {**good["analysis"], "stepWeight": {"a": 1}}})
    await script.stage.rest(200)
    assert script.stage.status()["canaryWeight"] == 20
    assert warned(script, "spec.analysis.stepWeight")
    # The canary's pods die meanwhile: its traffic is saved although the spec can't be read.
    script.ready(0)
    await script.reaches("Progressing", 0)
    script.ready(2)
    slip_in(script, good)
    await script.reaches("Succeeded")


@staged()
async def test_an_unsupported_part_is_named_and_nothing_runs(script: Script) -> None:
    stage = script.stage
    await stage.up()
    await stage.apply(*setting(spec={"provider": "traefik"}))
    stage.start()
    await stage.rest(30)
    assert warned(script, "spec.provider", "traefik is not supported")
    assert condition(script)["reason"] == "Unsupported"
    assert stage.get(DEPLOYMENTS, "podinfo-primary") is None
    await script.spec(provider="istio")
    await script.reaches("Initialized")


@staged()
async def test_a_template_of_an_unsupported_server_is_named(script: Script) -> None:
    template = metric_template("datadog")
    await script.stage.up()
    await script.stage.apply(template, *setting(analysis={"metrics": [custom()]}))
    script.stage.start()
    await script.stage.rest(30)
    assert warned(script, "MetricTemplate success.test", "spec.provider.type", "datadog")
    patch = {"spec": {"provider": {"type": "prometheus"}}}
    await script.stage.patch(METRIC_TEMPLATES, "success", patch)
    await script.reaches("Initialized")


def metric_template(kind: str = "prometheus", query: str = "up") -> dict[str, Any]:
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "MetricTemplate",
        "metadata": {"name": "success", "namespace": "test"},
        "spec": {"provider": {"type": kind, "address": "http://prometheus:9090"}, "query": query},
    }


def custom() -> dict[str, Any]:
    return {
        "name": "success",
        "templateRef": {"name": "success"},
        "thresholdRange": {"min": 99},
        "interval": "1m",
    }


@staged()
async def test_fields_that_cannot_mean_what_they_say_are_a_condition(script: Script) -> None:
    await script.initialized(analysis={"stepWeight": 70, "maxWeight": 150})
    found = condition(script, "SpecWarning")
    assert found["status"] == "True"
    assert "spec.analysis.maxWeight" in found["message"]
    promoted = condition(script, "Promoted")
    assert (promoted["status"], promoted["reason"]) == ("True", "Initialized")


@staged()
async def test_two_canaries_of_one_target(script: Script) -> None:
    stage = script.stage
    await script.initialized()
    younger = setting()[3]
    younger["metadata"]["name"] = "rival"
    await stage.rest(5)
    await stage.apply(younger)
    await stage.rest(30)
    named = ("podinfo.test", "rival.test", "younger")
    assert warned(script, *named)
    assert "rival" in str(stage.get(CANARIES, "rival")["status"]["conditions"])
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    assert stage.phase("rival") in ("", "Initializing")
    # Once the older one is gone the younger one takes over what is left.
    await stage.user.delete(CANARIES, "test", "podinfo", uid=uid(script, "podinfo"))
    await stage.until(lambda: stage.phase("rival") == "Initialized")


def uid(script: Script, name: str) -> str:
    return str(script.stage.get(CANARIES, name)["metadata"]["uid"])
