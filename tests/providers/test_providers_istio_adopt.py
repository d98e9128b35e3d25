"""A VirtualService that a user made, and what is read from any of them (D26, D33, 4.7)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from routing_objects import (
    FACTS,
    FLUX,
    INIT,
    OWNER,
    STEP,
    canary,
    context,
    patched,
    route_of,
    stored,
    users,
)

from providers.interface import Desired, Routing
from providers.istio import PROVIDER

Obj = dict[str, Any]
SPLIT = FACTS["istio step"]["spec"]["http"][0]["route"]
# api.md 11
ORIGINAL = "flagger.kubernetes.io/original-configuration"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def to(host: str, **more: Any) -> Obj:
    return {"destination": {"host": host}, **more}


def users_route(*rules: Obj, **annotations: str) -> Obj:
    """A VirtualService made by hand with these rules."""
    live = users(FACTS["istio init"])
    live["spec"] = {"hosts": ["a.com"], "gateways": ["gw"], "http": list(rules), "exportTo": ["."]}
    live["metadata"]["annotations"] |= annotations
    return live


def adopted(live: Obj, routing: Routing = STEP) -> Desired:
    found = route_of(PROVIDER, canary(), live, routing=routing)
    assert found.patch is not None
    assert found.differs is bool(found.patch)
    return found


LEADS_HERE = ["podinfo", "podinfo.test", "podinfo.test.svc", "podinfo.test.svc.cluster.local"]


@pytest.mark.parametrize("host", [*LEADS_HERE, "podinfo-primary"])
def test_a_rule_that_routes_to_the_apex_gets_the_split(host: str) -> None:
    live = users_route({"route": [to(host)], "timeout": "5s"})
    found = patched(live, adopted(live).patch)
    assert found["spec"]["http"] == [{"route": SPLIT, "timeout": "5s"}]
    assert PROVIDER.read(context(canary(), found)).routing == STEP
    assert adopted(found).patch == [], "and then nothing is left to do"


def test_all_else_stays() -> None:
    # D26: order and names of the rest
    redirect = {"name": "old", "redirect": {"uri": "/new"}, "match": [{"uri": {"exact": "/old"}}]}
    fault = {"name": "mine", "route": [to("podinfo")], "fault": {"delay": {"fixedDelay": "1s"}}}
    elsewhere = {"route": [to("database")]}
    live = users_route(redirect, fault, elsewhere)
    found = patched(live, adopted(live).patch)
    assert found["spec"]["http"] == [redirect, {**fault, "route": SPLIT}, elsewhere]
    for field in ("hosts", "gateways", "exportTo"):
        assert found["spec"][field] == live["spec"][field]
    assert found["metadata"]["labels"] == live["metadata"]["labels"]
    assert "ownerReferences" not in found["metadata"]
    annotations = found["metadata"]["annotations"]
    assert {"note": "mine", **FLUX}.items() <= annotations.items()


@pytest.mark.parametrize(
    "host",
    ["podinfo.other", "podinfo.other.svc.cluster.local", "podinfo.com", "podinfo-canary", "db", ""],
)
def test_a_rule_that_leads_elsewhere_is_not_touched(host: str) -> None:
    live = users_route({"route": [to(host)]})
    assert adopted(live).patch == []
    assert PROVIDER.read(context(canary(), live)).routing is None


def test_headers_of_the_users_only_route_stay() -> None:
    headers = {"request": {"set": {"x": "y"}}}
    live = users_route({"route": [to("podinfo", headers=headers)]})
    (rule,) = patched(live, adopted(live).patch)["spec"]["http"]
    assert rule["route"] == [{**side, "headers": headers} for side in SPLIT]


@pytest.mark.parametrize("suffix", ["", ".test", ".test.svc.cluster.local"])
def test_in_a_rule_that_splits_already_only_weights_change(suffix: str) -> None:
    canary_side = to(f"podinfo-canary{suffix}", weight=0, headers={"x": "y"})
    live = users_route({"route": [canary_side, to(f"podinfo-primary{suffix}", weight=100)]})
    found = patched(live, adopted(live).patch)
    (rule,) = found["spec"]["http"]
    assert rule["route"] == [
        {**canary_side, "weight": 10},
        to(f"podinfo-primary{suffix}", weight=90),
    ]
    assert PROVIDER.read(context(canary(), found)).routing == STEP
    assert adopted(found).patch == []


def test_a_rule_with_a_third_destination_is_not_ours() -> None:
    sides = [to("podinfo-primary", weight=50), to("podinfo-canary", weight=0)]
    for third in (to("shadow", weight=50), to("podinfo-primary", weight=50)):
        live = users_route({"route": [*sides, third]})
        assert adopted(live).patch == []
        assert PROVIDER.read(context(canary(), live)).routing is None


def test_the_original_spec_is_stored_once() -> None:
    # D33
    live = users_route({"route": [to("podinfo")]})
    first = patched(live, adopted(live).patch)
    assert json.loads(first["metadata"]["annotations"][ORIGINAL]) == live["spec"]
    later = patched(first, adopted(first, Routing(50, 50)).patch)
    assert later["metadata"]["annotations"] == first["metadata"]["annotations"]


@pytest.mark.parametrize("annotation", [ORIGINAL, LAST_APPLIED])
def test_what_is_stored_already_is_never_overwritten(annotation: str) -> None:
    live = users_route({"route": [to("podinfo")]}, **{annotation: "{}"})
    found = patched(live, adopted(live).patch)["metadata"]["annotations"]
    assert found == {"note": "mine", annotation: "{}", **FLUX}


@pytest.mark.parametrize(
    "rules",
    [
        [{"route": [to("podinfo-primary")]}],
        [{"route": [to("podinfo-primary", weight=100), to("podinfo-canary", weight=0)]}],
        [{"route": [to("podinfo")]}, {"route": [to("podinfo-primary.test")]}],
    ],
)
def test_a_spec_that_routes_to_the_primary_is_not_original(rules: list[Obj]) -> None:
    # D33
    live = users_route(*rules)
    assert ORIGINAL not in patched(live, adopted(live).patch)["metadata"]["annotations"]


def test_tcp_rules_are_taken_over_too() -> None:
    live = users_route()
    live["spec"]["tcp"] = [{"match": [{"port": 9898}], "route": [to("podinfo")]}]
    obj = canary(appProtocol="tcp")
    found = patched(live, route_of(PROVIDER, obj, live).patch)
    assert found["spec"]["tcp"] == [{"match": [{"port": 9898}], "route": SPLIT}]
    assert PROVIDER.read(context(obj, found)).routing == STEP


def test_a_destination_rule_of_a_user_gets_no_owner() -> None:
    # providers.md 2.3: owner references are set only at creation
    rule = users(FACTS["istio destination rules"][0])
    rule["spec"] |= {"host": "x", "subsets": [{"name": "v1"}]}
    found = PROVIDER.desired(context(canary(), rule), INIT)[0]
    assert found.differs
    assert "ownerReferences" not in found.fields["metadata"]
    created = PROVIDER.desired(context(canary()), INIT)[0]
    assert created.fields["metadata"]["ownerReferences"] == [OWNER]


def read(*rules: Obj) -> Any:
    return PROVIDER.read(context(canary(), stored(FACTS["istio init"], http=list(rules))))


def split(primary: int | None, share: int | None) -> Obj:
    return {
        "route": [
            to("podinfo-primary", **({} if primary is None else {"weight": primary})),
            to("podinfo-canary", **({} if share is None else {"weight": share})),
        ]
    }


@pytest.mark.parametrize(("primary", "share"), [(0, 0), (50, 40), (None, None), (100, 100)])
def test_weights_that_do_not_sum_to_100_are_an_error(
    primary: int | None, share: int | None
) -> None:
    # D6: a read that doesn't sum to the total is drift
    reading = read(split(primary, share))
    assert reading.routing is None
    # providers.md 21
    assert reading.error == (
        "VirtualService podinfo.test does not contain routes for podinfo-primary and podinfo-canary"
    )


def test_a_missing_route_is_an_error() -> None:
    reading = PROVIDER.read(context(canary()))
    assert reading.routing is None
    # providers.md 21
    assert reading.error == (
        "VirtualService podinfo.test get query error "
        'virtualservices.networking.istio.io "podinfo" not found'
    )


def test_a_side_that_is_missing_is_an_error() -> None:
    assert read({"route": [to("podinfo-primary", weight=100)]}).routing is None
    assert read({"route": [to("podinfo-canary", weight=100)]}).routing is None


def test_rules_that_split_differently_have_no_split() -> None:
    # One of them sends traffic that the other one's weights deny.
    reading = read(split(50, 50), split(100, 0))
    assert reading.routing is None
    assert "split differently" in reading.error
    assert read(split(100, 0), split(100, 0)).routing == INIT
