"""What a webhook said is told once, whatever becomes of the writes that follow from it."""

from __future__ import annotations

import asyncio

from canary.kube.transport import Request, Response, Transport
from tests.rig.staged import staged
from tests.transcripts.script import Script


class Line:
    """A line to a server that carries out changes of a size, and says after 10 s that it didn't."""

    def __init__(self, inner: Transport) -> None:
        self._request, self.stream, self.close = inner.request, inner.stream, inner.close

    async def request(self, call: Request) -> Response:
        answer = await self._request(call)
        if call.method == "PUT" and call.path.endswith("/scale"):
            await asyncio.sleep(10.0)
            return Response(503, {}, b'{"message": "the leader has changed"}')
        return answer


@staged()
async def test_a_gate_is_told_once_though_nobody_said_that_the_target_was_started(
    script: Script,
) -> None:
    # Found by simulation: fails-after seed=0 applied@api:62
    script.stage.wrap = Line
    gate = {"name": "gate", "type": "confirm-rollout", "url": "http://gate"}
    await script.initialized(analysis={"webhooks": [gate]})
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    told = [text for _, text in script.stage.events()]
    assert told.count("Confirm-rollout check gate passed") == 1
    assert told.count("Advance podinfo.test canary weight 10") == 1
