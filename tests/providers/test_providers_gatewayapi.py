"""Gateway API: what is generated, and what of it is watched (providers.md 5)."""

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
    others,
    recorded,
    route_of,
    stored,
)

from providers.gatewayapi import PROVIDER
from providers.interface import Context, Liveness, Routing

Obj = dict[str, Any]


def attached(**service: Any) -> Obj:
    return canary(**{"gatewayRefs": [GATEWAY], **service})


def spec_of(**service: Any) -> Any:
    return route_of(PROVIDER, attached(**service)).fields["spec"]


def rule_of(**service: Any) -> Any:
    (rule,) = spec_of(**service)["rules"]
    return rule


@pytest.mark.parametrize(
    ("name", "routing"), [("gatewayapi init", INIT), ("gatewayapi step", STEP)]
)
def test_the_generated_route(name: str, routing: Routing) -> None:
    (desired,) = PROVIDER.desired(context(attached()), routing)
    assert desired.fields == FACTS[name]
    assert (desired.weights, desired.differs, desired.patch) == (True, True, None)


def test_parents_are_those_of_the_canary() -> None:
    refs = [
        {"name": "gw", "sectionName": "https", "port": 443},
        {"group": "core", "kind": "Service", "name": "podinfo", "port": 9898},
    ]
    assert spec_of(gatewayRefs=refs)["parentRefs"] == [
        {"group": "gateway.networking.k8s.io", "kind": "Gateway", **refs[0]},
        refs[1],
    ]
    (problem,) = PROVIDER.problems(canary())
    # providers.md 21
    assert problem.message == (
        "GatewayRefs must be specified when using Gateway API as a provider."
    )
    assert not PROVIDER.problems(attached())


def test_hostnames_and_timeouts() -> None:
    assert spec_of(hosts=["a.com"])["hostnames"] == ["a.com"]
    assert "hostnames" not in spec_of()
    limits = rule_of(timeout="5s", backendTimeout="1s")["timeouts"]
    assert limits == {"request": "5s", "backendRequest": "1s"}
    assert "timeouts" not in rule_of()


def test_objects_are_named_after_the_service() -> None:
    ((_, name),) = PROVIDER.names(attached(name="web"))
    assert name == "web"
    found = [ref["name"] for ref in rule_of(name="web")["backendRefs"]]
    assert found == ["web-primary", "web-canary"]


def test_metadata_of_the_apex_comes_along() -> None:
    apex = {"labels": {"team": "a"}, "annotations": {"note": "b"}}
    meta = route_of(PROVIDER, attached(apex=apex), labels={"app": "podinfo"}).fields["metadata"]
    assert meta["labels"] == {"team": "a", "app": "podinfo"}
    assert meta["annotations"] == {"note": "b", **FLUX}


@pytest.mark.parametrize("scenario", ["gw-happy", "gw-fail", "config-change"])
def test_taking_over_from_flagger_writes_nothing(scenario: str) -> None:
    objects = recorded(scenario)
    live = objects["HTTPRoute/app"]
    owner = live["metadata"]["ownerReferences"][0]
    seen = context(objects["Canary/app"], live)
    (desired,) = PROVIDER.desired(Context(seen.canary, seen.live, owner=owner), INIT)
    assert desired.fields["spec"] == live["spec"]
    assert not desired.differs
    assert PROVIDER.read(seen).routing == INIT


LIVE = stored(FACTS["gatewayapi step"])


def test_at_the_fixed_point_nothing_differs() -> None:
    assert not route_of(PROVIDER, attached(), LIVE).differs


def test_fields_of_others_are_no_difference() -> None:
    # D27: Gateway API 1.4 has a field of the spec that the engine doesn't know
    live = stored(FACTS["gatewayapi step"], useDefaultGateways="All")
    assert not route_of(PROVIDER, attached(), live).differs


