"""This engine is exchanged for Flagger 1.44: what going back costs."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import DEPLOYMENTS, PODS
from e2e.answers import Answers
from e2e.flagger import Flagger
from e2e.replay import Replay
from e2e.scene import Scene
from e2e.suite import scenario
from e2e.test_dropin_takeover import IMAGE, new_image, statuses

FOUND = ("phase", "canaryWeight", "failedChecks", "iterations")
"""What Flagger goes by in the status, beside its hashes."""


@scenario("contour", "flagger", own_engine=True)
async def test_back_to_flagger(scene: Scene) -> None:
    """Flagger finds its own fields and all objects, and makes none anew. It analyses once what is
    promoted already; its promotion restarts the primary's pods, as each one does."""
    async with Answers() as answers:
        replay = Replay(scene, "gw-happy", answers)
        engine = await scene.own_engine(more=[f"-metrics-server={answers.address}"])
        await engine.start(scene.client)
        await replay.apply()
        await replay.initialized()
        await new_image(scene)
        await replay.until("Progressing")
        await replay.until("Succeeded")
        await replay.at_rest()
        await engine.stop()
        left, objects = dict(replay.status), await identities(scene, replay)
        pods = await primary_pods(scene)
        assert [left[key] for key in FOUND] == ["Succeeded", 0, 0, 0]
        told = len(replay.events)
        async with Flagger(scene, answers.address):
            await replay.until("Progressing")
            await replay.until("Succeeded")
            await replay.at_rest()
        texts = [text for _, text in replay.events[told:]]
        scene.say(f"Flagger: {texts}")
        assert texts[0].startswith("New revision detected! Scaling up")
        assert sum("New revision detected" in text for text in texts) == 1
        assert not any("failed" in text for text in texts)
        weights = {s.get("canaryWeight", 0) for s in statuses(scene) if "engine" not in s}
        assert weights == {0, 20, 40, 60}
    assert await identities(scene, replay) == objects
    assert not set(await primary_pods(scene)) & set(pods)
    primary = await scene.client.get(DEPLOYMENTS, scene.namespace, "app-primary")
    assert primary["spec"]["template"]["spec"]["containers"][0]["image"] == IMAGE


async def identities(scene: Scene, replay: Replay) -> dict[str, str]:
    """The uid of each object that was recorded."""
    found = await replay.objects("objectsFinal")
    return {key: obj["metadata"]["uid"] for key, obj in found.items()}


async def primary_pods(scene: Scene) -> list[Any]:
    """The uids of the primary's pods."""
    pods = await scene.client.list(PODS, scene.namespace, label_selector="app=app-primary")
    return sorted(pod["metadata"]["uid"] for pod in pods.items)
