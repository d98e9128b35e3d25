"""Which Canaries look again when something changes: those that it concerns, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from canary.controller.indexes import INDEXES
from canary.controller.triggers import Triggers
from canary.kube.resources import (
    ALERT_PROVIDERS,
    AUTOSCALERS,
    CANARIES,
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    DAEMON_SETS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    METRIC_TEMPLATES,
    SCALED_OBJECTS,
    SECRETS,
    SERVICES,
    Key,
    Resource,
)
from canary.kube.store import Store
from canary.workloads.endpoints import SERVICE_LABEL

HTTP_ROUTES = Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")
INGRESSES = Resource("networking.k8s.io", "v1", "ingresses", "Ingress")


class Cluster:
    """Cached Canaries, and triggers that look them up."""

    def __init__(self) -> None:
        self._store = Store()
        for name, index in INDEXES[CANARIES].items():
            self._store.add_index(name, index)
        self.triggers = Triggers(self)  # type: ignore[arg-type]

    def everywhere(self, resource: Resource) -> list[Store]:
        assert resource == CANARIES
        return [self._store]

    def store(self, resource: Resource, namespace: str) -> Store:
        assert resource == CANARIES
        return self._store

    def put(self, name: str, namespace: str = "a", **spec: Any) -> None:
        self._store.put(canary(name, namespace, **spec))

    def concerned(self, resource: Resource, name: str, namespace: str = "a", **meta: Any) -> Any:
        """Names of the Canaries that a change of an object concerns."""
        obj = {"metadata": {"name": name, "namespace": namespace, **meta}}
        key = Key(namespace, name)
        return {str(found) for found in self.triggers.concerned(resource, key, None, obj)}


def canary(name: str, namespace: str = "a", target: str = "", **spec: Any) -> dict[str, Any]:
    """A Canary of the Deployment of its own name."""
    ref = {"kind": "Deployment", "name": target or name}
    meta = {"name": name, "namespace": namespace, "resourceVersion": "1"}
    return {"metadata": meta, "spec": {"targetRef": ref, **spec}}


def two() -> Cluster:
    """Two Canaries, and one of the same name in another namespace."""
    cluster = Cluster()
    cluster.put("web", service={"name": "front"}, ingressRef={"name": "entry"})
    cluster.put("db")
    cluster.put("web", "b")
    return cluster


@pytest.mark.parametrize("suffix", ["", "-primary", "-canary"])
def test_a_canary_hears_of_what_bears_its_names(suffix: str) -> None:
    cluster = two()
    for workloads in (DEPLOYMENTS, DAEMON_SETS):
        assert cluster.concerned(workloads, f"web{suffix}") == {"web.a"}
        assert cluster.concerned(workloads, f"web{suffix}", "b") == {"web.b"}
        assert cluster.concerned(workloads, f"front{suffix}") == set()
    for other in (SERVICES, HTTP_ROUTES):
        assert cluster.concerned(other, f"front{suffix}") == {"web.a"}
        assert cluster.concerned(other, f"web{suffix}") == set()
        assert cluster.concerned(other, f"db{suffix}") == {"db.a"}
    assert cluster.concerned(INGRESSES, f"entry{suffix}") == {"web.a"}
    assert cluster.concerned(INGRESSES, f"front{suffix}") == set()
    slices = {"labels": {SERVICE_LABEL: f"front{suffix}"}}
    assert cluster.concerned(ENDPOINT_SLICES, "x-7", **slices) == {"web.a"}
    assert cluster.concerned(ENDPOINT_SLICES, f"front{suffix}") == set()
    assert cluster.concerned(ENDPOINT_SLICES, "x-7", labels=None) == set()


def test_names_that_end_alike_are_those_of_several() -> None:
    cluster = two()
    cluster.put("web-primary")
    assert cluster.concerned(DEPLOYMENTS, "web-primary") == {"web.a", "web-primary.a"}


def test_a_pin_is_its_owners() -> None:
    cluster = two()
    owners = [{"kind": "Deployment", "name": "web"}, {"kind": "Canary", "name": "db"}]
    assert cluster.concerned(CONTROLLER_REVISIONS, "web", ownerReferences=owners) == {"db.a"}
    assert cluster.concerned(CONTROLLER_REVISIONS, "web", ownerReferences=None) == set()


def test_a_canary_is_news_to_itself_and_to_those_of_the_same_target() -> None:
    cluster = two()
    cluster.put("rival", target="web")
    one = Key("a", "one")
    before, after = canary("one", target="web"), canary("one", target="db")

    def found(*states: dict[str, Any] | None) -> set[str]:
        return {str(key) for key in cluster.triggers.concerned(CANARIES, one, *states)}

    assert found(None, before) == {"one.a", "web.a", "rival.a"}
    # Who had to wait for a target is told that it is free, whether by an edit or a deletion.
    assert found(before, after) == {"one.a", "web.a", "rival.a", "db.a"}
    assert found(after, None) == {"one.a", "db.a"}


def test_what_changes_hands_is_news_to_both() -> None:
    cluster = two()
    web, db = ({"metadata": {"labels": {SERVICE_LABEL: name}}} for name in ("front", "db"))
    found = cluster.triggers.concerned(ENDPOINT_SLICES, Key("a", "x-7"), web, db)
    assert sorted(map(str, found)) == ["db.a", "web.a"]
    owned = {"metadata": {"ownerReferences": [{"kind": "Canary", "name": "web"}]}}
    found = cluster.triggers.concerned(CONTROLLER_REVISIONS, Key("a", "p"), owned, {"metadata": {}})
    assert list(found) == [Key("a", "web")]


def test_a_cache_that_is_filled_or_lost_is_news_to_all() -> None:
    found = two().triggers.concerned(SECRETS, Key("", ""), None, None)
    assert sorted(map(str, found)) == ["db.a", "web.a", "web.b"]


REFERRED = (CONFIG_MAPS, SECRETS, METRIC_TEMPLATES, AUTOSCALERS, SCALED_OBJECTS, CANARIES)


@pytest.mark.parametrize("resource", REFERRED)
def test_what_is_referred_to_is_news_to_those_who_do_as_long_as_they_do(
    resource: Resource,
) -> None:
    cluster = Cluster()
    triggers = cluster.triggers
    one, other = (resource, Key("a", "one")), (resource, Key("a", "other"))
    own = {"one.a"} if resource == CANARIES else set()
    db, web = Key("a", "db"), Key("a", "web")
    triggers.refer(web, frozenset({one, other}))
    triggers.refer(db, frozenset({one}))
    assert cluster.concerned(resource, "one") == {"db.a", "web.a"} | own
    assert triggers.readers(*one) == [db, web]
    triggers.refer(web, frozenset({other}))
    assert cluster.concerned(resource, "one") == {"db.a"} | own
    assert triggers.readers(*other) == [web]
    triggers.forget(db)
    triggers.forget(web)
    triggers.forget(Key("a", "never-read"))
    assert cluster.concerned(resource, "one") == own
    # Names that come and go leave nothing behind.
    assert not (triggers._readers or triggers._reads)


def test_what_bears_a_name_of_a_canary_and_is_found_by_reference_only_is_no_news() -> None:
    cluster = two()
    for resource in (*REFERRED[:-1], ALERT_PROVIDERS):
        assert cluster.concerned(resource, "front") == cluster.concerned(resource, "db") == set()
