"""A route that a user made is given back when its Canary goes (D33, D34)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_objects import FLUX, WRITES, context, others, patched, routed, users
from test_providers_strategies import AFFINITY, CASES, COOKIES, EACH, INSIDERS, asking, written

from providers.interface import Affinity, Routing
from providers.optional import released
from providers.registry import provider

Obj = dict[str, Any]
PLACE = {"istio": "http", "gatewayapi:v1": "rules"}
ORIGINAL = "flagger.kubernetes.io/original-configuration"
MIRROR = {"requestMirror": {"backendRef": {"name": "shadow", "port": 1}}, "type": "RequestMirror"}
ADDED = {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"add": [{"name": "x-a"}]}}
REMOVED = {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": ["x-b"]}}


def to(host: str, **more: Any) -> Obj:
    """A route of a VirtualService."""
    return {"destination": {"host": host}, **more}


def ref(name: str, **more: Any) -> Obj:
    """A backend of an HTTPRoute, with the API server's defaults."""
    return {"group": "", "kind": "Service", "name": name, "port": 9898, "weight": 1, **more}


def subsets(**fields: Any) -> st.SearchStrategy[Obj]:
    """Some of these fields."""
    return st.fixed_dictionaries({}, optional={key: st.just(v) for key, v in fields.items()})


HEADERS = {"request": {"set": {"x": "y"}}}
# What a user may have in a rule that leads to the apex, by provider; and in any other.
MAIN: dict[str, st.SearchStrategy[Obj]] = {
    "istio": st.builds(
        lambda rule, side: {**rule, "route": [to("podinfo", **side)]},
        subsets(
            name="main",
            match=[{"uri": {"prefix": "/a"}}],
            fault={"delay": {"fixedDelay": "1s"}},
            headers={"response": {"add": {"x-a": "b"}}},
        ),
        subsets(headers=HEADERS) | subsets(headers={"response": {"add": {"x-a": "b"}, **HEADERS}}),
    ),
    "gatewayapi:v1": st.builds(
        lambda rule, side: {**rule, "backendRefs": [ref("podinfo", **side)]},
        subsets(
            name="main",
            matches=[{"path": {"type": "Exact", "value": "/a"}}],
            filters=[{"type": "ExtensionRef", "extensionRef": {"name": "x"}}, MIRROR],
            timeouts={"request": "5s"},
            sessionPersistence={"sessionName": "s"},
        ),
        subsets(filters=[ADDED]) | subsets(filters=[REMOVED]),
    ),
}
ELSEWHERE: dict[str, list[Obj]] = {
    "istio": [
        {"match": [{"uri": {"prefix": "/db"}}], "route": [to("db")]},
        {"name": "old", "redirect": {"uri": "/new"}},
        {"route": [to("podinfo", weight=50), to("shadow", weight=50)]},
    ],
    "gatewayapi:v1": [
        {"name": "db", "backendRefs": [ref("db")]},
        {"name": "old", "filters": [{"type": "RequestRedirect"}]},
        {"backendRefs": [ref("podinfo"), ref("shadow")]},
    ],
}
ASKED = [{}, {"match": INSIDERS}, {"sessionAffinity": AFFINITY, "mirror": True, "mirrorWeight": 30}]


def users_route(name: str, *rules: Obj, **annotations: str) -> Obj:
    """A route of this provider's kind that somebody made with these rules."""
    live = users(written(name, asking({}), Routing(100, 0))[-1])
    live["spec"][PLACE[name]] = copy.deepcopy(list(rules))
    live["metadata"]["annotations"] |= annotations
    return live


def adopted(name: str, obj: Obj, live: Obj, *routings: Routing) -> Obj:
    """The route after the engine routed so, one after the other."""
    for routing in routings:
        live = routed(provider(name), obj, live, routing)
    return live


def given_back(name: str, obj: Obj, live: Obj) -> Obj:
    """The route after its release, which leaves nothing to do."""
    for _ in range(WRITES):
        before = copy.deepcopy(live)
        found = released(provider(name), context(obj, live))
        assert live == before
        assert all(each.patch for each in found), "only what is due"
        for each in found:
            live = patched(live, each.patch)
    assert not released(provider(name), context(obj, live)), "S12"
    return live


