"""Webhooks that hang, or never agree: they delay what asked them, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from canary.api.annotations import INTENT
from canary.api.hooks import Webhook
from canary.kube.resources import CANARIES, NAMESPACES
from tests.rig.chat import NOTIFIED
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.scenario import hooks
from tests.transcripts.script import Script

TEN_MINUTES = 600.0
SOON = 20.0
"""Seconds: far below an interval, and enough for pods, endpoints and a status write."""


def hangs(script: Script, name: str) -> None:
    """From now on this hook answers after ten minutes."""

    async def behave(hook: Webhook) -> None:
        if hook.name == name:
            await asyncio.sleep(TEN_MINUTES)

    script.stage.receivers.behave = behave


async def hanging(script: Script, **analysis: Any) -> None:
    """A rollout at weight 20 whose rollout hook has been called and doesn't answer."""
    await script.initialized(analysis={**hooks(load="rollout"), **analysis})
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    hangs(script, "load")
    await script.stage.rest(90)
    assert script.stage.status()["canaryWeight"] == 20


def now() -> float:
    return asyncio.get_running_loop().time()


@staged()
async def test_a_dead_canary_loses_its_traffic_at_once(script: Script) -> None:
    await hanging(script)
    before = now()
    script.ready(0)
    await script.reaches("Progressing", 0)
    assert now() - before < SOON


@staged()
async def test_the_threshold_ends_the_run_at_once(script: Script) -> None:
    await script.initialized(analysis={**hooks(load="rollout"), "threshold": 5})
    script.answers(load=403)
    await script.image("2.0.0")
    await script.reaches("Progressing", 10, 2)
    hangs(script, "load")
    await script.stage.rest(90)
    before = now()
    await script.spec(analysis={"threshold": 2})
    await script.reaches("Failed")
    assert now() - before < SOON


@pytest.mark.parametrize("kind", ["rollout", "confirm-traffic-increase", "rollback"])
def test_an_abort_by_hand_is_done_at_once(kind: str) -> None:
    @staged()
    async def play(script: Script) -> None:
        script.answers(**({"slow": 403} if kind == "rollback" else {}))
        await script.initialized(analysis=hooks(slow=kind))
        await script.image("2.0.0")
        await script.reaches("Progressing", 20)
        hangs(script, "slow")
        await script.stage.rest(90)
        before = now()
        annotations = {"metadata": {"annotations": {INTENT: "abort"}}}
        await script.stage.patch(CANARIES, "podinfo", annotations)
        await script.reaches("Failed", 0)
        assert now() - before < SOON

    play()


@staged()
async def test_a_new_revision_takes_over_at_once(script: Script) -> None:
    await hanging(script)
    before, calls = now(), len(script.stage.receivers.of("load"))
    await script.image("3.0.0")
    await script.reaches("Progressing", 0)
    assert now() - before < SOON
    # The answer to the run before comes to nothing: it was cancelled.
    script.stage.receivers.behave = None
    await script.stage.rest(TEN_MINUTES)
    assert script.stage.phase() == "Succeeded"
    keys = {call.key for call in script.stage.receivers.of("load")[calls:]}
    assert len({key.split("/")[1] for key in keys}) == 1


@staged()
async def test_a_deletion_is_done_at_once(script: Script) -> None:
    await hanging(script)
    calls = len(script.stage.receivers.calls)
    await script.stage.delete(CANARIES, "podinfo")
    await script.stage.rest(SOON)
    assert script.stage.get(CANARIES, "podinfo") is None
    await script.stage.rest(TEN_MINUTES)
    assert len(script.stage.receivers.calls) == calls


@staged()
async def test_another_canary_rolls_out_meanwhile(script: Script) -> None:
    await hanging(script)
    await script.stage.user.create(*namespace("other"))
    manifests = setting(analysis={"stepWeight": 50})
    for manifest in manifests:
        manifest["metadata"]["namespace"] = "other"
    await script.stage.apply(*manifests)
    await script.stage.until(lambda: script.stage.phase(namespace="other") == "Initialized", 60)
    await script.stage.set_image("podinfo:2.0.0", namespace="other")
    await script.stage.until(lambda: script.stage.phase(namespace="other") == "Succeeded", 150)
    assert script.stage.status()["canaryWeight"] == 20


def namespace(name: str) -> tuple[Any, dict[str, Any]]:
    return NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


@pytest.mark.parametrize("kind", ["event", "post-rollout"])
def test_what_is_only_told_delays_no_rollout(kind: str) -> None:
    @staged()
    async def play(script: Script) -> None:
        await script.initialized(analysis={"stepWeight": 50, **hooks(all=kind)})
        hangs(script, "all")
        for tag in ("2.0.0", "3.0.0"):
            before = now()
            await script.image(tag)
            await script.reaches("Progressing", 50)
            await script.reaches("Succeeded")
            assert now() - before < 150, tag

    play()


@staged(settings=NOTIFIED)
async def test_a_rollback_is_one_alert_while_the_hook_that_hears_of_it_hangs(
    script: Script,
) -> None:
    analysis = {"stepWeight": 50, "threshold": 1, **hooks(post="post-rollout")}
    await script.initialized(analysis=analysis)
    hangs(script, "post")
    script.stage.prometheus.value = 90
    await script.image("2.0.0")
    await script.reaches("Failed")
    await script.stage.rest(5)
    assert script.stage.chat.texts()[-1] == "Failed checks threshold reached 1"
    await script.stage.rest(2 * TEN_MINUTES)
    assert script.stage.chat.texts().count("Failed checks threshold reached 1") == 1
    assert len(script.stage.receivers.of("post")) == 1


@staged(settings=NOTIFIED)
async def test_a_gate_that_never_opens_is_told_once_and_judged_all_the_while(
    script: Script,
) -> None:
    script.answers(promo=403)
    await script.initialized(analysis={"stepWeight": 50, **hooks(promo="confirm-promotion")})
    await script.image("2.0.0")
    await script.reaches("WaitingPromotion")
    written = len(versions(script))
    await script.stage.rest(3600)
    # Once an interval: each poll has a key of its own, which a crash must not lose.
    assert len(script.stage.receivers.of("promo")) in (60, 61, 62)
    assert 60 <= len(versions(script)) - written <= 62
    halts = [text for _, text in script.stage.events() if "waiting for promotion" in text]
    assert len(halts) == 1
    assert script.stage.chat.texts().count("Canary promotion is waiting for approval.") == 1
    script.stage.prometheus.value = 90
    await script.reaches("Failed")


def versions(script: Script) -> list[str]:
    """Successful status writes of the engine so far."""
    audit = script.stage.cluster.server.audit
    return [
        entry.path
        for entry in audit
        if entry.user == "canary-engine" and entry.writes and entry.path.endswith("/status")
    ]
