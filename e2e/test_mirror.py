"""Mirroring under traffic: copies of users' requests judge a release before any user sees it."""

from __future__ import annotations

import asyncio

import aiohttp

from canary.kube.resources import PODS, Obj
from e2e.app import App, Rollout
from e2e.farewell import REVERTING, deleted
from e2e.judgement import as_planned, report
from e2e.manifests import NAME, STEPS
from e2e.marked import WEIGHTLESS, unseen
from e2e.routes import from_canary, splits
from e2e.scene import Scene
from e2e.suite import scenario
from e2e.traffic import Traffic

ENOUGH = 50
"""Copies that the canary's pods have to get."""


async def mirrored(app: App, image: str, within: float = 120.0) -> float:
    """Wait until the canary's pods have counted enough requests while no weight is given; how many,
    by Prometheus."""
    scene, pods = app.scene, app.scene.timeline(PODS)

    def query() -> str:
        found = [p["metadata"]["name"] for p in pods if _image(p) == image]
        names = "|".join(name for name in found if not name.startswith(f"{NAME}-primary-"))
        return f'sum(http_requests_total{{namespace="{scene.namespace}",pod=~"{names}"}})'

    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    async with aiohttp.ClientSession() as session:
        while loop.time() < deadline:
            url = f"{scene.stack.prometheus}/api/v1/query"
            async with session.get(url, params={"query": query()}) as answer:
                found = (await answer.json())["data"]["result"]
            if found and float(found[0]["value"][1]) >= ENOUGH:
                assert app.routed == 0, "these may be no copies"
                return float(found[0]["value"][1])
            await asyncio.sleep(0.5)
    raise AssertionError(f"{image} got fewer than {ENOUGH} copies in {within:g} s")


def _image(pod: Obj) -> str:
    return str(pod["spec"]["containers"][0]["image"])


async def bad_unseen(app: App, users: Traffic) -> None:
    """A bad release that copies alone condemn: no user reaches it, nobody's request fails."""
    image = f"{NAME}:1.1.0-bad30"
    began = await app.set_image(image)
    copies = await mirrored(app, image)
    bad = await app.ended(image, began)
    await unseen(bad, users)
    answers = users.between(began, float("inf"))
    report(app, bad, answers, [])
    app.scene.say(f"  {copies:.0f} copies when they were counted")
    assert bad.phases[-1] == "Failed"
    assert any(standing.failed for standing in bad.standings), "it was judged by failed checks"
    assert not any(bad.weights) and not any(bad.routed), "no weight was given"
    assert not [answer for answer in answers if answer.failed]
    assert not from_canary(answers)


async def good_seen(app: App, users: Traffic) -> Rollout:
    """A good release: copies first, then users; no request fails."""
    image = f"{NAME}:1.2.0"
    began = await app.set_image(image)
    await mirrored(app, image)
    good = await app.ended(image, began)
    await users.reaches("1.2.0")
    answers = users.between(began, good.ended)
    report(app, good, answers, list(splits(app.spans, answers)))
    assert good.phases[-1] == "Succeeded"
    assert app.image(f"{NAME}-primary") == image
    assert not [answer for answer in answers if answer.failed]
    return good


@scenario("contour")
async def test_blue_green_mirror(scene: Scene) -> None:
    """Iterations on copies of all requests; the whole traffic moves only when they have passed."""
    app = App(scene)
    await app.start(spec={**REVERTING, "analysis": {**WEIGHTLESS, "mirror": True}})
    users = await app.traffic(40.0)
    await bad_unseen(app, users)
    good = await good_seen(app, users)
    assert good.routed == [100, 0]
    await app.at_rest()
    await deleted(app, [users], good.revision)


@scenario("istiod")
async def test_canary_mirror(scene: Scene) -> None:
    """Half of the requests are copied before the first weight; then come the steps."""
    app = App(scene, "istio")
    analysis = {"mirror": True, "mirrorWeight": 50}
    await app.start(spec={**REVERTING, "analysis": analysis})
    users = await app.traffic(60.0)
    await bad_unseen(app, users)
    good = await good_seen(app, users)
    assert good.weights == [0, *STEPS, 0] and good.routed == [*STEPS, 0]
    answers = users.between(good.began, good.ended)
    as_planned(list(splits(app.spans, answers)), STEPS, 100)
    await app.at_rest()
    await deleted(app, [users], good.revision)