def defaulted(live: Obj) -> Obj:
    """A route with the defaults of the API server."""
    found = copy.deepcopy(live)
    for rule in found["spec"].get("rules") or ():
        if "backendRefs" in rule:
            rule["backendRefs"] = [{"weight": 1, **each} for each in rule["backendRefs"]]
    return found


@EACH
@given(data=st.data())
def test_what_was_adopted_is_given_back(name: str, data: st.DataObject) -> None:
    """Whatever was routed, in whatever route: afterwards it is what the user made."""
    rules = data.draw(
        st.lists(MAIN[name] | st.sampled_from(ELSEWHERE[name]), min_size=1, max_size=4)
    )
    obj = asking(data.draw(st.sampled_from(ASKED)))
    pair, own = (st.sampled_from(["", f"{each}=a", f"{each}=b"]) for each in AFFINITY.values())
    cookies = st.none() | st.builds(Affinity, pair, own, pair)
    routings = st.builds(
        lambda weight, mirror, affinity: Routing(100 - weight, weight, mirror, affinity),
        st.integers(0, 100),
        st.booleans(),
        cookies if "sessionAffinity" in obj["spec"]["analysis"] else st.none(),
    )
    made = users_route(name, *rules)
    assert not released(provider(name), context(obj, made)), "nothing of the engine is in it"
    live = adopted(name, obj, made, *data.draw(st.lists(routings, max_size=3)))
    if data.draw(st.booleans()):
        live["metadata"]["annotations"].pop(ORIGINAL, None)
    assert defaulted(given_back(name, obj, live)) == made


@EACH
@pytest.mark.parametrize("case", CASES)
def test_a_route_as_flagger_left_it_leads_to_the_apex(name: str, case: str) -> None:
    """Flagger keeps nothing of the user's rules: what it made is one rule again."""
    analysis, _, routing = CASES[case]
    obj = asking(analysis)
    live = users(written(name, obj, routing)[-1])
    live["metadata"]["annotations"] |= FLUX
    found = defaulted(given_back(name, obj, live))
    (rule,) = found["spec"][PLACE[name]]
    if name == "istio":
        assert rule == {"route": [to("podinfo")]}
    else:
        matches = [{"path": {"type": "PathPrefix", "value": "/"}}]
        assert rule == {"matches": matches, "backendRefs": [ref("podinfo")]}
    assert found["metadata"]["annotations"] == {"note": "mine"}


def sides(name: str, *hosts: str, weight: int = 50) -> Obj:
    """A rule with these backends."""
    if name == "istio":
        return {"route": [to(host, weight=weight) for host in hosts]}
    return {"backendRefs": [ref(host, weight=weight) for host in hosts]}


@EACH
@pytest.mark.parametrize("hosts", [("podinfo-primary",), ("podinfo-canary", "podinfo-primary")])
def test_a_rule_of_the_users_that_names_the_primary_leads_to_the_apex(
    name: str, hosts: tuple[str, ...]
) -> None:
    live = users_route(name, {**sides(name, *hosts), "name": "mine"})
    (rule,) = defaulted(given_back(name, asking({}), live))["spec"][PLACE[name]]
    back = {"route": [to("podinfo")]} if name == "istio" else {"backendRefs": [ref("podinfo")]}
    assert rule == {**back, "name": "mine"}


@EACH
def test_a_rule_with_a_third_backend_is_not_ours(name: str) -> None:
    live = users_route(name, sides(name, "podinfo-primary", "podinfo-canary", "shadow"))
    assert not released(provider(name), context(asking({}), live))


