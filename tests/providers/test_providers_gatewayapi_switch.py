"""Backends of an HTTPRoute change so that nobody is sent to one that a gateway doesn't know."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_objects import (
    FACTS,
    GATEWAY,
    INIT,
    STEP,
    WRITES,
    canary,
    context,
    patched,
    route_of,
    routed,
    stored,
    users,
)

from providers.gatewayapi import PROVIDER
from providers.interface import Desired, Liveness, Routing

Obj = dict[str, Any]
CANARY = canary(gatewayRefs=[GATEWAY])
APEX = {"name": "podinfo", "port": 9898}
Row = list[dict[str, int]]


def users_route(*rules: Obj) -> Obj:
    live = users(FACTS["gatewayapi init"])
    live["spec"]["rules"] = [copy.deepcopy(rule) for rule in rules]
    return live


def named(live: Obj) -> Row:
    """For each rule, the weights of those that it names."""
    return [
        {ref["name"]: ref.get("weight", 1) for ref in rule["backendRefs"]}
        for rule in live["spec"]["rules"]
    ]


def adopting(live: Obj) -> Desired:
    return route_of(PROVIDER, CANARY, live, routing=INIT)


def releasing(live: Obj) -> Desired | None:
    return next(iter(PROVIDER.released(context(CANARY, live))), None)


def served(row: Row) -> set[str]:
    return {name for rule in row for name, weight in rule.items() if weight}


def known(row: Row) -> set[str]:
    return {name for rule in row for name in rule}


def test_a_users_route_is_adopted_in_three_writes() -> None:
    live = users_route({"backendRefs": [APEX]})
    rows, waits = [], []
    while (desired := adopting(live)).patch:
        live = patched(live, desired.patch)
        rows += named(live)
        waits.append(desired.waits)
    assert rows == [
        {"podinfo": 1, "podinfo-primary": 0, "podinfo-canary": 0},
        {"podinfo-primary": 100, "podinfo-canary": 0, "podinfo": 0},
        {"podinfo-primary": 100, "podinfo-canary": 0},
    ]
    assert waits == [False, True, True]


def test_a_generated_route_is_given_back_in_three_and_is_nobodys_at_last() -> None:
    live = stored(FACTS["gatewayapi init"])
    rows, waits, owned = [], [], []
    while desired := releasing(live):
        live = patched(live, desired.patch)
        rows += named(live)
        waits.append(desired.waits)
        owned.append(bool(live["metadata"]["ownerReferences"]))
    assert rows == [
        {"podinfo-primary": 100, "podinfo-canary": 0, "podinfo": 0},
        {"podinfo": 1, "podinfo-primary": 0, "podinfo-canary": 0},
        {"podinfo": 1},
    ]
    assert waits == [False, True, True]
    assert owned == [True, True, False]


MAIN = st.sampled_from(
    [
        {"backendRefs": [APEX]},
        {"name": "a", "backendRefs": [APEX], "matches": [{"path": {"value": "/a"}}]},
        {"backendRefs": [{"name": "podinfo-primary", "port": 9898}]},
        {"backendRefs": [{"name": "db", "port": 1}, {**APEX, "weight": 3}]},
        {"backendRefs": [{"name": "db", "port": 1}]},
    ]
)


@given(st.lists(MAIN, min_size=1, max_size=3))
def test_nobody_is_sent_to_a_service_that_the_route_did_not_name_before(rules: list[Obj]) -> None:
    """On the way to the engine's Services and back: who gets traffic was named in the state before,
    and who got it until then is named still."""
    live = users_route(*rules)
    for way in (adopting, releasing):
        for _ in range(WRITES):
            desired = way(live)
            before = named(live)
            live = patched(live, desired.patch if desired else ())
            after = named(live)
            assert served(after) <= known(before)
            assert served(before) <= known(after)
        assert not getattr(way(live), "patch", None), "S12"
    assert named(live) == [
        {name.replace("podinfo-primary", "podinfo"): weight for name, weight in rule.items()}
        for rule in named(users_route(*rules))
    ]


def test_on_the_way_in_nothing_splits_and_on_the_way_out_the_primary_serves() -> None:
    live = users_route({"backendRefs": [APEX]})
    live = patched(live, adopting(live).patch)
    assert PROVIDER.read(context(CANARY, live)).routing is None
    live = patched(live, adopting(live).patch)
    assert PROVIDER.read(context(CANARY, live)).routing == INIT
    live = stored(FACTS["gatewayapi init"])
    leaving = releasing(live)
    assert leaving is not None
    assert PROVIDER.read(context(CANARY, patched(live, leaving.patch))).routing == INIT


@pytest.mark.parametrize(("seen", "liveness"), [(3, Liveness.LIVE), (2, Liveness.PENDING)])
def test_a_route_on_its_way_says_whether_it_was_taken_over(seen: int, liveness: Liveness) -> None:
    live = users_route({"backendRefs": [APEX]})
    live = patched(live, adopting(live).patch)
    accepted = {"type": "Accepted", "status": "True", "observedGeneration": seen}
    parents = live["spec"]["parentRefs"]
    live["status"] = {"parents": [{"parentRef": parents[0], "conditions": [accepted]}]}
    assert PROVIDER.read(context(CANARY, live)).liveness is liveness


def test_a_canary_that_loses_weight_waits_for_nobody() -> None:
    """Somebody added a rule to the apex while the canary had traffic."""
    live = routed(PROVIDER, CANARY, users_route({"backendRefs": [APEX]}), Routing(40, 60))
    live["spec"]["rules"].append({"backendRefs": [APEX]})
    desired = adopting(live)
    assert not desired.waits
    assert named(patched(live, desired.patch))[0]["podinfo-canary"] == 0


def test_weights_change_in_one_write() -> None:
    live = routed(PROVIDER, CANARY, users_route({"backendRefs": [APEX]}), INIT)
    desired = route_of(PROVIDER, CANARY, live, routing=STEP)
    assert not desired.waits
    assert named(patched(live, desired.patch)) == [{"podinfo-primary": 90, "podinfo-canary": 10}]
