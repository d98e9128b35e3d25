"""A leader that stands still beyond its Lease: what it still writes afterwards does no harm.

It is stopped while one of its writes is on the way; that write reaches the API server only after
another replica has taken over, the worst that a pause or a slow network can do.
"""

from __future__ import annotations

from collections.abc import Callable

from e2e.app import App
from e2e.audit import Request, requests
from e2e.engine import Engine
from e2e.frontdoor import FrontDoor
from e2e.judgement import promoted
from e2e.manifests import NAME, STEPS
from e2e.routes import canary_weight
from e2e.scene import Scene
from e2e.suite import scenario


def status_write(method: str, path: str) -> bool:
    """The record and all that is presented from it."""
    return method == "PUT" and path.endswith(f"/canaries/{NAME}/status")


def route_write(method: str, path: str) -> bool:
    """The weights that users are served by."""
    return method == "PATCH" and path.endswith(f"/httproutes/{NAME}")


async def late(scene: Scene, wanted: Callable[[str, str], bool]) -> tuple[list[Request], int]:
    """A good rollout, during which the leader stands still with ``wanted`` on its way. Gives what
    it wrote after another replica had taken over, and the weight of record at the takeover."""
    async with FrontDoor(scene.cluster.kubeconfig) as door:
        first = await scene.own_engine(name="first")
        await first.start(scene.client, server=door.address)
        await first.leads()
        second = await scene.own_engine(name="second")
        await second.start(scene.client)
        app = App(scene)
        await app.start()
        users = await app.traffic()

        began = await app.set_image("shop:1.1.0")
        await app.routes.until(lambda: app.routed == 20, "canary weight 20", 300.0)
        door.hold(wanted)
        await door.held.wait()
        first.freeze()
        scene.say("the leader stands still with a write on its way")
        epoch = app.epoch
        await second.leads()
        await app.canaries.until(lambda: app.epoch > epoch, "takeover", 60.0)
        taken = next(s for s in app.standings(began) if s.epoch > epoch)
        door.release()
        await door.answered.wait()
        scene.say(f"the other one leads, at weight {taken.weight}; the write goes on")
        first.thaw()
        assert await first.ended() == 1, "it knows that it leads no more"
        assert first.said("Leadership lost")
        good = await app.ended("shop:1.1.0", began)
        await app.at_rest()
    # A route that is found below the record is where the new leader goes on.
    walks = (list(STEPS), [20, 40, *STEPS])
    assert good.weights[1:-1] in walks
    promoted(app, users, good, before="1.0.0", few=0, steps=good.weights[1:-1])
    assert not [answer for answer in users.answers if answer.failed]
    return written(scene, first, second), taken.weight


def written(scene: Scene, first: Engine, second: Engine) -> list[Request]:
    """What the first one wrote after the second one had begun to, by the audit log."""
    assert first.token is not None and second.token is not None
    log = list(requests(scene.stack.audit_log))
    takeover = min(r.at for r in log if r.credential == second.token.credential and r.leads)
    mine = [r for r in log if r.credential == first.token.credential and r.at >= takeover]
    for request in (late := [request for request in mine if request.writes]):
        scene.say(f"  late: {request}")
    return late


@scenario("contour", own_engine=True, long=True)
async def test_late_status(scene: Scene) -> None:
    """The step that it decided on comes too late: every late write is refused."""
    writes, weight = await late(scene, status_write)
    assert weight == 20
    assert [r for r in writes if r.resource == "canaries/status"], "there was a late write"
    assert not [str(request) for request in writes if request.code != 409]


@scenario("contour", own_engine=True, long=True)
async def test_late_route(scene: Scene) -> None:
    """The step is on record, its weight reaches the route too late: that is refused, or what the
    record asked for when the other one took over."""
    writes, weight = await late(scene, route_write)
    assert weight == 40
    routes = [request for request in writes if request.resource == "httproutes"]
    assert routes, "there was a late write"
    for request in writes:
        repeats = request in routes and canary_weight("gatewayapi:v1", request.body or {}) == weight
        assert repeats or request.code == 409, str(request)