@pytest.mark.parametrize(
    "service",
    [
        {"match": [{"headers": {"x": {"exact": "y"}}}]},
        {"match": [{"queryParams": {"x": {"regex": "y"}}, "method": {"exact": "GET"}}]},
        {"corsPolicy": {"allowOrigin": ["a"]}},
        {"corsPolicy": {"allowOrigin": ["a"], "maxAge": "1d"}},
        {"gatewayRefs": [{"name": "gw"}]},
        {"mirror": [{"backendRef": {"name": "shadow", "port": 80}}]},
        {"hosts": []},
    ],
    ids=str,
)
def test_defaults_of_the_api_server_are_no_difference(service: Obj) -> None:
    # D3; providers.md 24.1: defaults
    live = stored({**FACTS["gatewayapi step"], "spec": defaulted(spec_of(**service))})
    assert not route_of(PROVIDER, attached(**service), live).differs


def defaulted(spec: Obj) -> Obj:
    """``spec`` with what the API server fills in, written out by providers.md 24.1."""
    for parent in spec["parentRefs"]:
        parent.setdefault("group", "gateway.networking.k8s.io")
        parent.setdefault("kind", "Gateway")
    for rule in spec["rules"]:
        for match in rule["matches"]:
            match.setdefault("path", {"type": "PathPrefix", "value": "/"})
            for each in (*match.get("headers", ()), *match.get("queryParams", ())):
                each.setdefault("type", "Exact")
        for item in rule.get("filters", ()):
            if item["type"] == "CORS":
                item["cors"].setdefault("maxAge", 5)
            if item["type"] == "RequestMirror":
                item["requestMirror"]["backendRef"].setdefault("group", "")
    return spec


def test_defaults_that_are_left_out_are_no_difference() -> None:
    # providers.md 24.1
    service = {"match": [{"uri": {"prefix": "/a"}, "headers": {"x": {"exact": "y"}}}]}
    live = stored({**FACTS["gatewayapi step"], "spec": spec_of(**service)})
    (rule,) = live["spec"]["rules"]
    for holder in (*live["spec"]["parentRefs"], *rule["backendRefs"]):
        del holder["group"], holder["kind"]
    (match,) = rule["matches"]
    for holder in (match["path"], *match["headers"]):
        del holder["type"]
    assert not route_of(PROVIDER, attached(**service), live).differs


DRIFTS: dict[str, Any] = {
    "weight": lambda o: o["spec"]["rules"][0]["backendRefs"][1].update(weight=11),
    "no weight": lambda o: o["spec"]["rules"][0]["backendRefs"][1].pop("weight"),
    "backend": lambda o: o["spec"]["rules"][0]["backendRefs"].pop(),
    "port": lambda o: o["spec"]["rules"][0]["backendRefs"][0].update(port=1),
    "match": lambda o: o["spec"]["rules"][0]["matches"][0]["path"].update(value="/x"),
    "filter": lambda o: o["spec"]["rules"][0].update(filters=[{"type": "CORS", "cors": {}}]),
    "timeout": lambda o: o["spec"]["rules"][0].update(timeouts={"request": "1s"}),
    "foreign rule": lambda o: o["spec"]["rules"].append({"backendRefs": []}),
    "parent": lambda o: o["spec"]["parentRefs"][0].update(name="other"),
    "hostnames": lambda o: o["spec"].update(hostnames=["a.com"]),
    "marker": lambda o: o["metadata"]["annotations"].update(dict.fromkeys(FLUX, "enabled")),
    "owner": lambda o: o["metadata"]["ownerReferences"][0].update(uid="earlier"),
}


@pytest.mark.parametrize("field", DRIFTS)
def test_drift_of_every_owned_field_is_seen(field: str) -> None:
    live = stored(FACTS["gatewayapi step"])
    DRIFTS[field](live)
    found = route_of(PROVIDER, attached(), live)
    assert found.differs
    assert found.fields == FACTS["gatewayapi step"], "D1: repaired at the weights in force"


def test_a_route_of_another_canary_is_never_written() -> None:
    seen = context(attached(), others(FACTS["gatewayapi init"]))
    assert PROVIDER.desired(seen, STEP) == ()
    reading = PROVIDER.read(seen)
    assert (reading.routing, reading.liveness) == (None, Liveness.PENDING)
    assert reading.error == "HTTPRoute podinfo.test belongs to Canary other"
