"""``canary wait`` where a person has to act, and where the cluster can't be looked at."""

from __future__ import annotations

import asyncio

from people import Barred, canary, remove_canary, result, waiting
from people_flagger import flagger_status, store_status, under_flagger

from canary.kube.client import Client
from canary.kube.resources import CANARIES
from canary.rollout.codec import encode
from canary.rollout.record import Record, Revision
from canary.rollout.stage import Stage as Phase
from canary.rollout.status import seal
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script

PROMOTED, OTHERWISE, USAGE, TIMEOUT, HELD, LOST = 0, 1, 2, 3, 4, 5


@staged()
async def test_what_is_blocked_needs_a_person(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(*setting(spec={"provider": "traefik"}))
    script.stage.start()
    now = asyncio.get_running_loop().time
    async with waiting(script.stage, "wait podinfo") as task:
        said = await result(task)
    assert said.code == HELD and now() < 60
    assert "spec.provider" in said.lines[-1] and "to do: remove the field" in said.out


@staged()
async def test_what_is_mended_soon_is_no_end(script: Script) -> None:
    await script.stage.up()
    config, secret, target, resource = setting()
    # As `kubectl apply` of a folder may do it: the Canary comes first.
    await script.stage.apply(config, secret, resource)
    script.stage.start()
    async with waiting(script.stage, "wait podinfo") as task:
        await script.stage.rest(20)
        assert "not found" in script.stage.status()["conditions"][-1]["message"]
        await script.stage.apply(target)
        said = await result(task)
    assert said.code == PROMOTED


@staged()
async def test_suspended_is_held(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await script.spec(suspend=True)
    said = await canary(script.stage, "wait podinfo")
    assert said.code == HELD and "set spec.suspend to false" in said.lines[-1]


@staged()
async def test_short_holds_do_not_add_up(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    async with waiting(script.stage, "wait podinfo") as task:
        for _ in range(2):
            await script.spec(suspend=True)
            await script.stage.rest(20)
            await script.spec(suspend=False)
            await script.stage.rest(20)
        assert (await result(task)).code == PROMOTED


@staged()
async def test_held_at_the_end_of_the_time_is_held(script: Script) -> None:
    await under_flagger(script.stage, flagger_status("Progressing", 20), spec={"suspend": True})
    assert (await canary(script.stage, "wait podinfo --timeout 5s")).code == HELD


def ours(phase: Phase) -> dict:
    """A status of our own engine."""
    status = {"phase": phase.value, "canaryWeight": 0}
    record = Record(stage=phase, applied=Revision("e1-000000000000"))
    return {**status, "engine": encode(record) | {"seal": seal(status)}}


@staged()
async def test_an_approval_is_waited_for_only_where_somebody_asks(script: Script) -> None:
    await under_flagger(script.stage, flagger_status("WaitingPromotion"))
    assert (await canary(script.stage, "wait podinfo --timeout 5m")).code == TIMEOUT
    store_status(script.stage, ours(Phase.WAITING_PROMOTION))
    said = await canary(script.stage, "wait podinfo --timeout 5m")
    assert said.code == HELD and "approval" in said.lines[-1]


@staged()
async def test_a_canary_that_goes_can_not_be_waited_for(script: Script) -> None:
    await script.stage.up()
    assert (await canary(script.stage, "wait podinfo")).code == LOST
    await script.stage.apply(*setting())
    async with waiting(script.stage, "wait podinfo") as task:
        await remove_canary(script.stage)
        said = await result(task)
    assert said.code == LOST and "podinfo.test was deleted" in said.error


@staged()
async def test_an_outage_is_waited_out(script: Script) -> None:
    await script.initialized()
    await script.stage.stop()
    await script.image("2.0.0")
    gate = Barred(script.stage.user.transport, "/deployments/", 503)
    async with waiting(script.stage, "wait podinfo", Client(gate)) as task:
        # Idle by its status, and the workloads can't be looked at: that is no end.
        await script.stage.rest(60)
        assert not task.done()
        script.stage.start()
        gate.open = True
        assert (await result(task)).code == PROMOTED


@staged()
async def test_without_a_look_at_workloads_the_status_counts(script: Script) -> None:
    await script.initialized()
    client = Client(Barred(script.stage.user.transport, "/deployments/", 403))
    said = await canary(script.stage, "wait podinfo --timeout 0", client=client)
    assert said.code == PROMOTED


@staged()
async def test_another_canary_is_of_no_interest(script: Script) -> None:
    await script.initialized()
    other = setting()[3]
    other["metadata"]["name"] = "other"
    await script.stage.apply(other)
    await script.image("2.0.0")
    async with waiting(script.stage, "wait podinfo") as task:
        await script.reaches("Progressing", 20)
        obj = await script.stage.user.get(CANARIES, "test", "other")
        await script.stage.user.delete(CANARIES, "test", "other", uid=obj["metadata"]["uid"])
        assert (await result(task)).code == PROMOTED
