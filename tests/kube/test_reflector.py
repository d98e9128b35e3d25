"""Keeping a cache in step with a server whose watches break in every way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from canary import virtualtime
from canary.clock import LoopClock
from canary.kube.caches import Caches
from canary.kube.client import Client
from canary.kube.resources import CONFIG_MAPS, CONTROLLER_REVISIONS, CRDS, Key, Resource
from canary.kube.store import Store
from canary.kube.transport import METADATA_ONLY, Request, Response, Stream, TransportError
from canary.sandbox.cluster import Cluster, routing_crds
from tests.rig.stage import ORIGIN

KEY = Key("default", "one")


def config_map(name: str = "one", **data: str) -> dict:
    meta = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


class Line:
    """A line to the server that can be cut, go silent, or answer with an error."""

    def __init__(self, inner) -> None:
        self.inner = inner
        self.watches = 0
        self.lists = 0
        self.down = False
        self.status = 0
        self.asked: list[Request] = []
        self.streams: list[Cuttable] = []
        self.cut = asyncio.Event()

    async def request(self, request: Request) -> Response:
        if request.method == "GET":
            self.lists += 1
        if self.down:
            raise TransportError("connection refused")
        if self.status:
            return Response(self.status, {"retry-after": "3"}, b'{"message": "not now"}')
        return await self.inner.request(request)

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Stream]:
        self.watches += 1
        self.asked.append(request)
        if self.down:
            raise TransportError("connection refused")
        async with self.inner.stream(request) as stream:
            self.streams.append(Cuttable(stream, self))
            yield self.streams[-1]

    async def close(self) -> None:
        await self.inner.close()


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


def played(play):
    def test() -> None:
        async def run() -> None:
            rig = Rig()
            try:
                await play(rig)
            finally:
                await rig.caches.close()

        virtualtime.run(run())

    test.__name__, test.__doc__ = play.__name__, play.__doc__
    return test


@played
async def test_changes_arrive(rig: Rig) -> None:
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    assert rig.store().synced
    assert rig.current()
    await rig.set(a="2")
    await asyncio.sleep(1)
    assert rig.current()
    assert rig.line.lists == 1


@played
async def test_a_cut_watch_goes_on_where_it_was(rig: Rig) -> None:
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    rig.line.cut.set()
    await rig.set(a="2")
    await asyncio.sleep(5)
    assert rig.current()
    assert (rig.line.lists, rig.line.watches) == (1, 2)


@played
async def test_a_compacted_version_is_listed_anew(rig: Rig) -> None:
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    rig.line.down = True
    rig.line.cut.set()
    await asyncio.sleep(1)
    await rig.set(a="2")
    rig.cluster.server.storage.compact()
    rig.line.down = False
    await asyncio.sleep(60)
    assert rig.current()
    assert rig.line.lists == 2


@played
async def test_a_silent_watch_is_opened_anew(rig: Rig) -> None:
    """A half-open connection sends neither events nor bookmarks: its deadline ends it."""
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    rig.line.streams[-1].silent = True
    await rig.set(a="2")
    await asyncio.sleep(60)
    assert not rig.current()
    await asyncio.sleep(120)
    assert rig.current()


@played
async def test_a_server_that_is_away_makes_the_cache_unknown(rig: Rig) -> None:
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    rig.line.down = True
    rig.line.cut.set()
    await asyncio.sleep(30)
    assert rig.store().synced, "a short absence is no reason to stop"
    await asyncio.sleep(120)
    assert not rig.store().synced
    assert "configmaps can't be read" in rig.store().gap
    rig.line.down = False
    await asyncio.sleep(60)
    assert rig.store().synced


@played
async def test_a_deletion_during_an_absence_is_seen(rig: Rig) -> None:
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    rig.line.down = True
    rig.line.cut.set()
    live = rig.cluster.get(CONFIG_MAPS, "default", "one")
    await rig.user.delete(CONFIG_MAPS, "default", "one", uid=live["metadata"]["uid"])
    rig.cluster.server.storage.compact()
    await asyncio.sleep(1)
    rig.line.down = False
    await asyncio.sleep(60)
    assert rig.store().get(KEY) is None
    assert rig.heard[-1] in ("", "one")


@played
async def test_refusals_are_retried_with_backoff_and_retry_after(rig: Rig) -> None:
    rig.line.status = 429
    rig.store()
    await asyncio.sleep(60)
    assert not rig.store().synced
    assert rig.line.lists <= 21, "at least 3 s lie between two attempts"
    rig.line.status = 0
    await asyncio.sleep(60)
    assert rig.store().synced


@played
async def test_a_kind_that_is_installed_later_is_found(rig: Rig) -> None:
    crd = routing_crds()[0]
    kind = Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")
    store = rig.store(kind)
    await asyncio.sleep(5)
    assert (store.synced, store.served) == (False, False)
    await rig.user.create(CRDS, crd)
    await asyncio.sleep(60)
    assert (store.synced, store.served) == (True, True)


@played
async def test_metadata_only_caches_hold_no_data(rig: Rig) -> None:
    await rig.set(secret="value")
    rig.store()
    await asyncio.sleep(1)
    assert "value" not in str(rig.store().get(KEY))


@played
async def test_a_cache_of_labelled_objects_follows_them_only(rig: Rig) -> None:
    store = rig.store(CONTROLLER_REVISIONS)
    await asyncio.sleep(1)
    for name, labels in (
        ("theirs", {}),
        ("ours", {"app.kubernetes.io/managed-by": "canary-engine"}),
    ):
        meta = {"name": name, "namespace": "default", "labels": labels}
        kind = {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": meta}
        await rig.user.create(CONTROLLER_REVISIONS, {**kind, "revision": 1, "data": {}})
    await asyncio.sleep(1)
    assert [key.name for key in store] == ["ours"]


@played
async def test_no_data_is_watched_where_only_metadata_is_cached(rig: Rig) -> None:
    rig.store()
    rig.store(CRDS)
    await asyncio.sleep(1)
    assert sorted(asked.accept for asked in rig.line.asked) == ["application/json", METADATA_ONLY]


@played
async def test_a_watch_that_is_not_answered_has_an_end(rig: Rig) -> None:
    rig.store()
    await asyncio.sleep(1)
    assert [asked.timeout for asked in rig.line.asked] == [rig.client.timeout]
