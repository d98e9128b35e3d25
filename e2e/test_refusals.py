"""What can't be run is said on the object, by field; nothing in the cluster is touched for it."""

from __future__ import annotations

from canary.kube.resources import CANARIES, DEPLOYMENTS, EVENTS, SERVICES
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
    """A port that can't be, then a target that isn't there: on any cluster, without a pod."""
    engine = await scene.own_engine()
    await engine.start(scene.client)
    app = App(scene)
    _, canary = application(app.host, "gatewayapi:v1", spec={"service": {"port": 70000}})
    await scene.apply(canary)
    field = "spec.service.port: 70000 must be from 1 to 65535"
    await app.canaries.until(lambda: field in blocked(app), "word of the port", 60.0)

    await scene.patch(CANARIES, NAME, {"spec": {"service": {"port": 80}}})
    await app.canaries.until(lambda: field not in blocked(app), "end of that", 60.0)
    missing = f"{NAME}.{scene.namespace}"
    events = scene.timeline(EVENTS)
    await events.until(lambda: missing in "".join(scene.events()[1:]), "word of the target", 60.0)
    for event in scene.events():
        scene.say(f"  {event}")
    for kind in (DEPLOYMENTS, SERVICES):
        assert not (await scene.client.list(kind, scene.namespace)).items
