"""The Canaries that one depends on, as the caches show them."""

from __future__ import annotations

from typing import Any

import pytest

from canary.api.canary import parse
from canary.controller.cached import seen
from canary.controller.prerequisites import Prerequisite, named, prerequisites
from canary.kube.resources import CANARIES, DEPLOYMENTS, SERVICES, Key, Resource
from canary.kube.store import Store
from canary.rollout.observed import Absent, Present, Unknown
from tests.rig.manifests import setting


class Cached:
    """Caches of the namespaces ``test`` and ``data``, in sync, with what a test puts there."""

    def __init__(self) -> None:
        self._stores: dict[tuple[Resource, str], Store] = {}

    def covers(self, namespace: str) -> bool:
        return namespace in ("test", "data")

    def store(self, resource: Resource, namespace: str) -> Store:
        assert self.covers(namespace), "nothing may be read there"
        if (resource, namespace) not in self._stores:
            self._stores[resource, namespace] = Store()
            self._stores[resource, namespace].synced = True
        return self._stores[resource, namespace]

    def put(self, resource: Resource, name: str, namespace: str = "test", **parts: Any) -> Any:
        meta = {"name": name, "namespace": namespace, "resourceVersion": "1"}
        obj = {"metadata": meta, **parts}
        self.store(resource, namespace).put(obj)
        return obj

    def canary(self, name: str, *needs: dict[str, str], kind: str = "Deployment", **where: str):
        spec = {"targetRef": {"kind": kind, "name": name}, "engine": {"dependsOn": list(needs)}}
        return self.put(CANARIES, name, **where, spec=spec)


@pytest.fixture
def cached() -> Any:
    return Cached()


def of(*needs: dict[str, str]) -> Any:
    """The Canary ``podinfo`` of namespace ``test``, which depends on these."""
    return parse(_named(setting(spec={"engine": {"dependsOn": list(needs)}})[-1]))


def _named(obj: dict[str, Any]) -> dict[str, Any]:
    return {**obj, "metadata": {**obj["metadata"], "uid": "u1", "generation": 1}}


def test_who_comes_first_is_here_unless_a_namespace_is_named() -> None:
    found = named(of({"name": "db", "namespace": "data"}, {"name": "cache"}))
    assert found == (Key("data", "db"), Key("test", "cache"))
    assert named(of()) == named(parse(_named(setting()[-1]))) == ()


def test_a_prerequisite_is_seen_with_its_target(cached: Any) -> None:
    obj, target = cached.canary("db", namespace="data"), Key("data", "db")
    key = Key("data", "db")
    need = of({"name": "db", "namespace": "data"})
    gone = Absent('deployments.apps "db" not found')
    (found,) = prerequisites(cached, need).items()
    assert found == (key, Prerequisite(Present(obj), gone, (DEPLOYMENTS, target)))
    there = cached.put(DEPLOYMENTS, "db", namespace="data")
    assert prerequisites(cached, need)[key].target == Present(there)


def test_the_target_is_looked_for_among_its_own_kind(cached: Any) -> None:
    cached.canary("db", kind="Service")
    cached.put(DEPLOYMENTS, "db")
    service = cached.put(SERVICES, "db")
    (found,) = prerequisites(cached, of({"name": "db"})).values()
    assert (found.place, found.target) == ((SERVICES, Key("test", "db")), Present(service))


def test_what_they_depend_on_is_seen_too_and_a_circle_ends(cached: Any) -> None:
    cached.canary("front", {"name": "db", "namespace": "data"})
    cached.canary("db", {"name": "disk"}, namespace="data")
    cached.canary("disk", {"name": "db"}, {"name": "front", "namespace": "test"}, namespace="data")
    found = prerequisites(cached, of({"name": "front"}))
    front, db, disk = Key("test", "front"), Key("data", "db"), Key("data", "disk")
    needs = {key: one.needs for key, one in found.items()}
    assert needs == {front: (db,), db: (disk,), disk: (db, front)}


def test_what_is_not_there_is_said_to_be_so_and_what_cannot_be_seen_not(cached: Any) -> None:
    found = prerequisites(cached, of({"name": "gone"}, {"name": "far", "namespace": "elsewhere"}))
    gone, far = found[Key("test", "gone")], found[Key("elsewhere", "far")]
    assert gone == Prerequisite(Absent('canaries.flagger.app "gone" not found'), Absent())
    assert far.canary == far.target == Absent("its namespace is not watched")
    assert not far.watched


@pytest.mark.parametrize(
    "spec",
    [
        None,
        "x",
        {},
        {"targetRef": "x"},
        {"targetRef": {"kind": "Deployment"}},
        {"targetRef": {"kind": "Deployment", "name": 5}},
        {"targetRef": {"kind": "StatefulSet", "name": "db"}},
    ],
)
def test_one_whose_spec_nobody_has_validated_has_no_target(cached: Any, spec: Any) -> None:
    obj = cached.put(CANARIES, "db", spec=spec)
    (found,) = prerequisites(cached, of({"name": "db"})).values()
    assert found == Prerequisite(Present(obj), Absent("it has no target"))


@pytest.mark.parametrize("engine", [None, "x", {}, {"dependsOn": "front"}, {"dependsOn": None}])
def test_one_whose_needs_nobody_has_validated_has_none(cached: Any, engine: Any) -> None:
    target = {"kind": "Deployment", "name": "db"}
    cached.put(CANARIES, "db", spec={"targetRef": target, "engine": engine})
    (found,) = prerequisites(cached, of({"name": "db"})).values()
    assert found.needs == ()


def test_needs_that_name_nothing_are_passed_over(cached: Any) -> None:
    needs: list[Any] = ["x", {"name": 5}, {"namespace": "data"}, {"name": "front"}]
    cached.put(CANARIES, "db", spec={"engine": {"dependsOn": needs}})
    assert prerequisites(cached, of({"name": "db"}))[Key("test", "db")].needs == (
        Key("test", "front"),
    )


def test_an_object_is_absent_only_where_that_is_sure(cached: Any) -> None:
    store, key = cached.store(CANARIES, "test"), Key("test", "db")
    assert seen(cached, CANARIES, key) == Absent('canaries.flagger.app "db" not found')
    obj = cached.canary("db")
    assert seen(cached, CANARIES, key) == Present(obj)
    store.synced, store.gap = False, "the list was refused"
    assert seen(cached, CANARIES, key) == Unknown("the list was refused")
    store.served, store.gap = False, "404"
    text = "canaries.flagger.app is not served by this cluster (404): install its CRDs"
    assert seen(cached, CANARIES, key) == Absent(text)
