"""Istio: what is generated, and what of it is watched (providers.md 4)."""

from __future__ import annotations

from typing import Any

import pytest
from routing_objects import (
    FACTS,
    INIT,
    STEP,
    canary,
    context,
    others,
    recorded,
    route_of,
    stored,
)

from providers.interface import Context, Liveness, Routing
from providers.istio import PROVIDER

RULES = FACTS["istio destination rules"]
TCP = {"appProtocol": "TCP", "match": [{"port": 9898}]}


@pytest.mark.parametrize(("name", "routing"), [("istio init", INIT), ("istio step", STEP)])
def test_the_generated_objects(name: str, routing: Routing) -> None:
    desired = PROVIDER.desired(context(canary()), routing)
    assert [each.fields for each in desired] == [*RULES, FACTS[name]]
    assert [each.weights for each in desired] == [False, False, True]
    assert all(each.differs and each.patch is None for each in desired)


@pytest.mark.parametrize("protocol", ["tcp", "TCP", "Tcp"])
def test_tcp_routes_connections(protocol: str) -> None:
    service = canary(**{**TCP, "appProtocol": protocol})
    assert route_of(PROVIDER, service).fields == FACTS["istio tcp"]


def spec_of(**service: Any) -> Any:
    return route_of(PROVIDER, canary(**service)).fields["spec"]


def test_tcp_without_a_match_has_none() -> None:
    (rule,) = spec_of(appProtocol="tcp", timeout="5s")["tcp"]
    assert set(rule) == {"route"}


def test_objects_are_named_after_the_service() -> None:
    found = PROVIDER.names(canary(name="web"))
    assert [name for _, name in found] == ["web-canary", "web-primary", "web"]
    assert spec_of(name="web")["hosts"] == ["web"]


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        (None, ["podinfo"]),
        (["a.com"], ["a.com", "podinfo"]),
        (["podinfo", "a.com"], ["podinfo", "a.com"]),
        (["*"], ["*"]),
    ],
)
def test_hosts(given: list[str] | None, hosts: list[str]) -> None:
    assert spec_of(hosts=given)["hosts"] == hosts


def test_gateways_are_taken_as_they_are() -> None:
    assert spec_of(gateways=["ns/gw"])["gateways"] == ["ns/gw"]
    assert spec_of(gateways=[])["gateways"] == ["mesh"]


@pytest.mark.parametrize(
    ("service", "port"),
    [
        ({}, False),
        ({"portDiscovery": True}, False),
        ({"portDiscovery": True, "gateways": ["mesh", "gw"]}, False),
        ({"gateways": ["gw"]}, False),
        ({"portDiscovery": True, "gateways": ["gw", "mesh"]}, True),
        ({"portDiscovery": True, "delegation": True}, True),
    ],
)
def test_when_a_destination_names_its_port(service: dict[str, Any], port: bool) -> None:
    for side in spec_of(**service)["http"][0]["route"]:
        assert side["destination"].get("port") == ({"number": 9898} if port else None)


def test_settings_of_the_rule() -> None:
    match = [{"uri": {"prefix": "/a"}, "headers": {"x": {"suffix": "y"}}}]
    service = {
        "match": match,
        "rewrite": {"uri": "/b", "authority": "c", "type": "ReplacePrefixMatch"},
        "timeout": "5s",
        "retries": {"attempts": 3},
        "corsPolicy": {"allowOrigin": ["a"]},
        "headers": {"request": {"add": {"x": "y"}}},
        "backendTimeout": "1s",
    }
    (rule,) = spec_of(**service)["http"]
    del rule["route"]
    assert rule == {
        "match": match,
        "rewrite": {"uri": "/b", "authority": "c"},
        "timeout": "5s",
        "retries": {"attempts": 3},
        "corsPolicy": {"allowOrigin": ["a"]},
        "headers": {"request": {"add": {"x": "y"}}},
    }


def test_a_delegate_has_neither_hosts_nor_gateways() -> None:
    found = spec_of(delegation=True)
    assert found["hosts"] == []
    assert "gateways" not in found
    (problem,) = PROVIDER.problems(canary(delegation=True, hosts=["a.com"]))
    # providers.md 21
    assert problem.message == (
        "reconcileVirtualService failed: VirtualService podinfo.test cannot have hosts and "
        "gateways when delegation enabled"
    )
    assert not PROVIDER.problems(canary(delegation=True))
    assert not PROVIDER.problems(canary(hosts=["a.com"], gateways=["gw"]))


def test_a_traffic_policy_goes_to_both_destination_rules() -> None:
    policy = {"tls": {"mode": "DISABLE"}}
    desired = PROVIDER.desired(context(canary(trafficPolicy=policy)), STEP)
    assert [each.fields["spec"].get("trafficPolicy") for each in desired] == [policy, policy, None]


def test_metadata_of_the_apex_goes_to_the_route_alone() -> None:
    apex = {"labels": {"team": "a"}, "annotations": {"note": "b"}}
    seen = context(canary(apex=apex), labels={"app": "podinfo"})
    *rules, route = PROVIDER.desired(seen, STEP)
    assert route.fields["metadata"]["labels"] == {"team": "a", "app": "podinfo"}
    assert route.fields["metadata"]["annotations"]["note"] == "b"
    for rule in rules:
        assert {"labels", "annotations"}.isdisjoint(rule.fields["metadata"])


