"""The cache of one collection."""

from __future__ import annotations

import pytest

from canary.kube.resources import Key
from canary.kube.store import TOMBSTONES, Store


def obj(name: str, version: int, label: str = "", uid: str = "u") -> dict:
    labels = {"app": label} if label else {}
    meta = {"name": name, "namespace": "ns", "resourceVersion": str(version), "uid": uid}
    return {"metadata": {**meta, "labels": labels}}


def by_app(found: dict) -> list[str]:
    return list(found["metadata"]["labels"].values())


def test_an_older_object_is_ignored() -> None:
    store = Store()
    store.put(obj("a", 5))
    store.put(obj("a", 4, "old"))
    assert store.get(Key("ns", "a"))["metadata"]["resourceVersion"] == "5"


def test_an_object_deleted_later_does_not_come_back() -> None:
    store = Store()
    store.put(obj("a", 5))
    store.drop(Key("ns", "a"), "7")
    store.put(obj("a", 6))
    assert store.get(Key("ns", "a")) is None
    store.put(obj("a", 8))
    assert store.get(Key("ns", "a")) is not None


def test_a_list_drops_what_it_does_not_hold() -> None:
    store, heard = Store(), []
    store.put(obj("a", 5))
    store.put(obj("b", 6))
    store.listen(lambda key, old, new: heard.append((key.name, old is None, new is None)))
    store.replace([obj("b", 6), obj("c", 7)], "9")
    assert sorted(key.name for key in store) == ["b", "c"]
    assert heard == [("a", False, True), ("c", True, False)]
    assert store.synced


def test_an_index_follows_changes() -> None:
    store = Store()
    store.put(obj("a", 1, "x"))
    store.add_index("app", by_app)
    store.put(obj("b", 2, "x"))
    assert [o["metadata"]["name"] for o in store.by_index("app", "x")] == ["a", "b"]
    store.put(obj("a", 3, "y"))
    assert [o["metadata"]["name"] for o in store.by_index("app", "x")] == ["b"]
    store.drop(Key("ns", "b"))
    assert store.by_index("app", "x") == []


def test_reached_by_the_object_or_by_the_collection() -> None:
    store, key = Store(), Key("ns", "a")
    assert not store.reached(key, "5")
    store.put(obj("a", 5))
    assert store.reached(key, "5")
    assert not store.reached(key, "6")
    store.resource_version = "8"
    assert store.reached(key, "6")


def test_a_collection_that_is_not_served_forgets_its_objects() -> None:
    store = Store()
    store.replace([obj("a", 5)], "5")
    store.lost("no such kind", served=False)
    assert (len(store), store.synced, store.served, store.gap) == (0, False, False, "no such kind")


def test_a_lost_watch_keeps_objects_and_says_why() -> None:
    store = Store()
    store.replace([obj("a", 5)], "5")
    store.lost("the server is away")
    assert (len(store), store.synced, store.served) == (1, False, True)


def test_what_was_not_there_is_not_dropped() -> None:
    store, heard = Store(), []
    store.listen(lambda *change: heard.append(change))
    store.drop(Key("ns", "a"), "7")
    assert heard == []


def test_an_object_without_a_version_is_kept() -> None:
    store = Store()
    store.put(obj("a", 0))
    assert store.get(Key("ns", "a")) is not None


@pytest.mark.parametrize(("others", "returns"), [(TOMBSTONES - 1, False), (TOMBSTONES, True)])
def test_the_last_deletions_are_remembered_and_no_more(others: int, returns: bool) -> None:
    store = Store()
    store.drop(Key("ns", "a"), "7")
    for number in range(others):
        store.drop(Key("ns", f"other-{number}"), str(10 + number))
    store.put(obj("a", 6))
    assert (store.get(Key("ns", "a")) is not None) is returns


def test_what_a_list_lacked_takes_no_place_among_them() -> None:
    store = Store()
    store.drop(Key("ns", "a"), "7")
    for number in range(TOMBSTONES + 1):
        store.drop(Key("ns", f"other-{number}"))
    store.put(obj("a", 6))
    assert store.get(Key("ns", "a")) is None


def test_a_loss_is_told_once() -> None:
    store, heard = Store(), []
    store.replace([], "1")
    store.listen(lambda *change: heard.append(change))
    store.lost("no answer")
    store.lost("still none")
    assert heard == [(Key("", ""), None, None)]
    assert store.gap == "still none"
    store.lost("no such resource", served=False)
    assert len(heard) == 2


def test_a_collection_that_is_at_a_version_shows_it() -> None:
    store = Store()
    store.replace([], "7")
    assert store.reached(Key("ns", "a"), "7")
    assert not store.reached(Key("ns", "a"), "8")


def test_an_index_may_give_a_value_twice() -> None:
    store = Store()
    store.add_index("twice", lambda found: [*by_app(found), *by_app(found)])
    store.put(obj("a", 5, "web"))
    assert len(store.by_index("twice", "web")) == 1
    store.drop(Key("ns", "a"), "6")
    assert store.by_index("twice", "web") == []


def test_another_object_of_the_same_name_and_version_takes_its_place() -> None:
    # A cluster that was restored from a backup counts its versions anew.
    store = Store()
    store.replace([obj("a", 5, uid="before")], "5")
    store.replace([obj("a", 5, uid="after")], "5")
    assert store.get(Key("ns", "a"))["metadata"]["uid"] == "after"


def test_an_index_keeps_nothing_of_what_has_gone() -> None:
    store = Store()
    store.add_index("app", by_app)
    table = store._indexes["app"][1]
    store.put(obj("a", 5, "web"))
    store.put(obj("a", 6, "api"))
    assert set(table) == {"api"}
    store.drop(Key("ns", "a"), "7")
    assert not table
