"""``canary status`` where not all can be seen: Flagger's Canaries, refusals, broken objects."""

from __future__ import annotations

import json

from people import barred, canary, told
from people_flagger import flagger_status, route, under_flagger

from canary.kube.resources import CANARIES, Key
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script


@staged()
async def test_flaggers_canary(script: Script) -> None:
    status = flagger_status("Progressing", 20, failedChecks=1)
    await under_flagger(script.stage, status)
    await script.stage.apply(route(80, 20))
    found = await told(script.stage)
    assert (found["engine"], found["phase"], found["weight"]) == ("flagger", "Progressing", 20)
    assert (found["step"], found["failedChecks"]) == ("2/5", 1)
    assert found["reason"] == "New revision detected, progressing canary analysis."
    assert (found["route"]["primary"], found["route"]["canary"]) == (80, 20)
    assert found["primary"]["ready"] == 2
    # Flagger keeps no values; the limits are in the spec.
    assert found["metrics"][0] == {
        "name": "request-success-rate",
        "passed": None,
        "value": "",
        "limit": "min 99%",
    }
    # Its status was written at 0:00, the interval is a minute, and this is second 1.
    assert found["next"]["text"] == "weight 30 if the checks pass"
    assert abs(found["next"]["inSeconds"] - 60) <= 3
    assert "run by Flagger" in (await canary(script.stage, "status podinfo")).lines[0]


@staged()
async def test_a_route_that_carries_something_else_is_told(script: Script) -> None:
    await under_flagger(script.stage, flagger_status("Progressing", 20))
    await script.stage.apply(route(60, 40))
    assert "the status says 20 %" in (await canary(script.stage, "status podinfo")).out


@staged()
async def test_a_provider_is_found_when_none_is_named(script: Script) -> None:
    await under_flagger(script.stage, flagger_status("Progressing", 20), spec={"provider": None})
    assert "error" in (await told(script.stage))["route"]
    await script.stage.apply(route(80, 20))
    found = (await told(script.stage))["route"]
    assert (found["provider"], found["canary"]) == ("istio", 20)


@staged()
async def test_what_is_not_supported_yet_is_shown_as_far_as_it_goes(script: Script) -> None:
    status = flagger_status("Progressing", 0, iterations=3)
    analysis = {"stepWeight": None, "maxWeight": None, "iterations": 10}
    await under_flagger(script.stage, status, spec={"provider": "skipper"}, analysis=analysis)
    found = await told(script.stage)
    assert found["step"] == "3/10" and "skipper" in found["route"]["error"]
    assert found["target"]["ready"] == 2


@staged()
async def test_what_may_not_be_seen_is_named_and_the_rest_is_shown(script: Script) -> None:
    await script.initialized()
    for part, place in (("deployments", "target"), ("virtualservices", "route")):
        said = await canary(
            script.stage, "status podinfo -o json", client=barred(script.stage, part)
        )
        assert said.code == 0
        assert "barred" in json.loads(said.out)[place]["error"]
    text = await canary(script.stage, "status podinfo", client=barred(script.stage, "deployments"))
    assert "Deployment/podinfo-primary  not visible: barred" in text.out


@staged()
async def test_a_refusal_says_what_to_do(script: Script) -> None:
    await script.initialized()
    for status, hint in ((403, "ask for this permission"), (401, "log in again"), (500, "500")):
        client = barred(script.stage, "canaries", status)
        for line in ("status podinfo", "get", "wait podinfo", "events podinfo -n other"):
            said = await canary(script.stage, line, client=client)
            assert said.code == (5 if line.startswith("wait") else 1)
            assert hint in said.error and "barred" in said.error


@staged()
async def test_a_workload_that_is_gone(script: Script) -> None:
    await script.initialized()
    await script.stage.stop()
    obj = await script.stage.user.get(CANARIES, "test", "podinfo")
    assert obj["status"]["phase"] == "Initialized"
    await script.spec(targetRef={"name": "gone"})
    found = await told(script.stage)
    assert "not found" in found["target"]["error"] and "not found" in found["primary"]["error"]


@staged()
async def test_a_spec_that_can_not_be_read(script: Script) -> None:
    stage = script.stage
    await stage.up()
    await stage.apply(*setting())
    storage, key = stage.cluster.server.storage, Key("test", "podinfo")
    obj = storage.get(CANARIES, key)
    storage.put(CANARIES, key, {**obj, "spec": {"targetRef": "podinfo", "analysis": 3}})
    found = await told(script.stage)
    assert found["route"]["error"] == "the spec can't be read" and "error" in found["target"]
    storage.put(CANARIES, key, {k: v for k, v in obj.items() if k != "spec"})
    assert (await told(script.stage))["name"] == "podinfo"


@staged()
async def test_a_record_of_a_newer_engine(script: Script) -> None:
    await under_flagger(script.stage, flagger_status("Succeeded", engine={"version": 99}))
    (problem,) = (await told(script.stage))["problems"]
    assert problem["blocks"] and "version 99" in problem["message"]