@EACH
def test_rules_that_are_all_for_bearers_of_a_cookie_are_kept(name: str) -> None:
    """Somebody took the rule for everybody out: nobody loses a route beyond that."""
    obj = asking({"sessionAffinity": AFFINITY})
    live = users_route(name, sides(name, "podinfo"))
    live = adopted(name, obj, live, Routing(100, 0, affinity=Affinity(previous=COOKIES.canary)))
    del live["metadata"]["annotations"]
    live["spec"][PLACE[name]].pop()
    (rule,) = given_back(name, obj, live)["spec"][PLACE[name]]
    assert COOKIES.canary.split("=")[1] in str(rule.get("match") or rule["matches"])
    assert "Set-Cookie" not in str(rule)
    assert "podinfo-" not in str(rule)


@EACH
def test_the_patch_does_not_hit_other_rules_than_those_it_saw(name: str) -> None:
    live = adopted(name, asking({}), users_route(name, sides(name, "podinfo")), Routing(70, 30))
    (desired,) = released(provider(name), context(asking({}), live))
    live["spec"][PLACE[name]].append(ELSEWHERE[name][0])
    with pytest.raises(AssertionError):
        patched(live, desired.patch)


@EACH
def test_markers_go_where_both_are_there(name: str) -> None:
    live = users_route(name, sides(name, "podinfo"), **FLUX)
    assert given_back(name, asking({}), live)["metadata"]["annotations"] == {"note": "mine"}
    one = dict([next(iter(FLUX.items()))])
    live = users_route(name, sides(name, "podinfo"), **one)
    assert not released(provider(name), context(asking({}), live)), "the user's own"
    live = users_route(name, sides(name, "podinfo-primary"), **one)
    assert given_back(name, asking({}), live)["metadata"]["annotations"] == {"note": "mine"}


@EACH
def test_a_generated_route_stays_and_leads_to_the_apex(name: str) -> None:
    """It carries traffic (D34)."""
    obj = asking({})
    generated = written(name, obj, Routing(70, 30))
    route = given_back(name, obj, generated[-1])
    assert not route["metadata"]["ownerReferences"]
    assert "podinfo-" not in str(route["spec"])
    assert "podinfo" in str(route["spec"])
    rest = [*generated[:-1], route]
    assert not released(provider(name), context(obj, *rest))


@EACH
def test_what_is_another_canarys_is_left_alone(name: str) -> None:
    """Or has gone."""
    obj = asking({})
    generated = written(name, obj, Routing(70, 30))
    assert not released(provider(name), context(obj, others(generated[-1])))
    assert not released(provider(name), context(obj)), "D35"


@pytest.mark.parametrize("name", ["kubernetes", "nginx"])
def test_a_provider_that_writes_nothing_of_a_users_has_nothing_to_give_back(name: str) -> None:
    # A provider of a third party needs no such function either.
    assert released(provider(name), context(asking({}))) == ()


@EACH
def test_a_cookie_takes_nothing_of_the_users_answer_along(name: str) -> None:
    obj = asking({"sessionAffinity": AFFINITY})
    if name == "istio":
        rule = {"route": [to("podinfo", headers={"response": {"remove": ["x-b"]}})]}
    else:
        rule = {"backendRefs": [ref("podinfo", filters=[REMOVED])]}
    made = users_route(name, rule)
    live = adopted(name, obj, made, Routing(70, 30, affinity=COOKIES))
    assert COOKIES.primary in str(live["spec"][PLACE[name]][-1])
    live["metadata"]["annotations"].pop(ORIGINAL, None)
    assert defaulted(given_back(name, obj, live)) == made


@EACH
def test_cookies_go_though_the_canary_no_longer_knows_them(name: str) -> None:
    """Somebody took sessionAffinity out, or gave it other names, in mid-rollout."""
    made = users_route(name, sides(name, "podinfo", weight=1))
    live = adopted(
        name, asking({"sessionAffinity": AFFINITY}), made, Routing(70, 30, False, COOKIES)
    )
    live["metadata"]["annotations"].pop(ORIGINAL, None)
    for analysis in ({}, {"sessionAffinity": {"cookieName": "other"}}):
        obj = asking(analysis)
        assert "Set-Cookie" not in str(given_back(name, obj, live)["spec"])
        after = adopted(name, obj, live, Routing(100, 0))
        assert "Set-Cookie" not in str(after["spec"])
