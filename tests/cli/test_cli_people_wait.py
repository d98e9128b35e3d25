"""``canary wait``: the exit codes that pipelines go by, as its ``--help`` has them."""

from __future__ import annotations

import asyncio

import pytest
from people import canary, result, waiting
from people_flagger import flagger_status, store_status, under_flagger

from canary.kube.resources import DEPLOYMENTS
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script

PROMOTED, OTHERWISE, USAGE, TIMEOUT, HELD, LOST = 0, 1, 2, 3, 4, 5


@staged()
async def test_promoted_is_0_and_tells_the_way_there(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    said = await result(asyncio.create_task(canary(script.stage, "wait podinfo")))
    assert said.code == PROMOTED
    # One line for each state; the clock time first.
    states = [tuple(line.split("  ")[1:3]) for line in said.lines[:-1]]
    weights = [("Progressing", f"weight {weight}") for weight in (10, 20, 30, 40, 50)]
    assert [state for state in states if state in weights] == weights
    assert said.lines[-1].startswith("podinfo.test promoted")
    assert script.stage.phase() == "Succeeded"


@staged()
async def test_rolled_back_is_1(script: Script) -> None:
    await script.initialized()
    script.stage.prometheus.value = 10.0
    await script.image("2.0.0")
    async with waiting(script.stage, "wait podinfo") as task:
        said = await result(task)
    assert said.code == OTHERWISE
    assert said.lines[-1].startswith("podinfo.test failed: 3 failed checks of 3")
    assert "request-success-rate 10.00%, limit min 99%" in said.lines[-1]


@pytest.mark.parametrize(
    ("wanted", "value", "code"),
    [
        ("failed", 10.0, PROMOTED),
        ("failed", 100.0, OTHERWISE),
        ("idle", 10.0, PROMOTED),
        ("idle", 100.0, PROMOTED),
    ],
)
def test_what_is_awaited_is_0(wanted: str, value: float, code: int) -> None:
    @staged()
    async def play(script: Script) -> None:
        await script.initialized()
        script.stage.prometheus.value = value
        await script.image("2.0.0")
        async with waiting(script.stage, f"wait podinfo --for {wanted}") as task:
            assert (await result(task)).code == code

    play()


@staged()
async def test_a_canary_at_rest_is_promoted_at_once(script: Script) -> None:
    await script.initialized()
    assert (await canary(script.stage, "wait podinfo --timeout 0")).code == PROMOTED


@staged()
async def test_a_status_older_than_the_target_is_no_end(script: Script) -> None:
    await script.initialized()
    # The engine is down while the pipeline applies a new revision.
    await script.stage.stop()
    await script.image("2.0.0")
    async with waiting(script.stage, "wait podinfo") as task:
        await script.stage.rest(120)
        assert not task.done()
        script.stage.start()
        said = await result(task)
    assert said.code == PROMOTED and "weight 50" in said.out
    target = await script.stage.user.get(DEPLOYMENTS, "test", "podinfo-primary")
    assert target["spec"]["template"]["spec"]["containers"][0]["image"] == "podinfo:2.0.0"


@staged()
async def test_a_failure_of_the_revision_before_is_no_end(script: Script) -> None:
    await script.initialized()
    script.stage.prometheus.value = 10.0
    await script.image("2.0.0")
    await script.reaches("Failed")
    script.stage.prometheus.value = 100.0
    await script.stage.stop()
    await script.image("3.0.0")
    async with waiting(script.stage, "wait podinfo") as task:
        await script.stage.rest(60)
        assert not task.done()
        script.stage.start()
        assert (await result(task)).code == PROMOTED


@staged()
async def test_scaling_the_target_is_no_new_revision(script: Script) -> None:
    await script.initialized()
    await script.stage.stop()
    await script.replicas(5)
    assert (await canary(script.stage, "wait podinfo --timeout 0")).code == PROMOTED


@staged()
async def test_back_at_the_promoted_revision_counts_as_promoted(script: Script) -> None:
    # S48: Failed stays, but what serves is what the target says.
    await script.initialized()
    script.stage.prometheus.value = 10.0
    await script.image("2.0.0")
    await script.reaches("Failed")
    assert (await canary(script.stage, "wait podinfo --timeout 0")).code == OTHERWISE
    await script.image("1.0.0")
    await script.stage.rest(30)
    assert script.stage.phase() == "Failed"
    assert (await canary(script.stage, "wait podinfo --timeout 0")).code == PROMOTED


@staged()
async def test_the_time_is_up(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    now = asyncio.get_running_loop().time
    began = now()
    said = await canary(script.stage, "wait podinfo --timeout 90s")
    assert said.code == TIMEOUT and now() - began == pytest.approx(90, abs=0.1)
    assert "gave up after 90s" in said.lines[-1] and "canary status podinfo -n test" in said.out


@pytest.mark.parametrize("text", ["soon", "-5m", "10", ""])
def test_a_timeout_that_can_not_be_meant(text: str) -> None:
    @staged()
    async def play(script: Script) -> None:
        await script.stage.up()
        await script.stage.apply(*setting())
        said = await canary(script.stage, f"wait podinfo --timeout={text!r}")
        assert said.code == USAGE and "--timeout" in said.error and repr(text) in said.error

    play()


@staged()
async def test_flaggers_canary_is_promoted_when_its_primary_has_the_images(script: Script) -> None:
    await under_flagger(script.stage, flagger_status("Succeeded"))
    assert (await canary(script.stage, "wait podinfo --timeout 0")).code == PROMOTED
    await script.image("2.0.0")
    async with waiting(script.stage, "wait podinfo") as task:
        await script.stage.rest(30)
        assert not task.done()
        store_status(script.stage, flagger_status("Progressing", 10))
        await script.stage.rest(30)
        await script.stage.set_image("podinfo:2.0.0", "podinfo-primary")
        store_status(script.stage, flagger_status("Succeeded"))
        assert (await result(task)).code == PROMOTED
    store_status(script.stage, flagger_status("Failed"))
    assert (await canary(script.stage, "wait podinfo --timeout 0")).code == OTHERWISE
