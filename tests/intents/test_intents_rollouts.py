"""What people ask for by hand, through whole rollouts under virtual time."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from canary import virtualtime
from canary.api.annotations import INTENT
from canary.kube.resources import CANARIES, DEPLOYMENTS
from tests.rig.manifests import setting
from tests.rig.receiver import Receivers
from tests.rig.stage import Stage

Play = Callable[[Stage], Awaitable[None]]


def played(play: Play, *, hooks: tuple[str, ...] = (), closed: tuple[str, ...] = ()) -> Stage:
    """A Canary whose image has changed to 2.0.0, and what happens then."""
    receivers = Receivers()
    receivers.answers = dict.fromkeys(closed, (403, "not yet"))

    async def scene() -> Stage:
        stage = Stage(receivers=receivers)
        await stage.up()
        webhooks = [{"name": h, "type": h, "url": f"http://hooks.test/{h}"} for h in hooks]
        await stage.apply(*setting(analysis={"webhooks": webhooks} if webhooks else {}))
        stage.start()
        await stage.until(lambda: stage.phase() == "Initialized")
        await stage.set_image("podinfo:2.0.0")
        await play(stage)
        await stage.down()
        return stage

    return virtualtime.run(scene())


async def ask(stage: Stage, action: str | None, by: str = "", reason: str = "") -> None:
    """Annotate the Canary, as our command line or ``kubectl annotate`` does."""
    value: Any = action
    if by:
        value = json.dumps({"action": action, "by": by, "reason": reason})
    await stage.patch(CANARIES, "podinfo", {"metadata": {"annotations": {INTENT: value}}})


def texts(stage: Stage) -> list[str]:
    return [text for _, text in stage.events()]


def image(stage: Stage, name: str) -> str:
    pods = stage.get(DEPLOYMENTS, name)["spec"]["template"]["spec"]
    return str(pods["containers"][0]["image"])


def test_an_abort_rolls_back_at_once_and_says_who_asked() -> None:
    async def play(stage: Stage) -> None:
        await stage.until(lambda: stage.status().get("canaryWeight") == 20)
        await ask(stage, "abort", "alice", "INC-42")
        await stage.rest(1)
        assert (stage.phase(), stage.status()["canaryWeight"]) == ("Failed", 0)
        await stage.rest(120)

    stage = played(play)
    assert image(stage, "podinfo-primary") == "podinfo:1.0.0"
    assert stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"] == 0
    told = [text for text in texts(stage) if "abort by alice" in text]
    assert [text.split(" at ")[0] for text in told] == [
        "podinfo.test abort by alice",
        "Rolling back podinfo.test abort by alice",
    ]
    assert all(text.endswith(": INC-42") for text in told)


def test_a_request_that_is_stripped_at_once_is_done_all_the_same() -> None:
    """GitOps tools remove what Git doesn't have."""

    async def play(stage: Stage) -> None:
        await stage.until(lambda: stage.status().get("canaryWeight") == 10)
        await stage.patch(CANARIES, "podinfo", {"spec": {"suspend": True}})
        await ask(stage, "abort")
        await stage.rest(1)
        await ask(stage, None)
        await stage.rest(60)
        assert stage.phase() == "Progressing"
        await stage.patch(CANARIES, "podinfo", {"spec": {"suspend": False}})
        await stage.rest(1)
        assert stage.phase() == "Failed"

    played(play)


def test_who_annotates_by_hand_is_named_by_the_field_manager() -> None:
    async def play(stage: Stage) -> None:
        await stage.until(lambda: stage.status().get("canaryWeight") == 10)
        await ask(stage, "abort")
        await stage.rest(1)

    assert any("abort by kubectl at 2026-" in text for text in texts(played(play)))


def test_a_promotion_by_hand_waits_for_no_more_checks() -> None:
    async def play(stage: Stage) -> None:
        await stage.until(lambda: stage.status().get("canaryWeight") == 10)
        await ask(stage, "promote", "alice")
        await stage.until(lambda: stage.phase() == "Succeeded")

    stage = played(play)
    assert image(stage, "podinfo-primary") == "podinfo:2.0.0"
    assert "Advance podinfo.test canary weight 20" not in texts(stage)


def test_a_paused_run_keeps_its_weight_until_it_is_resumed() -> None:
    async def play(stage: Stage) -> None:
        await stage.until(lambda: stage.status().get("canaryWeight") == 20)
        await ask(stage, "pause", "alice")
        await stage.rest(600)
        assert (stage.phase(), stage.status()["canaryWeight"]) == ("Progressing", 20)
        await ask(stage, "resume", "alice")
        await stage.until(lambda: stage.phase() == "Succeeded")

    played(play)


def test_a_paused_run_still_fails_by_its_checks() -> None:
    async def play(stage: Stage) -> None:
        await stage.until(lambda: stage.status().get("canaryWeight") == 20)
        await ask(stage, "pause")
        await stage.rest(1)
        stage.prometheus.value = 90.0
        await stage.until(lambda: stage.phase() == "Failed", 600)

    played(play)


