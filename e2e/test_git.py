"""Git at the start of it: commits, Flux, and what the engine makes of them."""

from __future__ import annotations

import time

from canary.kube.resources import Obj
from e2e.app import App
from e2e.judgement import nobody_reaches, only_bad_images_fail, promoted, rolled_back, traffic_back
from e2e.manifests import NAME, application
from e2e.repository import Repository
from e2e.scene import Scene
from e2e.suite import scenario


def manifests(app: App, image: str) -> list[Obj]:
    """What Git holds: no replicas, which are the engine's to change once they are running."""
    deployment, canary = application(app.host, app.provider, image=image)
    del deployment["spec"]["replicas"]
    return [deployment, canary]


@scenario("contour", "flux", long=True)
async def test_git(scene: Scene) -> None:
    """A commit is promoted, a bad one is rolled back and stays back, a revert ends in peace."""
    app, repository = App(scene), Repository(scene)
    await repository.create(manifests(app, "shop:1.0.0"))
    await app.until("Initialized")
    users = await app.traffic()

    began = time.time()
    await repository.commit(manifests(app, "shop:1.1.0"), "A good release")
    good = await app.ended("shop:1.1.0", began)
    promoted(app, users, good, before="1.0.0", few=0)

    began = time.time()
    bad_commit = await repository.commit(manifests(app, "shop:1.2.0-bad30"), "A bad one")
    bad = await app.ended("shop:1.2.0-bad30", began)
    await traffic_back(bad, users)
    rolled_back(app, users, bad, stays="1.1.0", few=0)

    # Git still asks for it, and Flux goes on applying what Git says.
    quiet = time.time()
    await repository.reapplied()
    await scene.sleep(5)
    assert app.image(NAME) == bad.image
    assert {standing.phase for standing in app.standings(quiet)} <= {"Failed"}
    nobody_reaches(bad, users.answers)
    only_bad_images_fail(users.answers)

    # The revert asks for what already serves: nothing runs, and nobody notices.
    quiet = time.time()
    await repository.revert(bad_commit)
    await repository.reapplied()
    await scene.sleep(5)
    assert app.image(NAME) == app.image(f"{NAME}-primary") == "shop:1.1.0"
    assert {standing.phase for standing in app.standings(quiet)} <= {"Failed"}
    assert app.routed == 0
    nobody_reaches(bad, users.answers)

    began = time.time()
    await repository.commit(manifests(app, "shop:1.3.0"), "A good one again")
    again = await app.ended("shop:1.3.0", began)
    promoted(app, users, again, before="1.1.0", few=0)
    only_bad_images_fail(users.answers)