def test_without_an_owner_none_is_written() -> None:
    # providers.md 2.3: a remote mesh control plane
    for each in PROVIDER.desired(Context(canary()), STEP):
        assert "ownerReferences" not in each.fields["metadata"]


def test_taking_over_from_flagger_writes_nothing() -> None:
    objects = recorded("istio-happy")
    live = [obj for key, obj in objects.items() if key.startswith(("Virtual", "Destination"))]
    seen = context(objects["Canary/app"], *live)
    owner = live[0]["metadata"]["ownerReferences"][0]
    desired = PROVIDER.desired(Context(seen.canary, seen.live, owner=owner), INIT)
    assert len(desired) == 3
    assert not any(each.differs for each in desired)
    assert PROVIDER.read(seen).routing == INIT


LIVE = [stored(obj) for obj in (*RULES, FACTS["istio step"])]


def test_at_the_fixed_point_nothing_differs() -> None:
    live = [*LIVE[:2], stored(FACTS["istio step"], exportTo=["."], tls=[{"x": "y"}])]
    live[0]["spec"]["subsets"] = [{"name": "v1"}]
    desired = PROVIDER.desired(context(canary(), *live), STEP)
    assert [each.differs for each in desired] == [False, False, False]


def drifted(change: Any, obj: dict[str, Any]) -> dict[str, Any]:
    live = stored(obj)
    change(live)
    return live


ROUTE_DRIFTS: dict[str, Any] = {
    "weight": lambda o: o["spec"]["http"][0]["route"][1].update(weight=11),
    "hosts": lambda o: o["spec"].update(hosts=["a.com"]),
    "gateways": lambda o: o["spec"].update(gateways=["mesh", "gw"]),
    "timeout": lambda o: o["spec"]["http"][0].update(timeout="5s"),
    "foreign rule": lambda o: o["spec"]["http"].insert(0, {"route": []}),
    "tcp": lambda o: o["spec"].update(tcp=[{"route": []}]),
    "marker": lambda o: o["metadata"]["annotations"].update(dict.fromkeys(FLUX_KEYS, "enabled")),
    "owner": lambda o: o["metadata"]["ownerReferences"][0].update(uid="earlier"),
}
FLUX_KEYS = tuple(FACTS["metadata"]["annotations"])


@pytest.mark.parametrize("field", ROUTE_DRIFTS)
def test_drift_of_every_owned_field_is_seen(field: str) -> None:
    live = drifted(ROUTE_DRIFTS[field], FACTS["istio step"])
    found = route_of(PROVIDER, canary(), live)
    assert found.differs
    assert found.fields == FACTS["istio step"], "D1: repaired at the weights in force"


@pytest.mark.parametrize("field", ["host", "trafficPolicy"])
def test_drift_of_a_destination_rule_is_seen(field: str) -> None:
    policy = {"tls": {"mode": "DISABLE"}}
    live = stored(RULES[0], trafficPolicy=policy)
    obj = canary(trafficPolicy=policy)
    assert not PROVIDER.desired(context(obj, live), STEP)[0].differs
    live["spec"][field] = "x"
    assert PROVIDER.desired(context(obj, live), STEP)[0].differs


def test_objects_of_another_canary_are_never_written() -> None:
    live = [others(obj) for obj in (*RULES, FACTS["istio init"])]
    assert PROVIDER.desired(context(canary(), *live), STEP) == ()
    reading = PROVIDER.read(context(canary(), *live))
    assert reading.routing is None
    assert reading.error == "VirtualService podinfo.test belongs to Canary other"


def test_nothing_confirms_a_weight() -> None:
    reading = PROVIDER.read(context(canary(), *LIVE))
    assert (reading.routing, reading.liveness) == (STEP, Liveness.UNCONFIRMED)


def test_what_absence_says_is_left_out() -> None:
    """As Flagger has it, but for what Istio would decide otherwise by itself (D49)."""
    service = canary(
        match=[{"uri": {"prefix": "/"}, "ignoreUriCase": False}],
        corsPolicy={"allowMethods": ["GET"], "allowCredentials": False},
        retries={"attempts": 0, "retryOn": "5xx"},
        trafficPolicy={
            "connectionPool": {"http": {"maxRetries": 0, "maxRequestsPerConnection": 2}},
            "outlierDetection": {"minHealthPercent": 0, "consecutive5xxErrors": 0},
            "loadBalancer": {"localityLbSetting": {"enabled": False}},
        },
    )
    rule, *_ = route_of(PROVIDER, service).fields["spec"]["http"]
    assert rule["match"] == [{"uri": {"prefix": "/"}}]
    assert rule["corsPolicy"] == {"allowMethods": ["GET"]}
    assert rule["retries"] == {"attempts": 0, "retryOn": "5xx"}
    first, *_ = PROVIDER.desired(context(service), INIT)
    assert first.fields["spec"]["trafficPolicy"] == {
        "connectionPool": {"http": {"maxRequestsPerConnection": 2}},
        "outlierDetection": {"consecutive5xxErrors": 0},
        "loadBalancer": {"localityLbSetting": {"enabled": False}},
    }
