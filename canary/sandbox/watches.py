"""Watches: the changes of one collection, from a version on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from canary.clock import Clock
from canary.kube.transport import Request
from canary.sandbox.fielderror import forbidden
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.negotiation import Form, form
from canary.sandbox.reads import partial, selection
from canary.sandbox.refusal import Refused, bad_request, expired, invalid_object
from canary.sandbox.routing import Place
from canary.sandbox.storage import Change, Storage
from canary.sandbox.table import bookmark_table, table

BOOKMARK_SECONDS = 60.0
DEFAULT_WATCH_SECONDS = 1800.0
INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class Watch:
    """Events of one collection as lines of JSON; raises Refused (410) for a compacted version."""

    def __init__(self, storage: Storage, clock: Clock, here: Place, request: Request) -> None:
        self._clock = clock
        self.status = 200
        self.headers: Mapping[str, str] = {"content-type": "application/json"}
        self._storage, self._here = storage, here
        self._wanted = selection(here, request)
        self._form = form(request.accept)
        query = request.query
        self._include = query.get("includeObject", "Metadata")
        self._headed = False
        self._bookmarks = query.get("allowWatchBookmarks") == "true"
        self._seconds = float(query.get("timeoutSeconds") or DEFAULT_WATCH_SECONDS)
        self._initial = _initial_events(query)
        self._feed = storage.feed(here.kind.resource)
        self._backlog = self._replay(query.get("resourceVersion", ""))

    def _replay(self, version: str) -> list[Change]:
        resource = self._here.kind.resource
        if not version or version == "0" or self._initial:
            return [
                Change(int(obj["metadata"]["resourceVersion"]), resource, key, obj, None)
                for key, obj in self._storage.all(resource)
            ]
        try:
            if not version.isdigit():
                text = f'strconv.ParseUint: parsing "{version}": invalid syntax'
                raise Refused(500, "", f'resourceVersion: Invalid value: "{version}": {text}')
            return self._storage.since(resource, int(version))
        except LookupError as error:
            self.close()
            raise expired(str(error)) from error

    def close(self) -> None:
        """No more events."""
        self._storage.unfeed(self._feed)

    async def body(self) -> bytes:
        """A watch has no body."""
        return b""

    async def lines(self) -> AsyncIterator[bytes]:
        """Events until the watch's time is over or the collection is served no more."""
        for change in self._backlog:
            for line in self._lines(change):
                yield line
        if self._initial:
            yield self._bookmark({"annotations": {INITIAL_EVENTS_END: "true"}})
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        while loop.time() < end:
            wait = min(BOOKMARK_SECONDS, end - loop.time())
            try:
                async with asyncio.timeout(wait):
                    following = await self._feed.get()
            except TimeoutError:
                if self._bookmarks:
                    yield self._bookmark({})
                continue
            if following is None:
                return
            for line in self._lines(following):
                yield line

    def _lines(self, change: Change) -> list[bytes]:
        namespace = self._here.namespace
        if namespace and change.key.namespace != namespace:
            return []
        was = change.before is not None and self._wanted.matches(change.before)
        fits = not change.gone and self._wanted.matches(change.obj)
        if not was and not fits:
            return []
        kind = "DELETED" if not fits else "MODIFIED" if was else "ADDED"
        return [orjson.dumps({"type": kind, "object": self._represented(change.obj)})]

    def _represented(self, obj: JsonObj) -> JsonObj:
        if self._form is Form.METADATA:
            return partial(obj)
        if self._form is Form.TABLE:
            meta = {"resourceVersion": obj["metadata"]["resourceVersion"]}
            found = table(
                self._here.kind,
                [obj],
                meta,
                self._clock.now(),
                include=self._include,
                headed=not self._headed,
            )
            self._headed = True
            return found
        return obj

    def _bookmark(self, more: Mapping[str, Any]) -> bytes:
        resource = self._here.kind.resource
        meta = {"resourceVersion": str(self._storage.version), "creationTimestamp": None, **more}
        obj = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": meta}
        if self._form is Form.METADATA:
            obj = partial(obj)
        elif self._form is Form.TABLE:
            obj = bookmark_table(meta)
        return orjson.dumps({"type": "BOOKMARK", "object": obj})


def _initial_events(query: Mapping[str, str]) -> bool:
    """Whether the watch begins with all that there is, and says when that is over."""
    wanted, match = query.get("sendInitialEvents", ""), query.get("resourceVersionMatch", "")
    if not wanted:
        if match:
            detail = (
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            )
            raise _bad_options(detail)
        return False
    if match != "NotOlderThan":
        detail = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        raise _bad_options(detail)
    if wanted not in ("true", "false"):
        raise bad_request(f"sendInitialEvents {wanted!r} is no boolean")
    return wanted == "true"


def _bad_options(detail: str) -> Refused:
    error = forbidden("resourceVersionMatch", detail)
    return invalid_object("meta.k8s.io", "ListOptions", "", [error])
