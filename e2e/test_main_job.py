"""The main job on real gateways, with real traffic all the time."""

from __future__ import annotations

from typing import Any

from e2e.app import App
from e2e.judgement import promoted, rolled_back, traffic_back
from e2e.scene import Scene
from e2e.suite import scenario
from e2e.traffic import Traffic

RATE = 100.0
"""Requests a second: that of the figures that Flagger 1.44 was measured at."""


async def main_job(app: App, **changes: Any) -> Traffic:
    """A good release, then a bad one; ``changes`` as for ``App.start``. The users go on."""
    await app.start(**changes)
    users = await app.traffic(RATE)
    good = await app.roll("shop:1.1.0")
    await users.reaches(good.revision)
    promoted(app, users, good, before="1.0.0")
    bad = await app.roll("shop:1.2.0-bad30")
    await traffic_back(bad, users)
    rolled_back(app, users, bad, stays="1.1.0")
    return users


@scenario("contour", long=True)
async def test_gatewayapi(scene: Scene) -> None:
    """HTTPRoute and Contour: the gateway confirms each weight."""
    await main_job(App(scene))


@scenario("istiod", long=True)
async def test_istio(scene: Scene) -> None:
    """VirtualService and istiod: nothing confirms, so that each weight is given time."""
    await main_job(App(scene, "istio"))
