"""What can't be run is said on the object, by field; nothing in the cluster is touched for it."""

from __future__ import annotations

from canary.kube.resources import CANARIES, DEPLOYMENTS, SERVICES
from e2e.app import App
from e2e.manifests import NAME, application
from e2e.scene import Scene
from e2e.suite import scenario


def blocked(app: App) -> str:
    """What the Canary's condition says, if anything keeps it from being run."""
    conditions = app.status.get("conditions") or ()
    return next((str(c["message"]) for c in conditions if c["type"] == "Blocked"), "")


@scenario(own_engine=True, kubelet=False)
async def test_refusals(scene: Scene) -> None:
    """A provider that isn't there, then a target that isn't: on any cluster, without a pod."""
    engine = await scene.own_engine()
    await engine.start(scene.client)
    app = App(scene)
    _, canary = application(app.host, "no-such-mesh")
    await scene.apply(canary)
    await app.canaries.until(lambda: "no-such-mesh" in blocked(app), "word of the provider", 60.0)
    assert "spec.provider" in blocked(app)

    await scene.patch(CANARIES, NAME, {"spec": {"provider": "gatewayapi:v1"}})
    await app.canaries.until(
        lambda: "no-such-mesh" not in blocked(app), "word of the provider taken back", 60.0
    )
    await app.canaries.until(lambda: f"{NAME}." in " ".join(scene.events()), "event", 60.0)
    scene.say(f"told: {scene.events()}")
    for kind in (DEPLOYMENTS, SERVICES):
        assert not (await scene.client.list(kind, scene.namespace)).items
