"""Which caches a process keeps: of the whole cluster, or of some namespaces."""

from __future__ import annotations

import asyncio
import random

from brokenline import Rig, config_map, played

from canary.kube.caches import Caches
from canary.kube.resources import CONFIG_MAPS, NAMESPACES, Key, Obj, Resource

MINE = ("default", "other")
ROUTES = Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")


async def made(rig: Rig) -> None:
    """A ConfigMap in each of three namespaces."""
    for name in (*MINE, "third"):
        if name != "default":
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            await rig.user.create(NAMESPACES, body)
        one = config_map()
        await rig.user.create(CONFIG_MAPS, {**one, "metadata": {"name": "one", "namespace": name}})


@played
async def test_the_whole_cluster_is_one_cache(rig: Rig) -> None:
    await made(rig)
    store = rig.caches.store(CONFIG_MAPS, "default")
    await asyncio.sleep(1)
    assert rig.caches.store(CONFIG_MAPS, "third") is store
    assert rig.caches.everywhere(CONFIG_MAPS) == [store]
    assert set(store) == {Key(name, "one") for name in (*MINE, "third")}
    assert rig.caches.covers("third")


@played
async def test_who_may_read_some_namespaces_reads_no_other(rig: Rig) -> None:
    """Its rights are those of Roles: a list of everything would be refused."""
    await made(rig)
    caches = Caches(rig.client, lambda *change: None, random.Random(1), MINE)
    try:
        stores = caches.everywhere(CONFIG_MAPS)
        await asyncio.sleep(1)
        assert [set(store) for store in stores] == [{Key(name, "one")} for name in MINE]
        assert [caches.store(CONFIG_MAPS, name) for name in MINE] == stores
        paths = {f"/api/v1/namespaces/{name}/configmaps" for name in MINE}
        assert {asked.path for asked in rig.line.asked} == paths
        assert [caches.covers(name) for name in (*MINE, "third")] == [True, True, False]
    finally:
        await caches.close()


def owners(obj: Obj) -> list[str]:
    """By whom a ConfigMap of this test is found."""
    return [obj["metadata"].get("annotations", {}).get("owner", "")]


@played
async def test_objects_of_each_namespace_are_found_by_what_was_asked_for(rig: Rig) -> None:
    await made(rig)
    for name in MINE:
        owned = {"metadata": {"annotations": {"owner": f"team-{name}"}}}
        await rig.user.merge_patch(CONFIG_MAPS, name, "one", owned)
    indexes = {CONFIG_MAPS: {"owner": owners}}
    caches = Caches(rig.client, lambda *change: None, random.Random(1), MINE, indexes)
    try:
        stores = caches.everywhere(CONFIG_MAPS)
        await asyncio.sleep(1)
        found = [store.by_index("owner", "team-other") for store in stores]
        assert [[obj["metadata"]["namespace"] for obj in here] for here in found] == [[], ["other"]]
    finally:
        await caches.close()


@played
async def test_caches_are_ready_once_each_has_been_heard_of(rig: Rig) -> None:
    """A kind that isn't installed is heard of, too: it would hold up everything for ever."""
    rig.store()
    rig.store(ROUTES)
    assert not rig.caches.synced
    await asyncio.sleep(1)
    assert rig.caches.synced
    assert {kind: synced for kind, _, synced in rig.caches.states()} == {
        CONFIG_MAPS: True,
        ROUTES: False,
    }
    rig.line.down = True
    rig.line.cut.set()
    await asyncio.sleep(120)
    assert not rig.caches.synced
