"""Changes by hand to what the engine keeps are put right at once, without waiting for a tick."""

from __future__ import annotations

import time
from collections.abc import Callable

from canary.kube.resources import DEPLOYMENTS, SERVICES
from e2e.app import App
from e2e.manifests import NAME
from e2e.routes import HTTP_ROUTES
from e2e.scene import Scene
from e2e.suite import scenario
from e2e.timeline import Timeline

AT_ONCE = 10.0
"""Seconds: the analysis interval, which is when Flagger would look again."""


async def put_right(
    scene: Scene, what: str, timeline: Timeline, right: Callable[[], bool], since: float
) -> None:
    """Wait until the drift was seen and then put right, and say how long that took."""
    await timeline.until(right, f"correction of {what}", 60.0)
    took = time.time() - since
    scene.say(f"{what}: put right after {took:.2f} s")
    assert took < AT_ONCE


@scenario("contour")
async def test_drift_by_hand(scene: Scene) -> None:
    """A weight, the primary's image, a deleted Service."""
    app = App(scene)
    services = scene.timeline(SERVICES)
    await app.start()

    route = await scene.client.get(HTTP_ROUTES, scene.namespace, NAME)
    rules = route["spec"]["rules"]
    rules[0]["backendRefs"][0]["weight"], rules[0]["backendRefs"][1]["weight"] = 50, 50
    began = time.time()
    await scene.patch(HTTP_ROUTES, NAME, {"spec": {"rules": rules}})

    def weights() -> list[int]:
        return [shift.weight for shift in app.shifts if shift.at >= began]

    await put_right(scene, "weight", app.routes, lambda: weights() == [50, 0], began)

    primary = f"{NAME}-primary"
    container = {"name": "app", "image": "shop:6.6.6-bad"}
    began = time.time()
    change = {"spec": {"template": {"spec": {"containers": [container]}}}}
    await scene.patch(DEPLOYMENTS, primary, change)

    def images() -> list[str]:
        objects = [c.obj for c in app.workloads.of(primary, began) if c.obj is not None]
        found = [o["spec"]["template"]["spec"]["containers"][0]["image"] for o in objects]
        return list(dict.fromkeys(found))

    wanted = ["shop:6.6.6-bad", "shop:1.0.0"]
    await put_right(scene, "primary's image", app.workloads, lambda: images() == wanted, began)

    old = services.get(primary)
    assert old is not None
    began = time.time()
    await scene.client.delete(SERVICES, scene.namespace, primary, uid=old["metadata"]["uid"])

    def back() -> bool:
        new = services.get(primary)
        return new is not None and new["metadata"]["uid"] != old["metadata"]["uid"]

    await put_right(scene, "deleted Service", services, back, began)
    new = services.get(primary)
    assert new is not None and new["spec"]["selector"] == old["spec"]["selector"]
    assert app.phase == "Initialized", "nothing of this starts a rollout"
