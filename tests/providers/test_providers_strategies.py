"""A/B, mirroring and session affinity with a mesh or a gateway (providers.md 4.3-4.5, 5.2-5.4)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from routing_objects import GATEWAY, canary, context, route_of, stored, users

from providers.interface import Affinity, Context, Desired, Provider, Routing
from providers.optional import extensions
from providers.registry import provider

Obj = dict[str, Any]
DATA = Path(__file__).parent / "data"
FACTS: Obj = yaml.safe_load((DATA / "strategies.yaml").read_text())
RECORDED: Obj = json.loads((DATA / "recorded.json").read_text())

EACH = pytest.mark.parametrize("name", ["istio", "gatewayapi:v1"])
COOKIES = Affinity("flagger-cookie=LpsIaLdoNZ", "primary-cookie=RDeZcASWwk")
AFFINITY = {"cookieName": "flagger-cookie", "primaryCookieName": "primary-cookie"}
INSIDERS = [
    {"headers": {"x-canary": {"exact": "insider"}}},
    {"headers": {"cookie": {"regex": "^(.*?;)?(canary=always)(;.*)?$"}}},
]
API = [{"uri": {"prefix": "/api"}}]
CASES: dict[str, tuple[Obj, Obj, Routing]] = {
    "mirror": ({"mirror": True, "mirrorWeight": 30}, {}, Routing(100, 0, mirror=True)),
    "test": ({"match": INSIDERS}, {"match": API}, Routing(0, 100)),
    "affinity": (
        {"sessionAffinity": AFFINITY, "interval": "1m"},
        {},
        Routing(90, 10, affinity=COOKIES),
    ),
    "after": (
        {"sessionAffinity": AFFINITY},
        {},
        Routing(100, 0, affinity=Affinity("", COOKIES.primary, COOKIES.canary)),
    ),
}


def asking(analysis: Obj, **service: Any) -> Obj:
    """The Canary of providers.md with these fields in ``spec.analysis`` and ``spec.service``."""
    found = canary(gatewayRefs=[GATEWAY], **service)
    found["spec"]["analysis"] = analysis
    return found


def rules_of(desired: Desired) -> list[Obj]:
    spec: Obj = dict(desired.fields["spec"])
    found: list[Obj] = spec["rules"] if "rules" in spec else spec["http"]
    return found


def written(name: str, obj: Obj, routing: Routing, **given: Any) -> list[Obj]:
    """The objects of ``routing`` as they then lie in the cluster."""
    found: Provider = provider(name)
    return [stored(dict(each.fields)) for each in found.desired(context(obj, **given), routing)]


@EACH
@pytest.mark.parametrize("case", CASES)
def test_the_generated_rules(name: str, case: str) -> None:
    analysis, service, routing = CASES[case]
    found: Provider = provider(name)
    assert (
        rules_of(route_of(found, asking(analysis, **service), routing=routing)) == FACTS[name][case]
    )


@EACH
@pytest.mark.parametrize("case", CASES)
def test_what_is_written_is_read_back_and_stays(name: str, case: str) -> None:
    analysis, service, routing = CASES[case]
    obj = asking(analysis, **service)
    live = written(name, obj, routing)
    found: Provider = provider(name)
    assert found.read(context(obj, *live)).routing == routing.visible
    assert not any(each.differs for each in found.desired(context(obj, *live), routing)), "S12"
    assert not list(found.problems(obj))


@EACH
@given(data=st.data())
def test_every_routing_is_read_back(name: str, data: st.DataObject) -> None:
    letters = st.text("abcXYZ.+(|", min_size=1, max_size=3)
    pairs = st.one_of(st.just(""), st.builds("{}={}".format, letters, letters))
    cookies = data.draw(st.none() | st.builds(Affinity, pairs, pairs, pairs))
    weight = data.draw(st.integers(0, 100))
    routing = Routing(100 - weight, weight, data.draw(st.booleans()), cookies)
    obj = asking({"sessionAffinity": AFFINITY, "mirror": True})
    live = written(name, obj, routing)
    read = provider(name).read(context(obj, *live)).routing
    assert read == routing.visible


def split_of(rule: Obj) -> dict[str, int]:
    """Shares by Service name of a rule of either kind."""
    if "route" in rule:
        return {each["destination"]["host"]: each["weight"] for each in rule["route"]}
    return {each["name"]: each["weight"] for each in rule["backendRefs"]}


@EACH
@given(weight=st.integers(0, 100))
def test_who_does_not_match_never_gets_the_canary(name: str, weight: int) -> None:
    # D7, D13
    obj = asking({"match": INSIDERS}, match=API)
    found = rules_of(route_of(provider(name), obj, routing=Routing(100 - weight, weight)))
    assert [split_of(rule) for rule in found] == [
        {"podinfo-primary": 100 - weight, "podinfo-canary": weight},
        {"podinfo-primary": 100},
    ]


@EACH
def test_at_weight_zero_no_cookie_leads_to_the_canary(name: str) -> None:
    """A ceiling may lower the weight before the record follows."""
    obj = asking({"sessionAffinity": AFFINITY})
    lowered = rules_of(route_of(provider(name), obj, routing=Routing(100, 0, affinity=COOKIES)))
    recorded = Routing(100, 0, affinity=Affinity("", COOKIES.primary, COOKIES.canary))
    assert lowered == rules_of(route_of(provider(name), obj, routing=recorded))
    assert all(split_of(rule)["podinfo-canary"] == 0 for rule in lowered)


@EACH
def test_a_live_cookie_rule_at_weight_zero_is_not_what_was_asked(name: str) -> None:
    obj = asking({"sessionAffinity": AFFINITY})
    live = written(name, obj, Routing(90, 10, affinity=COOKIES))
    rules = live[-1]["spec"].get("rules") or live[-1]["spec"]["http"]
    for key in ("route", "backendRefs"):
        for side, weight in zip(rules[-1].get(key, ()), (100, 0), strict=False):
            side["weight"] = weight
    found: Provider = provider(name)
    wanted = Routing(100, 0, affinity=COOKIES)
    assert found.read(context(obj, *live)).routing == wanted
    assert found.read(context(obj, *live)).routing != wanted.visible
    assert any(each.differs for each in found.desired(context(obj, *live), wanted))


def test_the_deletion_rule_alone_deletes_with_istio() -> None:
    # D37
    headers = {"response": {"add": {"x-a": "b"}}, "request": {"add": {"x-c": "d"}}}
    obj = asking({"sessionAffinity": AFFINITY}, headers=headers)
    gone, weighted = rules_of(route_of(provider("istio"), obj, routing=CASES["after"][2]))
    assert gone["headers"]["response"]["add"] == {
        "x-a": "b",
        "Set-Cookie": "flagger-cookie=LpsIaLdoNZ; Max-Age=-1",
    }
    assert gone["headers"]["request"] == headers["request"]
    assert weighted["headers"] == headers


def test_a_rule_has_one_modifier_of_responses() -> None:
    # D38
    headers = {"response": {"add": {"x-a": "b"}}, "request": {"add": {"x-c": "d"}}}
    obj = asking({"sessionAffinity": AFFINITY}, headers=headers)
    gone, weighted = rules_of(route_of(provider("gatewayapi:v1"), obj, routing=CASES["after"][2]))
    assert [each["type"] for each in gone["filters"]] == [
        "RequestHeaderModifier",
        "ResponseHeaderModifier",
    ]
    assert gone["filters"][1]["responseHeaderModifier"]["add"] == [
        {"name": "x-a", "value": "b"},
        {"name": "Set-Cookie", "value": "flagger-cookie=LpsIaLdoNZ; Max-Age=-1"},
    ]
    assert weighted["filters"][1]["responseHeaderModifier"]["add"] == [
        {"name": "x-a", "value": "b"}
    ]


@EACH
def test_rules_carry_the_settings_of_the_service(name: str) -> None:
    # providers.md 4.4, 4.5, 5.3
    for analysis, routing in (
        ({"match": INSIDERS}, Routing(0, 100)),
        ({"sessionAffinity": AFFINITY}, Routing(90, 10, affinity=COOKIES)),
    ):
        found = rules_of(route_of(provider(name), asking(analysis, timeout="5s"), routing=routing))
        assert all("5s" in str(rule.get("timeout") or rule.get("timeouts")) for rule in found)


@EACH
def test_sticky_rules_keep_the_match_of_the_service(name: str) -> None:
    # providers.md 2.6, D9
    routing = Routing(90, 10, affinity=COOKIES)
    obj = asking({"sessionAffinity": AFFINITY}, match=[{"headers": {"x": {"exact": "y"}}}])
    for rule in rules_of(route_of(provider(name), obj, routing=routing)):
        (match,) = rule.get("match") or rule["matches"]
        assert "'y'" in str(match)


def test_a_mirror_without_weight_copies_everything() -> None:
    obj = asking({"mirror": True})
    routing = Routing(100, 0, mirror=True)
    (rule,) = rules_of(route_of(provider("istio"), obj, routing=routing))
    assert (rule["mirror"], "mirrorPercentage" in rule) == ({"host": "podinfo-canary"}, False)
    (rule,) = rules_of(route_of(provider("gatewayapi:v1"), obj, routing=routing))
    assert set(rule["filters"][-1]["requestMirror"]) == {"backendRef"}


def copying(found: Provider, obj: dict[str, Any], *live: Any, lacking: bool) -> Desired:
    """The route that mirrors, where its CRD has the percent or lacks it."""
    (extension,) = extensions(found, obj)
    seen = replace(context(obj, *live), lacking=frozenset([extension.path] if lacking else ()))
    (desired,) = found.desired(seen, Routing(100, 0, mirror=True))
    return desired


def test_a_crd_that_lacks_the_percent_gets_none_and_is_not_fought() -> None:
    # D11
    obj = asking({"mirror": True, "mirrorWeight": 30})
    found: Provider = provider("gatewayapi:v1")
    (live,) = written("gatewayapi:v1", obj, Routing(100, 0, mirror=True))
    assert "percent" not in found.read(context(obj, live)).warning
    copies = live["spec"]["rules"][0]["filters"][0]["requestMirror"]
    assert copies.pop("percent") == 30
    assert not copying(found, obj, live, lacking=True).differs
    assert "percent" in found.read(context(obj, live)).warning
    made: Any = copying(found, obj, lacking=True).fields["spec"]
    assert made["rules"][0]["filters"][0]["requestMirror"] == copies
    by_hand = users(live)
    assert not copying(found, obj, by_hand, lacking=True).differs


def test_a_share_that_is_asked_for_later_is_written() -> None:
    obj = asking({"mirror": True, "mirrorWeight": 30})
    found: Provider = provider("gatewayapi:v1")
    for before in ({"mirror": True}, {"mirror": True, "mirrorWeight": 100}):
        assert not extensions(found, asking(before))
        (live,) = written("gatewayapi:v1", asking(before), Routing(100, 0, mirror=True))
        assert copying(found, obj, live, lacking=False).differs
        assert copying(found, obj, users(live), lacking=False).differs


def test_a_mirror_elsewhere_is_not_ours() -> None:
    obj = asking({}, mirror=[{"backendRef": {"name": "shadow", "port": 80}}])
    (live,) = written("gatewayapi:v1", obj, Routing(100, 0))
    assert provider("gatewayapi:v1").read(context(obj, live)).routing == Routing(100, 0)


def test_taking_over_an_ab_test_of_flaggers_writes_nothing() -> None:
    objects = RECORDED["istio-ab"]
    live = [obj for key, obj in objects.items() if key.startswith(("Virtual", "Destination"))]
    seen = context(objects["Canary/app"], *live)
    owner = live[0]["metadata"]["ownerReferences"][0]
    found: Provider = provider("istio")
    desired = found.desired(Context(seen.canary, seen.live, owner=owner), Routing(100, 0))
    assert [each.differs for each in desired] == [False, False, False]
    assert desired[-1].fields["spec"] == objects["VirtualService/app"]["spec"]
    assert found.read(seen).routing == Routing(100, 0)


def test_sticky_rules_of_flaggers_differ_in_the_expression_alone() -> None:
    # D39
    objects = RECORDED["gw-affinity"]
    live = objects["HTTPRoute/app"]
    seen = context(objects["Canary/app"], live)
    found: Provider = provider("gatewayapi:v1")
    read = found.read(seen).routing
    assert read == Routing(100, 0, affinity=Affinity(previous="aff=OOlXExskmy"))
    owner = live["metadata"]["ownerReferences"][0]
    (desired,) = found.desired(Context(seen.canary, seen.live, owner=owner), read)
    meant = json.dumps(live["spec"], sort_keys=True).replace(
        ".*aff.*OOlXExskmy.*", r"^(.*;\\s*)?aff=OOlXExskmy(;.*)?$"
    )
    assert desired.fields["spec"] == json.loads(meant)
    assert desired.differs
