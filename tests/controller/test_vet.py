"""The last guard: what it refuses, whatever was decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from canary.controller.vet import vet
from canary.controller.writes import Apply, Patch, Scale, Write
from canary.kube.resources import DEPLOYMENTS, SCALED_OBJECTS, SERVICES, Key, Resource
from canary.rollout.observed import Absent, Present
from canary.rollout.record import Record, Revision
from canary.rollout.world import Primary, Ready, Route, Target, World

KEY = Key("test", "podinfo")
ROUTES = Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")


@dataclass(frozen=True)
class Look:
    """As much of a View as the guard looks at."""

    world: World
    drained: bool = True
    record: Record = field(default_factory=Record)


def world(live: int | None = 10, canary: int = 2, primary: int = 2, apex: bool = True) -> World:
    revision = Present(Revision("e1-new"))
    route = Absent() if live is None else Present(Route(live, 0.0, None))
    return World(
        target=Present(Target(revision, 2, 2, Ready(), canary)),
        primary=Present(Primary(2, Ready(), primary)),
        route=route,
        apex_ready=apex,
    )


def route(weight: int) -> Apply:
    return Apply(ROUTES, KEY, "u", "1", manifest={}, routing=weight)


RECORD = Record(weight=20, primary=Revision("e1-old"))


@pytest.mark.parametrize(
    ("write", "look", "promise"),
    [
        (route(20), Look(world()), ""),
        (route(101), Look(world()), "S1"),
        (route(-1), Look(world()), "S1"),
        (route(30), Look(world()), "S3"),
        (route(20), Look(world(canary=0)), "S2"),
        (route(0), Look(world(primary=0)), "S2"),
        (route(0), Look(world(canary=0)), ""),
        (route(10), Look(world(live=None, canary=0)), "S2"),
        (route(30), Look(world(live=30, primary=0)), ""),
        # Nobody knows what the users of a route that isn't there were served.
        (route(30), Look(world(live=None)), "S3"),
        (route(0), Look(world(live=None, primary=0)), "S2"),
        (route(0), Look(world(live=None, canary=0)), ""),
        # What is there already may be said again.
        (route(10), Look(world(live=10, canary=0)), ""),
        (route(10), Look(world(live=10, primary=0)), ""),
        (Apply(SERVICES, KEY, manifest={}, serves=True), Look(world(apex=False, primary=0)), "S2"),
        (Apply(SERVICES, KEY, manifest={}, serves=True), Look(world(apex=False)), ""),
        (Apply(SERVICES, KEY, manifest={}, serves=True), Look(world(primary=0)), ""),
        (Scale(DEPLOYMENTS, KEY, "u", "1", replicas=0, primary=True), Look(world()), "S2"),
        (Scale(DEPLOYMENTS, KEY, "u", "1", replicas=2, primary=True), Look(world()), ""),
        (Scale(DEPLOYMENTS, KEY, "u", "1", replicas=0), Look(world()), "S8"),
        (Scale(DEPLOYMENTS, KEY, "u", "1", replicas=2), Look(world()), ""),
        (Patch(DEPLOYMENTS, KEY, "u", "1", template="e1-new"), Look(world()), "S4"),
        (Patch(DEPLOYMENTS, KEY, "u", "1", template="e1-old"), Look(world()), ""),
        (Apply(SERVICES, KEY, manifest={}, template="e1-new"), Look(world()), "S4"),
        (Apply(SERVICES, KEY, manifest={}, template="e1-old"), Look(world()), ""),
        (Patch(SCALED_OBJECTS, KEY, "u", "1", idles=True), Look(world()), "S8"),
        (Patch(SCALED_OBJECTS, KEY, "u", "1"), Look(world()), ""),
    ],
)
def test_promises(write: Write, look: Any, promise: str) -> None:
    found = vet([write], RECORD, look)
    assert (found.promise if found else "") == promise


@pytest.mark.parametrize(
    "write",
    [
        Scale(DEPLOYMENTS, KEY, "u", "1", replicas=0),
        Patch(SCALED_OBJECTS, KEY, "u", "1", idles=True),
    ],
    ids=["scale", "pause"],
)
@pytest.mark.parametrize(("drained", "promise"), [(True, ""), (False, "S8")])
def test_zero_needs_weight_zero_and_drained(drained: bool, promise: str, write: Write) -> None:
    look: Any = Look(world(live=0), drained=drained)
    found = vet([write], replace(RECORD, weight=0), look)
    assert (found.promise if found else "") == promise


def test_a_canary_with_all_the_traffic_needs_no_primary() -> None:
    look: Any = Look(world(live=None, primary=0))
    assert vet([route(100)], replace(RECORD, weight=100), look) is None


def test_a_primary_that_is_not_of_record_gets_no_template() -> None:
    look: Any = Look(world())
    found = vet([Patch(DEPLOYMENTS, KEY, "u", "1", template="e1-new")], Record(), look)
    assert found is not None
    assert found.promise == "S4"


def test_the_first_violation_is_told_with_the_object() -> None:
    look: Any = Look(world(canary=0))
    found = vet([route(0), route(20), route(101)], RECORD, look)
    assert found is not None
    assert found.promise == "S2"
    assert "podinfo.test" in found.text
