"""What a conformance case sees of an API server: one transport, one namespace of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from canary.kube.transport import (
    APPLY_PATCH,
    JSON,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_PATCH,
    Request,
    Transport,
)

Obj = dict[str, Any]

WITHIN = 180.0
"""Seconds in which a cluster that others use as well answers, and its controllers do their part:
a namespace can take a minute to leave where a hundred others go at once."""

PATCHES = {
    "json": JSON_PATCH,
    "merge": MERGE_PATCH,
    "strategic": STRATEGIC_PATCH,
    "apply": APPLY_PATCH,
}


@dataclass(frozen=True)
class Answer:
    """Code and decoded body."""

    code: int
    body: Any

    @property
    def message(self) -> str:
        return self.body.get("message", "")

    @property
    def reason(self) -> str:
        return self.body.get("reason", "")

    @property
    def meta(self) -> Obj:
        return self.body["metadata"]


class Watch:
    """Events of one watch, in their order."""

    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        self._lines = lines

    async def next(self) -> Obj:
        """The next event that is no bookmark."""
        while True:
            event = await self.any()
            if event["type"] != "BOOKMARK":
                return event

    async def any(self) -> Obj:
        """The next event."""
        async with asyncio.timeout(WITHIN):
            return orjson.loads(await anext(self._lines))

    async def until(self, holds: Callable[[Obj], bool]) -> Obj:
        """The first event that ``holds``."""
        while not holds(event := await self.next()):
            continue
        return event


class Api:
    """``namespace`` exists and is empty; ``suffix`` makes names outside namespaces unique."""

    def __init__(self, transport: Transport, namespace: str, suffix: str) -> None:
        self.transport = transport
        self.namespace = namespace
        self.suffix = suffix

    def path(self, plural: str, name: str = "", group: str = "", version: str = "v1") -> str:
        """Path of a collection of this namespace, or of an object in it."""
        root = f"/apis/{group}/{version}" if group else f"/api/{version}"
        tail = f"/{name}" if name else ""
        return f"{root}/namespaces/{self.namespace}/{plural}{tail}"

    def maps(self, name: str = "") -> str:
        """Path of ConfigMaps."""
        return self.path("configmaps", name)

    def deployments(self, name: str = "") -> str:
        """Path of Deployments."""
        return self.path("deployments", name, "apps")

    def canaries(self, name: str = "") -> str:
        """Path of Canaries."""
        return self.path("canaries", name, "flagger.app", "v1beta1")

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = JSON,
        accept: str = JSON,
        **query: str,
    ) -> Answer:
        """One request; the answer whatever it is."""
        data = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        request = Request(method, path, query, data, content_type, accept, timeout=WITHIN)
        response = await self.transport.request(request)
        try:
            return Answer(response.status, orjson.loads(response.body))
        except orjson.JSONDecodeError:
            return Answer(response.status, {"text": response.body.decode()})

    async def get(self, path: str, **query: str) -> Answer:
        return await self.send("GET", path, **query)

    async def post(self, path: str, body: Any, **query: str) -> Answer:
        return await self.send("POST", path, body, **query)

    async def put(self, path: str, body: Any, **query: str) -> Answer:
        return await self.send("PUT", path, body, **query)

    async def patch(self, kind: str, path: str, body: Any, **query: str) -> Answer:
        """``kind``: json, merge, strategic or apply."""
        return await self.send("PATCH", path, body, content_type=PATCHES[kind], **query)

    async def apply(self, path: str, body: Any, manager: str, **query: str) -> Answer:
        """Server-side apply."""
        return await self.patch("apply", path, body, fieldManager=manager, **query)

    async def delete(self, path: str, options: Any = None, **query: str) -> Answer:
        return await self.send("DELETE", path, options, **query)

    async def made(self, path: str, body: Any, **query: str) -> Obj:
        """A new object, which has to be accepted."""
        answer = await self.post(path, body, **query)
        assert answer.code == 201, answer.body
        return answer.body

    @asynccontextmanager
    async def watch(self, path: str, **query: str) -> AsyncIterator[Watch]:
        """An open watch, which has to be accepted."""
        request = Request("GET", path, {"watch": "true", **query})
        async with self.transport.stream(request) as stream:
            assert stream.status == 200, await stream.body()
            yield Watch(stream.lines())

    async def refused_watch(self, path: str, **query: str) -> Answer:
        """The answer to a watch that has to be refused."""
        request = Request("GET", path, {"watch": "true", **query})
        async with self.transport.stream(request) as stream:
            assert stream.status >= 400
            return Answer(stream.status, orjson.loads(await stream.body()))

    async def gone(self, path: str, name: str) -> None:
        """Return when the object of this name has left its collection."""
        listing = await self.get(path, fieldSelector=f"metadata.name={name}")
        if not listing.body["items"]:
            return
        query = {
            "fieldSelector": f"metadata.name={name}",
            "resourceVersion": listing.meta["resourceVersion"],
        }
        async with self.watch(path, **query) as watch:
            await watch.until(lambda event: event["type"] == "DELETED")
