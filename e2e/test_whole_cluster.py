"""An engine for all namespaces, as ``canary install`` makes it unless told otherwise."""

from __future__ import annotations

from canary.kube.resources import CANARIES, Obj
from e2e.app import App
from e2e.audit import requests
from e2e.judgement import promoted
from e2e.scene import Scene
from e2e.suite import scenario

AT_REST = ("Initialized", "Succeeded", "Failed")


def at_rest(status: Obj) -> bool:
    """Whether an engine of this run left a Canary with no run in flight."""
    return status.get("phase") in AT_REST and "seal" in status.get("engine", {})


@scenario("contour", own_engine=True, last=True)
async def test_whole_cluster(scene: Scene) -> None:
    """It takes over what the shared engine left, without a single write to what is at rest;
    then it carries out a rollout with its ClusterRole."""
    watched: list[str] = []
    if scene.shared is not None:
        watched = scene.shared.installation.watched
        await scene.sleep(5)
        await scene.shared.stop()
    # Other engines were ended with their scenarios, whatever they still had to do.
    canaries = (await scene.client.list(CANARIES)).items
    left = {c["metadata"]["namespace"] for c in canaries if at_rest(c.get("status") or {})}
    resting = left & set(watched)
    engine = await scene.own_engine(everywhere=True)
    await engine.start(scene.client)
    await engine.leads()
    await scene.sleep(15)
    assert engine.token is not None
    asked = [r for r in requests(scene.stack.audit_log) if r.credential == engine.token.credential]
    writes = [r for r in asked if r.writes and r.namespace in resting]
    scene.say(f"{len(resting)} Canaries at rest taken over, {len(writes)} writes to them")
    assert not [str(request) for request in writes]

    app = App(scene)
    await app.start()
    users = await app.traffic()
    good = await app.roll("shop:1.1.0")
    promoted(app, users, good, before="1.0.0", few=0)
