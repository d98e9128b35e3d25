"""The API server as one process of the engine reaches it: with latency, and with faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

import orjson

from canary.kube.transport import Request, Response, Stream, TransportError, TransportTimeout
from simulation.answers import refusal
from simulation.kinds import KINDS
from simulation.plan import Boundary, Fault

if TYPE_CHECKING:
    from simulation.process import Process

LATE = 25.0
"""Seconds after which a late request arrives: its sender has given it up long before."""
DELAYED = 20.0
"""Seconds by which late watch events are behind."""
SLOW = 8.0
"""Seconds that a slow answer takes; the client would wait for 10."""


class FaultyTransport:
    """The transport of ``process``. A dead process gets no answer, and nothing of it arrives."""

    def __init__(self, process: Process, user: str) -> None:
        self._process = process
        self._world = process.world
        self._user = user
        self._inner = self._world.cluster.server.transport(user)

    async def request(self, request: Request) -> Response:
        """One request, as far as the plan lets it through."""
        boundary = Boundary.LEASE if "/leases" in request.path else Boundary.API
        fault = await self._met(boundary, request.method, request.path)
        if request.method != "GET" and boundary is Boundary.API:
            self._world.about_to_write(request)
        if fault is not None:
            return await self._faulty(fault, request)
        return await self._answered(request)

    async def _met(self, boundary: Boundary, method: str, path: str) -> Fault | None:
        """Count the meeting, let the latency pass, and do what the fault does before the request;
        gives the fault if it has more to do."""
        places, process = self._world.places, self._process
        await process.alive()
        fault = places.meet(boundary, f"{method} {path} ({process.name})")
        number = places.counts[boundary]
        if fault is not None:
            only = KINDS[boundary][fault.kind].only
            if only and method not in only:
                fault = None
            elif fault.kind == "crash-before":
                await process.die()
            elif fault.kind == "rival":
                self._world.fleet.rival()
            elif fault.kind == "compact":
                self._world.cluster.server.storage.compact()
        await asyncio.sleep(places.latency(f"{boundary}>", number))
        await process.alive()
        return fault

    async def _answered(self, request: Request) -> Response:
        places = self._world.places
        response: Response = self._world.handle(self._process, self._user, request)
        await asyncio.sleep(places.latency("<", places.counts[Boundary.API]))
        await self._process.alive()
        if request.method == "GET" and request.path.endswith("/endpointslices"):
            for obj in orjson.loads(response.body).get("items", ()):
                self._world.delivered(self._process, obj)
        return response

    async def _faulty(self, fault: Fault, request: Request) -> Response:
        refused = refusal(fault.kind)
        if fault.kind == "exists":
            # Truly so: somebody made it a moment ago, an earlier self maybe.
            self._world.handle(self._process, self._user, request)
        if refused is not None:
            return refused
        loop = asyncio.get_running_loop()
        if fault.kind == "lost":
            await asyncio.sleep(request.timeout)
            raise TransportTimeout("simulated: the request was lost")
        if fault.kind == "applied":
            self._world.handle(self._process, self._user, request)
            await asyncio.sleep(request.timeout)
            raise TransportTimeout("simulated: the answer was lost")
        if fault.kind == "late":
            loop.call_later(LATE, self._world.arrives_late, self._process, self._user, request)
            await asyncio.sleep(request.timeout)
            raise TransportTimeout("simulated: the request arrives late")
        if fault.kind == "slow":
            await asyncio.sleep(SLOW)
        response = await self._answered(request)
        if fault.kind == "stale":
            # What it lists was true a while ago; the watch goes on from there.
            await asyncio.sleep(SLOW)
            await self._process.alive()
        if fault.kind == "crash-after":
            await self._process.die()
        return response

    def stream(self, request: Request) -> AbstractAsyncContextManager[Stream]:
        """A watch; opening it is a request like any other."""
        return self._stream(request)

    @asynccontextmanager
    async def _stream(self, request: Request) -> AsyncIterator[Stream]:
        fault = await self._met(Boundary.API, "GET", f"{request.path}?watch")
        refused = refusal(fault.kind) if fault else None
        if fault is not None and fault.kind == "lost":
            await asyncio.sleep(request.timeout)
            raise TransportTimeout("simulated: no answer")
        if refused is not None:
            yield _Refused(refused)
            return
        async with self._inner.stream(request) as inner:
            if fault is not None and fault.kind == "crash-after":
                await self._process.die()
            yield _Watch(inner, self._process, request.path)

    async def close(self) -> None:
        """Nothing to release."""


class _Refused:
    """A watch that could not be opened."""

    def __init__(self, response: Response) -> None:
        self.status, self.headers, self._body = response.status, response.headers, response.body

    async def body(self) -> bytes:
        return self._body

    async def lines(self) -> AsyncIterator[bytes]:
        lines: tuple[bytes, ...] = ()
        for line in lines:
            yield line


class _Watch:
    """An open watch: events come late, twice or not at all, but never out of order."""

    def __init__(self, inner: Stream, process: Process, path: str) -> None:
        self.status = inner.status
        self.headers: Mapping[str, str] = inner.headers
        self._inner, self._process, self._path = inner, process, path
        self._behind = 0.0

    async def body(self) -> bytes:
        return await self._inner.body()

    async def lines(self) -> AsyncIterator[bytes]:
        places, process = self._process.world.places, self._process
        async for line in self._inner.lines():
            if line.startswith(b'{"type":"BOOKMARK"'):
                yield line
                continue
            fault = places.meet(Boundary.WATCH, f"{self._path} {_told(line)} ({process.name})")
            number = places.counts[Boundary.WATCH]
            kind = fault.kind if fault else ""
            if kind == "crash-before":
                await process.die()
            if kind == "drop":
                raise TransportError("simulated: the connection broke")
            if kind == "gone":
                yield _gone()
                return
            if kind == "silent":
                await asyncio.Future()
            if kind == "late":
                await asyncio.sleep(DELAYED)
            await asyncio.sleep(places.latency("watch", number))
            await process.alive()
            if self._path.endswith("/endpointslices"):
                event = orjson.loads(line)
                process.world.delivered(process, event["object"], gone=event["type"] == "DELETED")
            yield line
            if kind == "double":
                yield line


def _told(line: bytes) -> str:
    """Type, name and version of a watch event, for the trace."""
    event = orjson.loads(line)
    meta = event["object"]["metadata"]
    return f"{event['type']} {meta['name']} v{meta['resourceVersion']}"


def _gone() -> bytes:
    refused = refusal("410")
    assert refused is not None
    return orjson.dumps({"type": "ERROR", "object": orjson.loads(refused.body)})
