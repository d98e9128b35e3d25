"""Lowering never waits: users leave a bad canary whatever becomes of the status write."""

from __future__ import annotations

import asyncio

from canary.kube.transport import Request, Response, Transport
from tests.rig.routes import VIRTUAL_SERVICES, shares
from tests.rig.staged import staged
from tests.transcripts.script import Script


class Line:
    """A line to a server that takes ``slow`` seconds for status writes, or refuses them."""

    def __init__(self, inner: Transport) -> None:
        self.slow, self.refuses = 0.0, False
        self._request, self.stream, self.close = inner.request, inner.stream, inner.close

    async def request(self, call: Request) -> Response:
        if call.method == "PUT" and call.path.endswith("/status"):
            if self.refuses:
                return Response(503, {}, b'{"message": "etcd is full"}')
            await asyncio.sleep(self.slow)
        return await self._request(call)


async def halfway(script: Script, **analysis: object) -> Line:
    """A canary at 30 %, and the line of its controller."""
    lines: list[Line] = []

    def wrap(inner: Transport) -> Line:
        lines.append(Line(inner))
        return lines[-1]

    script.stage.wrap = wrap
    await script.initialized(analysis=analysis)
    await script.image("2.0.0")
    await script.reaches("Progressing", 30)
    return lines[-1]


def weights(script: Script) -> tuple[int, int]:
    """Canary weights: that of the route, and that of the status."""
    route = script.stage.get(VIRTUAL_SERVICES, "podinfo")
    return shares(route)[1], script.stage.status()["canaryWeight"]


@staged()
async def test_a_prompt_status_write_comes_before_the_route_which_is_written_once(
    script: Script,
) -> None:
    await halfway(script)
    script.stage.history()
    asked = len(script.stage.cluster.server.audit)
    script.ready(0)
    await script.stage.rest(10)
    assert weights(script) == (0, 0)
    plurals = [change.resource.plural for change in script.stage.history()]
    assert plurals.index("canaries") < plurals.index(VIRTUAL_SERVICES.plural)
    entries = script.stage.cluster.server.audit[asked:]
    writes = [e.status for e in entries if e.writes and VIRTUAL_SERVICES.plural in e.path]
    assert writes == [200]


@staged()
async def test_a_slow_status_write_keeps_no_user_on_a_bad_canary(script: Script) -> None:
    line = await halfway(script)
    line.slow = 8.0
    script.ready(0)
    await script.stage.rest(0.5)
    assert weights(script) == (0, 30)
    await script.stage.rest(60)
    assert weights(script) == (0, 0)


@staged()
async def test_a_refused_status_write_keeps_no_user_on_a_bad_canary(script: Script) -> None:
    line = await halfway(script)
    line.refuses = True
    script.ready(0)
    await script.stage.rest(0.1)
    assert weights(script) == (0, 30)
    # Not even one that is well again gets traffic that no record speaks of.
    script.ready(2)
    await script.stage.rest(60)
    assert weights(script) == (0, 30)
    line.refuses = False
    script.stage.history()
    await script.reaches("Succeeded")
    seen = [c.obj for c in script.stage.history() if c.resource == VIRTUAL_SERVICES]
    # It goes up again by steps.
    assert [shares(route)[1] for route in seen[:3]] == [10, 20, 30]


@staged()
async def test_a_weight_that_was_lowered_while_nobody_looked_is_earned_again(
    script: Script,
) -> None:
    await halfway(script)
    await script.stage.stop()
    await script.stage.route_weights(90, 10)
    script.stage.history()
    script.stage.start()
    await script.stage.rest(10)
    assert weights(script) == (10, 10)
    await script.reaches("Progressing", 20)
    seen = [c.obj for c in script.stage.history() if c.resource == VIRTUAL_SERVICES]
    assert [shares(route)[1] for route in seen] == [20]
