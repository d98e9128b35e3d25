"""The engine is killed in each stage: whoever starts next goes on, and users notice nothing."""

from __future__ import annotations

from canary.kube.resources import CANARIES
from e2e.app import App
from e2e.engine import Engine
from e2e.gates import Gates
from e2e.judgement import only_bad_images_fail, promoted, rolled_back, traffic_back
from e2e.manifests import NAME
from e2e.scene import Scene
from e2e.suite import scenario

# Without the Lease: one that was killed holds it for another minute, which test_leases waits for.
ALONE = ("-enable-leader-election=false",)
GONE = 2.0
"""Seconds without any engine."""


async def kill(app: App, engine: Engine, phase: str) -> None:
    """Kill the engine, see that the Canary is left in ``phase``, start another one."""
    await engine.kill()
    left = await app.scene.client.get(CANARIES, app.scene.namespace, NAME)
    assert left["status"]["phase"] == phase
    await app.scene.sleep(GONE)
    await engine.start(app.scene.client)
    app.scene.say(f"killed in {phase} and started again")


@scenario("contour", own_engine=True, long=True)
async def test_killed_in_each_stage(scene: Scene) -> None:
    """SIGKILL in every stage of a first start, of a promotion and of a rollback."""
    engine = await scene.own_engine(more=ALONE)
    app = App(scene)
    await engine.start(scene.client)
    await app.create(image="shop:1.0.0-startup3s")
    await app.until("Initializing")
    await kill(app, engine, "Initializing")
    await app.until("Initialized")
    await kill(app, engine, "Initialized")

    users = await app.traffic()
    image = "shop:1.1.0-startup3s"
    began = await app.set_image(image)
    await app.until("Progressing", since=began)
    await kill(app, engine, "Progressing")
    await app.routes.until(lambda: app.routed == 40, "canary weight 40", 300.0)
    await kill(app, engine, "Progressing")
    await app.until("Promoting", since=began)
    await kill(app, engine, "Promoting")
    await app.until("Finalising", since=began)
    await kill(app, engine, "Finalising")
    good = await app.ended(image, began)
    promoted(app, users, good, before="1.0.0-startup3s", few=0)
    await kill(app, engine, "Succeeded")

    image = "shop:1.2.0-bad30"
    began = await app.set_image(image)
    await app.routes.until(lambda: app.routed == 20, "canary weight 20", 300.0)
    await kill(app, engine, "Progressing")
    bad = await app.ended(image, began)
    await kill(app, engine, "Failed")
    await traffic_back(bad, users)
    rolled_back(app, users, bad, stays=good.revision, few=0)
    only_bad_images_fail(users.answers)


@scenario("contour", own_engine=True)
async def test_killed_at_gates(scene: Scene) -> None:
    """SIGKILL while people are asked: before the start, and before the promotion."""
    engine = await scene.own_engine(more=ALONE)
    app = App(scene)
    async with Gates() as gates:
        await engine.start(scene.client)
        hooks = [gates.hook("confirm-rollout"), gates.hook("confirm-promotion")]
        await app.start(spec={"analysis": {"webhooks": hooks}})
        users = await app.traffic()
        began = await app.set_image("shop:1.1.0")
        await app.until("Waiting", since=began)
        await kill(app, engine, "Waiting")
        assert app.routed == 0, "nobody has let it start"
        gates.open.add("confirm-rollout")
        await app.until("WaitingPromotion", since=began)
        await kill(app, engine, "WaitingPromotion")
        assert app.image(f"{NAME}-primary") == "shop:1.0.0", "nobody has let it be promoted"
        gates.open.add("confirm-promotion")
        good = await app.ended("shop:1.1.0", began)
        await app.at_rest()
    promoted(app, users, good, before="1.0.0", few=0)
