"""The route's part of a projection: never to who can't serve."""

from __future__ import annotations

from typing import Any

import pytest

from canary.controller.projected_routes import context, resource_of, routes, safe_weight
from canary.controller.writes import Apply, Patch
from canary.rollout.observed import Absent, Unknown
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from providers.interface import Affinity, Desired, Routing
from providers.istio import VIRTUAL_SERVICE
from tests.controller.looks import ROUTE, Look, Ours, live, look, world


def object_(name: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, **more}


def seen(weight: int, facts: Any = None, *desired: Desired, **parts: Any) -> Look:
    provider = parts.pop("provider", Ours(*desired))
    record = parts.pop("record", Record(Stage.PROGRESSING, weight=weight))
    return look(record, facts, provider=provider, **parts)


def due(one: Look) -> list[Any]:
    return list(routes(one.scene, one.record, one.view))


@pytest.mark.parametrize(
    ("meant", "ceiling", "facts", "written"),
    [
        (20, None, world(route=10), 20),
        (20, 15, world(route=10), 15),
        (20, 30, world(route=10), 20),
        (20, 0, world(route=10), 0),
        # Nobody is sent to a canary without an endpoint, nor to a primary without one,
        (20, None, world(route=10, canary=0), 10),
        (20, None, world(route=30, primary=0), 30),
        # and they may be taken from there.
        (20, None, world(route=30, canary=0), 20),
        (20, None, world(route=10, primary=0), 20),
        # Where nobody knows what users are served now, nothing is safe but what can serve.
        (20, None, world(route=None), 20),
        (20, None, world(route=None, canary=0), None),
        (20, None, world(route=None, primary=0), None),
        (0, None, world(route=None, canary=0), 0),
        (0, None, world(route=None, primary=0), None),
        (100, None, world(route=None, primary=0), 100),
        (100, None, world(route=None, canary=0), None),
    ],
)
def test_the_weight_is_that_of_record_as_far_as_it_is_safe(
    meant: int, ceiling: int | None, facts: Any, written: int | None
) -> None:
    one = seen(meant, facts, Desired(ROUTE, "a", {}, weights=True)).under(ceiling)
    assert safe_weight(one.record, one.view) == written
    assert [write.routing for write in due(one)] == ([] if written is None else [written])


@pytest.mark.parametrize(
    "parts",
    [
        {"provider": None},
        {"route_gap": Absent("not served")},
        {"route_gap": Unknown("not synced")},
    ],
)
def test_routes_that_can_not_be_seen_are_not_written(parts: Any) -> None:
    assert due(seen(0, None, Desired(ROUTE, "a", {}), **parts)) == []


def test_only_what_differs_is_written_and_only_the_split_is_of_a_weight() -> None:
    same, split = Desired(ROUTE, "a", {}, differs=False), Desired(ROUTE, "b", {}, weights=True)
    writes = due(seen(20, None, same, split, Desired(ROUTE, "c", {})))
    assert [(write.key.name, write.routing) for write in writes] == [("b", 20), ("c", None)]


def test_a_route_is_written_on_what_was_seen() -> None:
    flagger = {"managedFields": [{"manager": "flagger", "operation": "Update"}]}
    theirs = live(object_("b"))
    theirs["metadata"] |= flagger
    found = {(ROUTE, "a"): live(object_("a")), (ROUTE, "b"): theirs}
    wanted = [Desired(ROUTE, name, object_(name)) for name in "abc"]
    writes = due(seen(0, None, *wanted, routes=found))
    assert all(isinstance(w, Apply) and w.resource == resource_of(ROUTE) for w in writes)
    told = [(w.uid, w.resource_version, w.inherits) for w in writes]
    assert told == [("a-uid", "7", False), ("b-uid", "7", True), ("", "", False)]


def test_a_users_route_is_patched() -> None:
    operation = {"op": "add", "path": "/spec/x", "value": 1}
    wanted = Desired(ROUTE, "a", {}, weights=True, patch=[operation])
    found = {(ROUTE, "a"): live(object_("a"))}
    (patch,) = due(seen(20, None, wanted, routes=found))
    assert isinstance(patch, Patch)
    assert (patch.uid, patch.resource_version) == ("a-uid", "7")
    assert (patch.operations, patch.routing, patch.waits) == ((operation,), 20, False)
    going_on = Desired(ROUTE, "a", {}, patch=[operation], waits=True)
    (patch,) = due(seen(20, None, going_on, routes=found))
    assert (patch.waits, patch.routing) == (True, None)


@pytest.mark.parametrize(
    ("facts", "ceiling", "mirrors"),
    [
        (world(), None, True),
        # A canary that can't serve gets no copy either, nor one that was just taken down.
        (world(canary=0), None, False),
        (world(route=20), 10, False),
    ],
)
def test_the_canary_gets_a_copy_while_it_is_as_the_record_says(
    facts: Any, ceiling: int | None, mirrors: bool
) -> None:
    provider, cookies = Ours(), Affinity("a=1")
    weight = 0 if ceiling is None else 20
    record = Record(Stage.PROGRESSING, weight=weight, mirror=True, affinity=cookies)
    one = seen(0, facts, record=record, provider=provider).under(ceiling)
    due(one)
    written = weight if ceiling is None else ceiling
    assert provider.asked == [Routing(100 - written, written, mirrors, cookies)]
    due(one.at(mirror=False))
    assert not provider.asked[1].mirror


@pytest.mark.parametrize(
    ("service", "labelled", "labels"),
    [
        ({"apex": {"labels": {"a": "b"}}}, True, {"app": "podinfo"}),
        ({"apex": {"labels": {"a": "b"}}}, False, {}),
        ({}, True, {}),
        (None, True, {}),
    ],
)
def test_routes_are_labelled_where_the_apex_says_something(
    service: Any, labelled: bool, labels: Any
) -> None:
    if service is not None:
        service = {"port": 80, **service}
    one = look(Record(), spec={"service": service})
    if not labelled:
        one = one.seeing(label=None)
    assert context(one.scene).labels == labels


def test_a_route_as_it_should_be_is_a_fixed_point() -> None:
    first = look(Record(Stage.INITIALIZED))
    made = {w.key.name: w for w in due(first)}
    assert set(made) == {"podinfo", "podinfo-primary", "podinfo-canary"}
    kinds = {write.resource.kind: write for write in made.values()}
    assert set(kinds) == {"VirtualService", "DestinationRule"}
    found = {
        (kind, name): live(made[name].manifest)
        for kind, name in first.scene.provider.names(first.scene.obj)  # type: ignore[union-attr]
    }
    settled = first.seeing(routes=found)
    assert due(settled) == []
    (shifted,) = due(settled.at(weight=10))
    assert (shifted.resource, shifted.routing) == (resource_of(VIRTUAL_SERVICE), 10)
