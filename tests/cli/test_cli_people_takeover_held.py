"""``canary takeover --check`` of Canaries that would not be taken over, and its command line."""

from __future__ import annotations

from people import barred, canary
from people_flagger import foretold

from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script


@staged()
async def test_what_can_not_be_run_is_refused_by_its_field(script: Script) -> None:
    stage = script.stage
    await stage.up()
    await stage.apply(*setting(spec={"provider": "traefik"}))
    found = await foretold(stage, "")
    assert (found["takeover"], found["field"]) == ("refused", "spec.provider")
    assert "spec.provider: traefik is not supported" in found["reason"]


@staged()
async def test_what_lacks_something_is_held(script: Script) -> None:
    stage = script.stage
    await stage.up()
    await stage.apply(setting()[3])
    found = await foretold(stage, "")
    assert (found["takeover"], found["field"]) == ("held", "")
    assert "podinfo.test" in found["reason"] and "not found" in found["reason"]


@staged()
async def test_nothing_yet_and_ours_already(script: Script) -> None:
    stage = script.stage
    await stage.up()
    await stage.apply(*setting())
    await stage.rest(2)
    found = await foretold(stage, "podinfo")
    assert (found["takeover"], found["reason"]) == (
        "initializes",
        "no controller has looked at it yet",
    )
    stage.start()
    await script.reaches("Initialized")
    await stage.rest(20)
    assert (await foretold(stage, "podinfo"))["takeover"] == "runs"


@staged()
async def test_suspended_is_held(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(*setting(spec={"suspend": True}))
    found = await foretold(script.stage, "")
    assert (found["takeover"], found["reason"]) == ("held", "suspended")


@staged()
async def test_what_may_not_be_read_is_not_guessed(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(*setting())
    client = barred(script.stage, "/deployments")
    said = await canary(script.stage, "takeover --check", client=client)
    assert said.code == 4
    assert "deployments" in said.out and "barred" in said.out and "held" in said.out


@staged()
async def test_lines_that_can_not_be_meant(script: Script) -> None:
    await script.stage.up()
    without = await canary(script.stage, "takeover -A")
    assert without.code == 2 and "--check" in without.error
    both = await canary(script.stage, "takeover --check podinfo -A")
    assert both.code == 2 and "-n" in both.error
    unknown = await canary(script.stage, "takeover --check --flag mesh-provider=abc")
    assert unknown.code == 2 and "'abc'" in unknown.error and "istio" in unknown.error
    refused = await canary(script.stage, "takeover --check --flag=-ingress-class=a")
    assert refused.code == 2 and "-ingress-class" in refused.error
    gone = await canary(script.stage, "takeover --check podinfo")
    assert gone.code == 5 and "'podinfo'" in gone.error
    empty = await canary(script.stage, "takeover --check")
    assert (empty.code, empty.out) == (0, "There are no Canaries in namespace test.\n")