@pytest.mark.parametrize(
    ("hook", "phase"),
    [
        ("confirm-rollout", "Waiting"),
        ("confirm-traffic-increase", "Progressing"),
        ("confirm-promotion", "WaitingPromotion"),
    ],
)
def test_an_approval_opens_the_gate_that_waits_once(hook: str, phase: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.until(lambda: any("approval" in text for text in texts(stage)))
        assert stage.phase() == phase
        weight = stage.status()["canaryWeight"]
        await stage.rest(300)
        assert (stage.phase(), stage.status()["canaryWeight"]) == (phase, weight)
        await ask(stage, "approve", "alice")
        await stage.rest(180)
        assert (stage.phase(), stage.status()["canaryWeight"]) != (phase, weight)

    played(play, hooks=(hook,), closed=(hook,))


def test_an_approval_is_for_one_wait_only() -> None:
    async def play(stage: Stage) -> None:
        await stage.until(lambda: any("approval" in text for text in texts(stage)))
        await ask(stage, "approve")
        await stage.rest(400)
        assert stage.status()["canaryWeight"] == 10

    played(play, hooks=("confirm-traffic-increase",), closed=("confirm-traffic-increase",))


def test_a_failed_revision_runs_again_when_somebody_asks() -> None:
    async def play(stage: Stage) -> None:
        stage.prometheus.value = 90.0
        await stage.until(lambda: stage.phase() == "Failed")
        await stage.rest(300)
        assert stage.phase() == "Failed"
        stage.prometheus.value = 100.0
        await ask(stage, "retry", "alice")
        await stage.until(lambda: stage.phase() == "Succeeded")

    assert image(played(play), "podinfo-primary") == "podinfo:2.0.0"


def test_a_rollout_that_waits_for_its_start_can_be_rejected() -> None:
    async def play(stage: Stage) -> None:
        await stage.until(lambda: stage.phase() == "Waiting")
        await ask(stage, "abort", "alice")
        await stage.rest(1)
        assert stage.phase() == "Failed"
        await stage.rest(300)
        assert stage.phase() == "Failed"

    stage = played(play, hooks=("confirm-rollout",), closed=("confirm-rollout",))
    assert stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"] == 0


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("retry", "it can't be done in phase Progressing"),
        ("resume", "nothing is paused"),
        ("approve", "nothing waits for an approval"),
        ("halt", "'halt' is no action: accepted are promote, abort, pause, resume, retry, approve"),
        ('{"action": "abort"', "is no JSON"),
    ],
)
def test_what_can_not_be_done_is_told_and_changes_nothing(action: str, words: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.until(lambda: stage.status().get("canaryWeight") == 10)
        await ask(stage, action)
        await stage.until(lambda: stage.phase() == "Succeeded")

    assert any(words in text for kind, text in played(play).events() if kind == "Warning")


def test_a_request_goes_over_to_no_other_revision() -> None:
    """A promotion that was asked for while the pods of 2.0.0 don't start is not one of 3.0.0."""

    async def play(stage: Stage) -> None:
        stage.starts_in = None
        await stage.until(lambda: stage.phase() == "Progressing")
        await ask(stage, "promote", "alice")
        await stage.rest(30)
        stage.starts_in = 0.0
        await stage.set_image("podinfo:3.0.0")
        await stage.until(lambda: stage.status().get("canaryWeight") == 10)
        await stage.until(lambda: stage.phase() == "Succeeded")

    assert "Advance podinfo.test canary weight 50" in texts(played(play))


def test_a_request_survives_a_restart_of_the_engine() -> None:
    async def play(stage: Stage) -> None:
        await stage.until(lambda: stage.status().get("canaryWeight") == 10)
        await ask(stage, "pause", "alice")
        await stage.until(lambda: any("pause by alice" in text for text in texts(stage)))
        await stage.stop()
        await ask(stage, None)
        stage.start()
        await stage.rest(600)
        assert (stage.phase(), stage.status()["canaryWeight"]) == ("Progressing", 10)

    played(play)


def test_a_question_that_is_asked_again_after_a_pause_has_another_key() -> None:
    """S10: a receiver that knows a key gives its answer again, which by then is an old one."""

    async def play(stage: Stage) -> None:
        stage.starts_in = 5.0
        await stage.until(lambda: stage.phase() == "Progressing")
        await ask(stage, "pause")
        await stage.rest(40)
        await ask(stage, None)
        await stage.rest(300)
        await ask(stage, "resume")
        await stage.until(lambda: stage.status().get("canaryWeight") == 10)

    stage = played(play, hooks=("pre-rollout",))
    before: dict[str, float] = {}
    for call in stage.receivers.of("pre-rollout"):
        assert call.at - before.setdefault(call.key, call.at) < 10
