"""Lists and watches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from canary.kube.resources import Key
from canary.kube.transport import Request
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.refusal import EXPIRED_PAGE, bad_request, expired
from canary.sandbox.routing import Place
from canary.sandbox.selectors import Selector, parse_fields, parse_labels
from canary.sandbox.storage import Change, Storage

BOOKMARK_SECONDS = 60.0
DEFAULT_WATCH_SECONDS = 1800.0


def partial(obj: JsonObj) -> JsonObj:
    """Only identity and metadata."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": obj["metadata"],
    }


def selector(request: Request) -> Selector:
    """What a list or watch is limited to."""
    query = request.query
    labels = parse_labels(query.get("labelSelector", ""))
    return Selector(labels, parse_fields(query.get("fieldSelector", "")))


def listing(storage: Storage, here: Place, request: Request) -> JsonObj:
    """A page of a collection; a later page is of the version of the first, or expired."""
    query, wanted = request.query, selector(request)
    after, version = _resumed(storage, query.get("continue", ""))
    limit = int(query.get("limit") or 0)
    rows = [
        (key, obj)
        for key, obj in storage.all(here.kind.resource)
        if (not here.namespace or key.namespace == here.namespace)
        and (after is None or key > after)
        and wanted.matches(obj["metadata"])
    ]
    page = rows[:limit] if limit else rows
    metadata_only = "PartialObjectMetadata" in request.accept
    kind = "PartialObjectMetadata" if metadata_only else here.kind.resource.kind
    api = "meta.k8s.io/v1" if metadata_only else here.kind.resource.api_version
    meta: JsonObj = {"resourceVersion": str(version)}
    if len(page) < len(rows):
        meta["continue"] = f"{version}:{page[-1][0].namespace}/{page[-1][0].name}"
        meta["remainingItemCount"] = len(rows) - len(page)
    items = [partial(obj) if metadata_only else _bare(here, obj) for _, obj in page]
    return {"kind": f"{kind}List", "apiVersion": api, "metadata": meta, "items": items}


def _bare(here: Place, obj: JsonObj) -> JsonObj:
    """Items of typed lists don't repeat their kind."""
    if here.kind.custom:
        return obj
    return {key: value for key, value in obj.items() if key not in ("kind", "apiVersion")}


def _resumed(storage: Storage, token: str) -> tuple[Key | None, int]:
    if not token:
        return None, storage.version
    version, _, name = token.partition(":")
    namespace, _, name = name.partition("/")
    if not version.isdigit():
        raise bad_request("continue key is not valid")
    if int(version) != storage.version:
        # Pages of a version that is gone: a real server serves them for some minutes.
        raise expired(EXPIRED_PAGE)
    return Key(namespace, name), int(version)


def watch(storage: Storage, here: Place, request: Request) -> Watch:
    """An open watch; raises Refused (410) when its version is compacted."""
    return Watch(storage, here, request)


class Watch:
    """Events of one collection as lines of JSON."""

    def __init__(self, storage: Storage, here: Place, request: Request) -> None:
        self.status = 200
        self.headers: Mapping[str, str] = {"content-type": "application/json"}
        self._storage, self._here = storage, here
        self._wanted = selector(request)
        self._metadata_only = "PartialObjectMetadata" in request.accept
        query = request.query
        self._bookmarks = query.get("allowWatchBookmarks") == "true"
        self._seconds = float(query.get("timeoutSeconds") or DEFAULT_WATCH_SECONDS)
        self._feed = storage.feed(here.kind.resource)
        self._backlog = self._replay(query.get("resourceVersion", ""))

    def _replay(self, version: str) -> list[Change]:
        resource = self._here.kind.resource
        if not version or version == "0":
            return [
                Change(int(obj["metadata"]["resourceVersion"]), resource, key, obj, None)
                for key, obj in self._storage.all(resource)
            ]
        if not version.isdigit():
            raise bad_request(f"invalid resource version: {version}")
        try:
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
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        while loop.time() < end:
            wait = min(BOOKMARK_SECONDS, end - loop.time())
            try:
                async with asyncio.timeout(wait):
                    following = await self._feed.get()
            except TimeoutError:
                if self._bookmarks:
                    yield self._bookmark()
                continue
            if following is None:
                return
            for line in self._lines(following):
                yield line

    def _lines(self, change: Change) -> list[bytes]:
        namespace = self._here.namespace
        if namespace and change.key.namespace != namespace:
            return []
        was = change.before is not None and self._wanted.matches(change.before["metadata"])
        fits = not change.gone and self._wanted.matches(change.obj["metadata"])
        if not was and not fits:
            return []
        kind = "DELETED" if not fits else "MODIFIED" if was else "ADDED"
        obj: Any = partial(change.obj) if self._metadata_only else change.obj
        return [orjson.dumps({"type": kind, "object": obj})]

    def _bookmark(self) -> bytes:
        resource = self._here.kind.resource
        meta = {"resourceVersion": str(self._storage.version), "creationTimestamp": None}
        obj = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": meta}
        return orjson.dumps({"type": "BOOKMARK", "object": obj})
