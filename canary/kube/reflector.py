"""Keeping a store in step with one collection: list, then watch, for ever."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from canary.kube.client import Client
from canary.kube.errors import ApiError, Gone, NotFound, Unreachable, from_response, from_status
from canary.kube.resources import Obj, Resource
from canary.kube.store import Store, key_of
from canary.kube.transport import METADATA_ONLY, Request, Response, Stream, TransportError

log = logging.getLogger("canary.kube")

WATCH_SECONDS = 300.0
"""A watch is asked to end after this time, up to twice as long."""
SILENCE = 120.0
"""Seconds without an event or bookmark after which a watch counts as dead: it is opened anew."""
FIRST_BACKOFF, LAST_BACKOFF = 0.5, 30.0
NOT_SERVED_RETRY = 30.0
"""Seconds between looks for a resource whose CRD isn't installed."""
STALE_AFTER = 60.0
"""Seconds without any working list or watch after which the cache says nothing any more."""


class Reflector:
    """Fills ``store``; ``trim`` makes cached objects of the server's ones."""

    def __init__(
        self,
        client: Client,
        resource: Resource,
        store: Store,
        *,
        rng: random.Random,
        trim: Callable[[Obj], Obj],
        namespace: str | None = None,
        label_selector: str = "",
        metadata_only: bool = False,
    ) -> None:
        self._client = client
        self._resource = resource
        self._store = store
        self._rng = rng
        self._trim = trim
        self._namespace = namespace
        self._selector = label_selector
        self._metadata_only = metadata_only
        self._failures = 0
        self._failing_since: float | None = None

    async def run(self) -> None:
        """List and watch until cancelled; no answer of the server ends it."""
        version = ""
        while True:
            lists = not version or not self._store.synced
            try:
                if lists:
                    version = await self._list()
                    lists = False
                version = await self._watch(version)
            except Gone:
                version = ""
            except NotFound as error:
                # Only a collection that isn't served answers so; a list tells whether it is.
                version = ""
                if lists:
                    self._store.lost(error.message.strip(), served=False)
                    await asyncio.sleep(NOT_SERVED_RETRY)
                elif self._failures:
                    await self._back_off(error)
                else:
                    self._failures = 1
            except (ApiError, Unreachable, TransportError) as error:
                await self._back_off(error)

    async def _list(self) -> str:
        listing = await self._client.list(
            self._resource,
            self._namespace,
            label_selector=self._selector,
            metadata_only=self._metadata_only,
        )
        self._store.replace([self._trim(obj) for obj in listing.items], listing.resource_version)
        self._failing_since = None
        self._store.nudge()
        return listing.resource_version

    async def _watch(self, version: str) -> str:
        """Follow changes from ``version``; gives the version to go on from."""
        seconds = int(WATCH_SECONDS * (1 + self._rng.random()))
        query = {
            "watch": "true",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(seconds),
        }
        query |= {"labelSelector": self._selector} if self._selector else {}
        accept = METADATA_ONLY if self._metadata_only else "application/json"
        path = self._resource.path(self._namespace)
        request = Request("GET", path, query, accept=accept, timeout=self._client.timeout)
        self._client.on_call("watch", str(self._resource))
        async with self._client.transport.stream(request) as stream:
            if stream.status != 200:
                body = await stream.body()
                raise from_response(Response(stream.status, stream.headers, body))
            self._failures, self._failing_since = 0, None
            await self._follow(stream, seconds + self._client.timeout)
        return self._store.resource_version

    async def _follow(self, stream: Stream, longest: float) -> None:
        """Take events until the server ends the watch or one of its two deadlines passes."""
        lines = stream.lines()
        try:
            async with asyncio.timeout(longest):
                while True:
                    async with asyncio.timeout(SILENCE):
                        line = await anext(lines, None)
                    if line is None:
                        return
                    self._take(orjson.loads(line))
        except TimeoutError:
            log.debug("watch of %s is silent: opening it anew", self._resource)
        except orjson.JSONDecodeError as error:
            raise Unreachable(f"watch {self._resource}: a line is not JSON: {error}") from error

    def _take(self, event: Mapping[str, Any]) -> None:
        kind, obj = event.get("type"), event["object"]
        if kind == "ERROR":
            raise from_status(int(obj.get("code") or 500), obj)
        version = str(obj["metadata"]["resourceVersion"])
        self._store.resource_version = version
        if kind == "DELETED":
            self._store.drop(key_of(obj), version)
        elif kind != "BOOKMARK":
            self._store.put(self._trim(obj))

    async def _back_off(self, error: Exception) -> None:
        now = asyncio.get_running_loop().time()
        since = self._failing_since = self._failing_since or now
        if not self._store.synced or now - since >= STALE_AFTER:
            why = f"{self._resource} can't be read: {error}"
            self._store.lost(why, served=self._store.served)
        log.warning("%s: %s", self._resource, error)
        delay = min(LAST_BACKOFF, FIRST_BACKOFF * 2 ** min(self._failures, 10))
        self._failures += 1
        retry_after = error.retry_after if isinstance(error, ApiError) else None
        await asyncio.sleep(max(retry_after or 0.0, delay * (0.5 + self._rng.random() / 2)))
