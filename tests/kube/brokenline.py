"""A cluster, a line to it that breaks in every way, and a cache that is to keep in step."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import orjson

from canary.clock import LoopClock
from canary.kube.caches import Caches
from canary.kube.client import Client
from canary.kube.resources import CONFIG_MAPS, Key, Resource
from canary.kube.store import Store
from canary.kube.transport import Request, Response, Stream, TransportError
from canary.sandbox.cluster import Cluster
from tests.rig.played import played_on
from tests.rig.stage import ORIGIN

KEY = Key("default", "one")


def config_map(name: str = "one", **data: str) -> dict:
    meta = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def now() -> float:
    return asyncio.get_running_loop().time()


class Line:
    """A line to the server that can be cut, go silent, or answer with an error."""

    def __init__(self, inner) -> None:
        self.inner = inner
        self.watches = 0
        self.lists = 0
        self.attempts: list[float] = []
        self.down = False
        self.status, self.retry_after = 0, "3"
        self.asked: list[Request] = []
        self.streams: list[Cuttable] = []
        self.cut = asyncio.Event()
        self.unwatched = 0
        """The status that watches are refused with, while lists are answered."""
        self.endless = False
        """Whether the server forgets to end its watches."""
        self.greeting: list[dict] = []
        """Events that the next watch begins with."""

    async def request(self, request: Request) -> Response:
        if request.method == "GET":
            self.lists += 1
            self.attempts.append(now())
        if self.down:
            raise TransportError("connection refused")
        if self.status:
            return self.refusal
        return await self.inner.request(request)

    @property
    def refusal(self) -> Response:
        return Response(self.status, {"retry-after": self.retry_after}, b'{"message": "not now"}')

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Stream]:
        self.watches += 1
        self.asked.append(request)
        if self.down:
            raise TransportError("connection refused")
        if self.status:
            yield Refused(self.refusal)
            return
        if self.unwatched:
            yield Refused(Response(self.unwatched, {}, b"{}"))
            return
        if self.endless:
            request = replace(request, query={**request.query, "timeoutSeconds": "86400"})
        async with self.inner.stream(request) as stream:
            self.streams.append(Cuttable(stream, self))
            yield self.streams[-1]

    async def close(self) -> None:
        await self.inner.close()


class Refused:
    """What a server answers that opens no watch."""

    def __init__(self, answer: Response) -> None:
        self.status, self.headers = answer.status, answer.headers
        self._body = answer.body

    async def body(self) -> bytes:
        return self._body


class Cuttable:
    def __init__(self, stream: Stream, line: Line) -> None:
        self.status, self.headers = stream.status, stream.headers
        self._stream, self._line = stream, line
        self.silent = False

    async def body(self) -> bytes:
        return await self._stream.body()

    async def lines(self) -> AsyncIterator[bytes]:
        cut = asyncio.create_task(self._line.cut.wait())
        lines = self._stream.lines()
        while self._line.greeting:
            yield orjson.dumps(self._line.greeting.pop(0))
        while True:
            following = asyncio.ensure_future(anext(lines, None))
            await asyncio.wait({following, cut}, return_when=asyncio.FIRST_COMPLETED)
            if cut.done():
                following.cancel()
                self._line.cut.clear()
                return
            line = following.result()
            if line is None:
                return
            if self.silent:
                continue
            yield line


class Rig:
    """A cluster, a line to it, and a cache of ConfigMaps."""

    def __init__(self) -> None:
        self.cluster = Cluster(LoopClock(ORIGIN))
        self.line = Line(self.cluster.server.transport("reader"))
        self.heard: list[str] = []
        self.client = Client(self.line)
        self.caches = Caches(
            self.client,
            lambda resource, key, old, new: self.heard.append(key.name),
            random.Random(1),
        )
        self.user = self.cluster.client()

    def store(self, resource: Resource = CONFIG_MAPS) -> Store:
        return self.caches.store(resource, "default")

    async def set(self, **data: str) -> None:
        live = self.cluster.get(CONFIG_MAPS, "default", "one")
        if live is None:
            await self.user.create(CONFIG_MAPS, config_map(**data))
        else:
            await self.user.merge_patch(CONFIG_MAPS, "default", "one", {"data": data})

    def current(self) -> bool:
        """Whether the cache shows the newest version."""
        live = self.cluster.get(CONFIG_MAPS, "default", "one")
        cached = self.store().get(KEY)
        return (live or {}).get("metadata", {}).get("resourceVersion") == (
            (cached or {}).get("metadata", {}).get("resourceVersion")
        )


played = played_on(Rig, lambda rig: rig.caches.close())
