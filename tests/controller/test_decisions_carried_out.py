"""What becomes of a decision: what waits for the record, what doesn't, and what is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from canary.kube.resources import CANARIES, CONFIG_MAPS
from canary.kube.transport import Request, Response, Stream, Transport, TransportError
from tests.fields.scenes import VIRTUAL_SERVICES
from tests.rig.manifests import setting
from tests.rig.routes import shares
from tests.rig.stage import Stage
from tests.rig.staged import staged
from tests.transcripts.script import Script


class Troubled:
    """A transport on which status writes take their time, and events get lost, while asked to."""

    late = 0.0
    """Seconds that a status write takes to arrive."""
    mute = False

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.stream, self.close = inner.stream, inner.close

    async def request(self, request: Request) -> Response:
        if request.path.endswith("/status"):
            await asyncio.sleep(self.late)
        if self.mute and request.method == "POST" and "/events" in request.path:
            raise TransportError("connection reset")
        return await self._inner.request(request)


def troubled(stage: Stage) -> list[Troubled]:
    """The transports of the engines that start from now on."""
    made: list[Troubled] = []

    def wrap(inner: Transport) -> Troubled:
        made.append(Troubled(inner))
        return made[-1]

    stage.wrap = wrap
    return made


def split(stage: Stage) -> int:
    return shares(stage.get(VIRTUAL_SERVICES, "podinfo"))[1]


@staged()
async def test_users_leave_pods_that_died_whatever_the_status_write_takes(script: Script) -> None:
    stage = script.stage
    engines = troubled(stage)
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 30)
    engines[0].late = 20.0
    script.ready(0)
    await stage.rest(2)
    assert stage.status()["canaryWeight"] == 30
    assert split(stage) == 0


@staged()
async def test_more_users_come_only_once_that_is_on_record(script: Script) -> None:
    """Who takes over in between would not know of them."""
    stage = script.stage
    engines = troubled(stage)
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    engines[0].late = 5.0
    stage.history()
    await script.reaches("Progressing", 20)
    await stage.rest(1)
    assert split(stage) == 20
    recorded, routed = 0, 10
    for change in stage.history():
        if change.resource == CANARIES:
            recorded = int(change.obj["status"]["canaryWeight"])
        elif change.resource.plural == VIRTUAL_SERVICES.plural:
            routed = shares(change.obj)[1]
            assert routed <= recorded
    assert (recorded, routed) == (20, 20)


@staged()
async def test_nothing_is_touched_while_a_canary_is_suspended(script: Script) -> None:
    stage = script.stage
    await script.initialized()
    await script.spec(suspend=True)
    await stage.rest(5)
    await stage.route_weights(70, 30)
    await stage.rest(120)
    assert split(stage) == 30
    await script.spec(suspend=False)
    await stage.rest(5)
    assert split(stage) == 0


@staged()
async def test_events_that_got_lost_are_told_by_the_next_process(script: Script) -> None:
    """Nothing else happens then: that they are queued is reason enough."""
    stage = script.stage
    engines = troubled(stage)
    await stage.up()
    await stage.apply(*setting())
    stage.start()
    engines[0].mute = True
    await stage.until(lambda: stage.phase() == "Initialized")
    await stage.rest(30)
    assert stage.events() == []
    await stage.stop()
    stage.start()
    await stage.rest(10)
    told = [text for _, text in stage.events()]
    assert any("Initialization done" in text for text in told), told
    assert len(told) == len(set(told))
    assert stage.status()["engine"].get("outbox", []) == []


@staged()
async def test_who_changes_a_route_again_and_again_is_overruled_in_the_end(script: Script) -> None:
    """After some corrections in a row only one each half a minute, but that one comes by itself."""
    stage = script.stage
    await script.initialized()
    for _ in range(6):
        await stage.route_weights(70, 30)
        await stage.rest(1)
    assert split(stage) == 30
    await stage.rest(27)
    assert split(stage) == 30
    await stage.rest(3)
    assert split(stage) == 0


class Behind:
    """A transport that tells of Canaries three seconds late."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.request, self.close = inner.request, inner.close

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Any]:
        async with self._inner.stream(request) as stream:
            late = 3.0 if request.path.endswith("/canaries") else 0.0
            yield Late(stream, late)


class Late:
    def __init__(self, stream: Stream, late: float) -> None:
        self.status, self.headers, self.body = stream.status, stream.headers, stream.body
        self._stream, self._late = stream, late

    async def lines(self) -> AsyncIterator[bytes]:
        async for line in self._stream.lines():
            await asyncio.sleep(self._late)
            yield line


@staged()
async def test_who_does_not_see_its_own_writes_yet_does_nothing(script: Script) -> None:
    """By the former record it would take back from users what the last one gave them."""
    stage = script.stage
    stage.wrap = Behind
    await script.initialized()
    await script.image("2.0.0")
    stage.history()
    await script.reaches("Promoting")
    routes = [c for c in stage.history() if c.resource.plural == VIRTUAL_SERVICES.plural]
    weights = [shares(change.obj)[1] for change in routes]
    assert weights == [10, 20, 30, 40, 50]
    assert not any("put right" in text for _, text in stage.events())
    refused = [entry for entry in stage.cluster.server.audit if entry.status == 409]
    assert refused == []


async def loses_the_copy(script: Script) -> None:
    """What the primary runs on is gone, and its source holds other data."""
    await script.stage.delete(CONFIG_MAPS, "podinfo-config-primary")


def told_of_lost_data(script: Script) -> int:
    return sum("no longer holds the promoted data" in text for _, text in script.stage.events())


@staged()
async def test_a_problem_that_the_next_promotion_ends_is_told_while_the_run_goes_on(
    script: Script,
) -> None:
    await script.initialized()
    await script.config(color="red")
    await script.reaches("Progressing", 10)
    assert told_of_lost_data(script) == 0
    await loses_the_copy(script)
    await script.reaches("Succeeded")
    assert told_of_lost_data(script) == 1


@staged()
async def test_a_problem_that_holds_is_told_once(script: Script) -> None:
    await script.initialized()
    await script.config(color="red")
    await script.reaches("Progressing", 10)
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    await loses_the_copy(script)
    await script.stage.rest(30)
    reasons = [condition.get("reason") for condition in script.stage.status()["conditions"]]
    assert "ConfigLost" in reasons
    assert told_of_lost_data(script) == 1


@staged()
async def test_a_problem_that_would_hold_is_not_told_while_something_else_does(
    script: Script,
) -> None:
    await script.initialized()
    await script.spec(suspend=True)
    await script.stage.delete(CONFIG_MAPS, "podinfo-config")
    await script.stage.rest(30)
    assert not any("get query error" in text for _, text in script.stage.events())
    await script.spec(suspend=False)
    await script.stage.rest(30)
    assert any("get query error" in text for _, text in script.stage.events())
