"""Keeping a cache in step with a server."""

from __future__ import annotations

import asyncio

from brokenline import KEY, Rig, played

from canary.kube.resources import CONFIG_MAPS, CONTROLLER_REVISIONS, CRDS, Resource
from canary.kube.transport import METADATA_ONLY
from canary.sandbox.cluster import routing_crds


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
async def test_an_object_that_is_deleted_leaves_the_cache(rig: Rig) -> None:
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    live = rig.cluster.get(CONFIG_MAPS, "default", "one")
    await rig.user.delete(CONFIG_MAPS, "default", "one", uid=live["metadata"]["uid"])
    await asyncio.sleep(1)
    assert list(rig.store()) == []
    assert rig.heard.count("one") == 2, "who looks at it is told"
    assert rig.line.lists == 1


@played
async def test_a_cut_watch_goes_on_where_it_was(rig: Rig) -> None:
    await rig.set(a="1")
    rig.store()
    await asyncio.sleep(1)
    rig.line.cut.set()
    await rig.set(a="2")
    await asyncio.sleep(0.1)
    assert rig.current(), "an end is no failure: there is nothing to wait for"
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
