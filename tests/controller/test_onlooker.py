"""Eyes for somebody who only looks: they open when everything has been read."""

from __future__ import annotations

import asyncio
from typing import Any

from canary import virtualtime
from canary.controller.onlooker import PATIENCE, onlooker
from canary.controller.prospect import Fate, Prospect
from canary.controller.settings import Settings
from canary.kube.client import Client
from canary.kube.resources import CANARIES
from canary.kube.transport import Request, Response
from tests.rig.manifests import setting
from tests.rig.stage import Stage

GATEWAY = {"provider": "gatewayapi:v1", "service": {"gatewayRefs": [{"name": "gateway"}]}}


class Slow:
    """A transport whose answers about ``part`` take their time."""

    def __init__(self, inner: Any, part: str, seconds: float) -> None:
        self._inner, self._part, self._seconds = inner, part, seconds
        self.stream, self.close = inner.stream, inner.close

    async def request(self, call: Request) -> Response:
        if self._part in call.path:
            await asyncio.sleep(self._seconds)
        return await self._inner.request(call)


async def seen(part: str, seconds: float, **parts: Any) -> tuple[Prospect, float]:
    """What is seen of a Canary that Flagger left without its primary, and after how long."""
    stage, loop = Stage(), asyncio.get_running_loop()
    await stage.up()
    await stage.apply(*setting(**parts))
    obj = stage.get(CANARIES, "podinfo")
    left = {**obj, "status": {"phase": "Succeeded"}}
    client, begins = Client(Slow(stage.user.transport, part, seconds)), loop.time()
    async with onlooker(client, Settings(), stage.clock, [left]) as eyes:
        found, took = await eyes.prospect(left), loop.time() - begins
    await stage.down()
    return found, took


def test_nothing_is_said_before_everything_has_been_read() -> None:
    """Objects, data that the target refers to, and what the routes' CRDs know."""
    mirrored = {"analysis": {"mirror": True, "mirrorWeight": 30}, "spec": GATEWAY}
    for part, parts in (("/deployments", {}), ("/configmaps/", {}), ("/openapi", mirrored)):
        found, took = virtualtime.run(seen(part, 3.0, **parts))
        assert (found.fate, found.then) == (Fate.INITIALIZES, None), found.reason
        assert 3.0 <= took < 4.0


def test_what_does_not_answer_in_time_is_said_to_be_unknown() -> None:
    found, took = virtualtime.run(seen("/deployments", 1000.0))
    assert (found.fate, found.reason) == (Fate.HELD, "not synced yet")
    assert took == PATIENCE
