"""Flagger 1.44 is exchanged for this engine: on real objects that it has just left."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import CANARIES, DEPLOYMENTS, PODS
from e2e.answers import PASSES, Answers
from e2e.audit import Request, requests
from e2e.engine import Engine
from e2e.flagger import NAME, Flagger, takeover_check
from e2e.replay import Replay
from e2e.scene import Scene
from e2e.suite import scenario
from tests.transcripts import recorded

SILENCE = 70.0
"""Seconds after which a writer of the status counts as gone, and a few more."""
QUIET = 20.0
"""Seconds that the engine is watched for doing nothing: two intervals."""
IMAGE = "ghcr.io/stefanprodan/podinfo:6.0.9"
OWN = {("update", "canaries/status"), ("create", "controllerrevisions")}
"""What the engine writes when it takes over an idle Canary: its record, and its note of what the
primary runs."""


async def left_at_rest(scene: Scene, name: str, end: str) -> None:
    """Flagger plays the recording ``name`` up to the phase ``end``; then it is exchanged, and
    nothing moves: no pod, no weight, no object. The next change rolls out as ever."""
    values = (PASSES, 50.0) if end == "Failed" else ()
    async with Answers(*values) as answers:
        replay = Replay(scene, name, answers)
        async with Flagger(scene, answers.address):
            await replay.apply()
            await replay.initialized()
            if end != "Initialized":
                await replay.trigger()
                await replay.until(end)
                await replay.at_rest()
        await scene.sleep(SILENCE)
        found = await takeover_check(scene, scene.cluster.kubeconfig)
        assert (found["takeover"], found["reason"]) == ("idle", "nothing moves")
        assert found["lastWriter"]["manager"] == NAME
        before = await everything(scene, replay)
        engine = await scene.own_engine(more=[f"-metrics-server={answers.address}"])
        await engine.start(scene.client)
        await taken_over(scene, replay)
        await scene.sleep(QUIET)
        assert await everything(scene, replay) == before
        assert replay.phase == end
        sent = {(r.verb, r.resource) for r in writes(scene, engine)}
        scene.say(f"{end}: taken over, nothing moved; the engine wrote {sorted(sent)}")
        assert sent <= OWN
        answers.always(PASSES)
        await new_image(scene)
        await replay.until("Progressing")
        await replay.until("Succeeded")
        await replay.at_rest()
        primary = await scene.client.get(DEPLOYMENTS, scene.namespace, "app-primary")
        assert primary["spec"]["template"]["spec"]["containers"][0]["image"] == IMAGE
        scene.say("the next change was promoted")


@scenario("contour", "flagger", own_engine=True)
async def test_left_initialized(scene: Scene) -> None:
    """With tracked ConfigMap and Secret, and their copies."""
    await left_at_rest(scene, "config-change", "Initialized")


@scenario("contour", "flagger", own_engine=True)
async def test_left_succeeded(scene: Scene) -> None:
    """After a promotion of Flagger's."""
    await left_at_rest(scene, "gw-happy", "Succeeded")


@scenario("contour", "flagger", own_engine=True)
async def test_left_failed(scene: Scene) -> None:
    """After a rollback of Flagger's: the rejected revision isn't run again."""
    await left_at_rest(scene, "gw-fail", "Failed")


@scenario("contour", "flagger", own_engine=True)
async def test_left_in_flight(scene: Scene) -> None:
    """Flagger is killed in the middle of a rollout, which goes on from its weight."""
    async with Answers() as answers:
        replay = Replay(scene, "gw-happy", answers)
        async with Flagger(scene, answers.address):
            await replay.apply()
            await replay.initialized()
            await new_image(scene)
            await replay.weighs(20)
            found = await takeover_check(scene, scene.cluster.kubeconfig)
        assert (found["takeover"], found["then"]) == ("held", "continues"), found
        assert f"{NAME} wrote its status" in found["reason"]
        scene.say(f"beside Flagger: {found['reason']}; then {found['then']}")
        left = replay.status["canaryWeight"]
        engine = await scene.own_engine(more=[f"-metrics-server={answers.address}"])
        await engine.start(scene.client)
        await replay.until("Succeeded")
        await replay.at_rest()
        ours = [s for s in statuses(scene) if "engine" in s and s["phase"] == "Progressing"]
        weights = [status["canaryWeight"] for status in ours]
        scene.say(f"left at {left} %, went on: {sorted(set(weights))}")
        assert weights == sorted(weights) and weights[0] == left and weights[-1] == 60
        primary = await scene.client.get(DEPLOYMENTS, scene.namespace, "app-primary")
        assert primary["spec"]["template"]["spec"]["containers"][0]["image"] == IMAGE


@scenario("contour", "flagger", own_engine=True)
async def test_flagger_goes_on(scene: Scene) -> None:
    """Both run. As soon as Flagger rolls out it is named, and the Canary is left to it."""
    named = f"its status is also written by {NAME}"
    async with Answers() as answers, Flagger(scene, answers.address):
        replay = Replay(scene, "gw-happy", answers)
        await replay.apply()
        await replay.initialized()
        engine = await scene.own_engine(more=[f"-metrics-server={answers.address}"])
        await engine.start(scene.client)
        await taken_over(scene, replay)
        await new_image(scene)
        await replay.tells(named)
        known = max(r.at for r in writes(scene, engine) if r.resource == "events")
        await replay.until("Succeeded", "Failed")
        late = [str(r) for r in writes(scene, engine) if r.at > known]
        scene.say(f"named; Flagger ended in {replay.phase}, the engine wrote no more: {late}")
        assert late == []
        found = await takeover_check(scene, scene.cluster.kubeconfig)
        assert found["takeover"] == "held" and f"{NAME} wrote" in found["reason"]
        # What two controllers left isn't for the next engine to take over.
        canary = await scene.client.get(CANARIES, scene.namespace, "app")
        uid = canary["metadata"]["uid"]
        await scene.client.delete(CANARIES, scene.namespace, "app", uid=uid)


async def new_image(scene: Scene) -> None:
    """What Git would do."""
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": IMAGE}]}}}}
    await scene.patch(DEPLOYMENTS, "app", patch)


async def taken_over(scene: Scene, replay: Replay) -> None:
    """Wait until the engine's own record is there."""
    timeline = scene.timeline(CANARIES)
    await timeline.until(lambda: "engine" in replay.status, "record of the engine", 120)


async def everything(scene: Scene, replay: Replay) -> dict[str, Any]:
    """All that must not change: pods, and each object as it was recorded, with its generation."""
    found: dict[str, Any] = {}
    for key, obj in (await replay.objects("objectsFinal")).items():
        if not key.startswith("Canary/"):
            found[key] = obj["metadata"].get("generation"), recorded.normal(obj)
    for pod in (await scene.client.list(PODS, scene.namespace)).items:
        statuses = pod["status"].get("containerStatuses") or ()
        found[f"pod {pod['metadata']['uid']}"] = sum(s["restartCount"] for s in statuses)
    found["events"] = replay.events
    return found


def writes(scene: Scene, engine: Engine) -> list[Request]:
    """What the engine has changed so far, or tried to."""
    assert engine.token is not None
    mine = engine.token.credential
    every = (r for r in requests(scene.stack.audit_log) if r.credential == mine)
    return [request for request in every if request.writes and request.resource != "leases"]


def statuses(scene: Scene) -> list[dict[str, Any]]:
    """Every status that the Canary has had."""
    changes = scene.timeline(CANARIES).of("app")
    return [change.obj.get("status") or {} for change in changes if change.obj is not None]
