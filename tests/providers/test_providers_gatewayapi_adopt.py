"""An HTTPRoute that a user made, and the split of any of them (D26, 5.6)."""

from __future__ import annotations

from typing import Any

import pytest
from routing_objects import (
    FACTS,
    FLUX,
    GATEWAY,
    INIT,
    STEP,
    canary,
    context,
    patched,
    route_of,
    routed,
    stored,
    users,
)

from providers.gatewayapi import PROVIDER
from providers.interface import Desired, Reading

Obj = dict[str, Any]
CANARY = canary(gatewayRefs=[GATEWAY])
SPLIT = FACTS["gatewayapi step"]["spec"]["rules"][0]["backendRefs"]


def users_route(*rules: Obj) -> Obj:
    """An HTTPRoute made by hand with these rules."""
    live = users(FACTS["gatewayapi init"])
    live["spec"] = {
        "parentRefs": [{"name": "mine"}],
        "hostnames": ["a.com"],
        "rules": list(rules),
    }
    return live


def adopted(live: Obj) -> Desired:
    found = route_of(PROVIDER, CANARY, live)
    assert found.patch is not None
    assert found.differs is bool(found.patch)
    return found


def read(live: Obj) -> Reading:
    return PROVIDER.read(context(CANARY, live))


@pytest.mark.parametrize(
    "ref",
    [
        {"name": "podinfo", "port": 9898},
        {"name": "podinfo-primary", "port": 9898, "weight": 1},
        {"group": "", "kind": "Service", "name": "podinfo", "namespace": "test", "port": 9898},
    ],
)
def test_a_rule_that_leads_to_the_apex_gets_the_split(ref: Obj) -> None:
    live = users_route({"name": "main", "backendRefs": [ref]})
    found = routed(PROVIDER, CANARY, live)
    assert found["spec"]["rules"] == [{"name": "main", "backendRefs": SPLIT}]
    assert read(found).routing == STEP


def test_all_else_stays() -> None:
    # D26: order and names of the rest
    redirect = {"name": "old", "filters": [{"type": "RequestRedirect"}]}
    main = {
        "name": "mine",
        "filters": [{"type": "ExtensionRef", "extensionRef": {"name": "x"}}],
        "sessionPersistence": {"sessionName": "s"},
        "backendRefs": [{"name": "podinfo", "port": 9898}],
    }
    elsewhere = {"backendRefs": [{"name": "database", "port": 1}]}
    live = users_route(redirect, main, elsewhere)
    found = routed(PROVIDER, CANARY, live)
    assert found["spec"]["rules"] == [redirect, {**main, "backendRefs": SPLIT}, elsewhere]
    for field in ("parentRefs", "hostnames"):
        assert found["spec"][field] == live["spec"][field]
    assert found["metadata"]["labels"] == live["metadata"]["labels"]
    assert found["metadata"]["annotations"] == {"note": "mine", **FLUX}
    assert "ownerReferences" not in found["metadata"]


@pytest.mark.parametrize(
    "ref",
    [
        {"name": "podinfo", "namespace": "other", "port": 9898},
        {"name": "podinfo", "kind": "ServiceImport", "group": "multicluster.x-k8s.io"},
        {"name": "podinfo-canary", "port": 9898},
        {"name": "database", "port": 9898},
    ],
)
def test_a_rule_that_leads_elsewhere_is_not_touched(ref: Obj) -> None:
    live = users_route({"backendRefs": [ref]})
    assert adopted(live).patch == []
    assert read(live).routing is None


def test_an_object_that_something_else_controls_is_patched_too() -> None:
    live = users_route({"backendRefs": [{"name": "podinfo", "port": 9898}]})
    owners = [{"kind": "App", "name": "podinfo", "uid": "y", "controller": True}]
    live["metadata"]["ownerReferences"] = owners
    found = routed(PROVIDER, CANARY, live)
    assert found["metadata"]["ownerReferences"] == owners
    assert read(found).routing == STEP


def test_filters_of_the_users_only_backend_stay() -> None:
    kept = [{"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": ["x"]}}]
    live = users_route({"backendRefs": [{"name": "podinfo", "port": 9898, "filters": kept}]})
    (rule,) = routed(PROVIDER, CANARY, live)["spec"]["rules"]
    assert rule["backendRefs"] == [{**side, "filters": kept} for side in SPLIT]


def test_in_a_rule_that_splits_already_only_weights_change() -> None:
    refs = [
        {"name": "podinfo-canary", "port": 1, "weight": 0},
        {"name": "podinfo-primary", "port": 2, "filters": []},
    ]
    live = users_route({"backendRefs": refs})
    found = routed(PROVIDER, CANARY, live)
    (rule,) = found["spec"]["rules"]
    assert rule["backendRefs"] == [{**refs[0], "weight": 10}, {**refs[1], "weight": 90}]
    assert read(found).routing == STEP


def test_a_patch_does_not_hit_another_backend_than_the_one_it_saw() -> None:
    live = users_route({"backendRefs": [dict(ref) for ref in reversed(SPLIT)]})
    patch = route_of(PROVIDER, CANARY, live, routing=INIT).patch
    live["spec"]["rules"][0]["backendRefs"].reverse()
    with pytest.raises(AssertionError):
        patched(live, patch)


@pytest.mark.parametrize("third", [{"name": "shadow", "weight": 1}, dict(SPLIT[0])])
def test_a_rule_with_a_third_backend_is_not_ours(third: Obj) -> None:
    # providers.md 5.6: rules with exactly two backendRefs
    live = users_route({"backendRefs": [*SPLIT, third]})
    assert adopted(live).patch == []
    assert read(live).routing is None


def splitting(*pairs: tuple[int | None, int | None]) -> Obj:
    """A route of ours with a rule for each pair of weights."""
    rules = []
    for pair in pairs:
        refs = [dict(side) for side in SPLIT]
        for ref, weight in zip(refs, pair, strict=True):
            ref["weight"] = weight
            if weight is None:
                del ref["weight"]
        rules.append({"backendRefs": refs})
    return stored(FACTS["gatewayapi init"], rules=rules)


@pytest.mark.parametrize("pair", [(0, 0), (50, 40), (None, None), (100, 100)])
def test_weights_that_do_not_sum_to_100_are_an_error(pair: tuple[int | None, int | None]) -> None:
    # D6; an absent weight is 1
    reading = read(splitting(pair))
    assert reading.routing is None
    shown = "/".join(str(1 if weight is None else weight) for weight in pair)
    assert reading.error == (
        f"HTTPRoute podinfo.test does not split 100 between primary and canary ({shown})"
    )


def test_a_missing_route_is_an_error() -> None:
    reading = PROVIDER.read(context(CANARY))
    assert reading.routing is None
    # providers.md 21
    assert reading.error == (
        'HTTPRoute podinfo.test get error: httproutes.gateway.networking.k8s.io "podinfo" not found'
    )


def test_rules_that_split_differently_have_no_split() -> None:
    # One of them sends traffic that the other one's weights deny.
    assert read(splitting((50, 50), (100, 0))).routing is None
    assert read(splitting((90, 10), (90, 10))).routing == STEP
