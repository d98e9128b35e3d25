"""A/B, mirroring and session affinity in a route that a user made (D26, D7)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_objects import FLUX, canary, context, patched, route_of, routed, users
from test_providers_strategies import CASES, COOKIES, EACH, FACTS, INSIDERS, asking, written

from providers.interface import Affinity, Provider, Routing
from providers.ours import MATCH
from providers.registry import provider

Obj = dict[str, Any]
PLACE = {"istio": "http", "gatewayapi:v1": "rules"}
ELSEWHERE: Obj = {
    "istio": {"match": [{"uri": {"prefix": "/db"}}], "route": [{"destination": {"host": "db"}}]},
    "gatewayapi:v1": {
        "name": "db",
        "matches": [{"path": {"type": "PathPrefix", "value": "/db"}}],
        "backendRefs": [{"name": "db", "port": 1}],
    },
}
MAIN: Obj = {
    "istio": {"name": "main", "route": [{"destination": {"host": "podinfo"}}], "fault": {"a": 1}},
    "gatewayapi:v1": {
        "name": "main",
        "backendRefs": [{"name": "podinfo", "port": 9898}],
        "filters": [{"type": "ExtensionRef", "extensionRef": {"name": "x"}}],
    },
}


def users_route(name: str, *rules: Obj) -> Obj:
    """A route of this provider's kind that somebody made with these rules."""
    live = users(written(name, asking({}), Routing(100, 0))[-1])
    live["spec"][PLACE[name]] = copy.deepcopy(list(rules))
    return live


def step(name: str, obj: Obj, live: Obj, routing: Routing) -> Obj:
    """The route after what the provider wants there, read back and at rest."""
    found: Provider = provider(name)
    after = routed(found, obj, live, routing)
    assert found.read(context(obj, after)).routing == routing.visible
    return after


def users_part(name: str, rule: Obj) -> Obj:
    """A rule without what the engine may change in it."""
    gone = ("route", "backendRefs", "match", "matches", "name", "mirror", "mirrorPercentage")
    kept = {key: value for key, value in rule.items() if key not in (*gone, "headers")}
    filters = [f for f in kept.pop("filters", ()) if f["type"] == "ExtensionRef"]
    return {**kept, **({"filters": filters} if filters else {})}


@EACH
@pytest.mark.parametrize("case", CASES)
def test_rules_of_the_engine_stand_before_the_users(name: str, case: str) -> None:
    analysis, _, routing = CASES[case]
    obj = asking(analysis)
    live = users_route(name, ELSEWHERE[name], MAIN[name])
    after = step(name, obj, live, routing)
    elsewhere, *own, main = after["spec"][PLACE[name]]
    assert elsewhere == ELSEWHERE[name]
    assert len(own) == len(FACTS[name][case]) - 1
    assert main["name"] == "main"
    assert all(users_part(name, rule) == users_part(name, MAIN[name]) for rule in (*own, main))
    assert after["metadata"]["annotations"].items() >= {"note": "mine", **FLUX}.items()
    assert "ownerReferences" not in after["metadata"]


@EACH
def test_nobody_gets_the_canary_on_no_condition(name: str) -> None:
    # D7
    obj = asking({"match": INSIDERS})
    live = users_route(name, ELSEWHERE[name], MAIN[name])
    after = step(name, obj, live, Routing(0, 100))
    _, test, main = after["spec"][PLACE[name]]
    assert "insider" in str(test.get("match") or test["matches"])
    assert "podinfo-canary" not in str(main)


@EACH
def test_a_split_on_no_condition_is_not_that_of_an_ab_test(name: str) -> None:
    # D7
    live = users(written(name, asking({}), Routing(90, 10))[-1])
    assert provider(name).read(context(asking({"match": INSIDERS}), live)).routing is None


@EACH
@given(data=st.data())
def test_after_any_row_of_strategies_the_users_route_is_left(
    name: str, data: st.DataObject
) -> None:
    """Whatever was routed before: afterwards the same rules, with the plain split."""
    pair = st.sampled_from(["", "flagger-cookie=a", "flagger-cookie=b", "primary-cookie=c"])
    live = users_route(name, ELSEWHERE[name], MAIN[name])
    obj = asking({**CASES["affinity"][0], "mirror": True, "mirrorWeight": 30})
    for _ in range(data.draw(st.integers(1, 4))):
        weight = data.draw(st.integers(0, 100))
        affinity = data.draw(st.none() | st.builds(Affinity, pair, pair, pair))
        mirrored = data.draw(st.booleans())
        live = step(name, obj, live, Routing(100 - weight, weight, mirrored, affinity))
    plain = users_route(name, ELSEWHERE[name], MAIN[name])
    after = step(name, obj, live, Routing(90, 10))["spec"]
    assert after == step(name, asking({}), plain, Routing(90, 10))["spec"]


@EACH
def test_a_route_as_flagger_left_it_changes_its_weights_alone(name: str) -> None:
    """Flagger adopts without owning: its A/B rules are the user's route by then."""
    analysis, service, routing = CASES["test"]
    obj = asking(analysis, **service)
    live = users(written(name, obj, Routing(100, 0))[-1])
    after = step(name, obj, live, routing)
    assert after["spec"][PLACE[name]] == FACTS[name]["test"]


OTHERS = [{"headers": {"x-other": {"exact": "1"}}}]


@EACH
def test_an_edited_match_leaves_no_rule_of_the_one_before(name: str) -> None:
    fresh = users_route(name, ELSEWHERE[name], MAIN[name])
    tested = step(name, asking({"match": INSIDERS}), fresh, Routing(0, 100))
    edited = step(name, asking({"match": OTHERS}), tested, Routing(0, 100))
    at_first = step(name, asking({"match": OTHERS}), fresh, Routing(0, 100))
    assert edited["spec"] == at_first["spec"]
    assert edited["metadata"]["annotations"] == at_first["metadata"]["annotations"]
    ended = step(name, asking({}), edited, Routing(90, 10))
    assert ended["spec"] == step(name, asking({}), fresh, Routing(90, 10))["spec"]
    assert MATCH not in ended["metadata"]["annotations"]


@EACH
@pytest.mark.parametrize("written_by_hand", ["", "{", "3", "[3]", '[{"headers": {"a": {}}}]'])
def test_what_others_write_into_the_note_of_the_match_hurts_nobody(
    name: str, written_by_hand: str
) -> None:
    obj = asking({"match": OTHERS})
    live = step(name, obj, users_route(name, ELSEWHERE[name], MAIN[name]), Routing(0, 100))
    noted = copy.deepcopy(live)
    noted["metadata"]["annotations"][MATCH] = written_by_hand
    assert step(name, obj, noted, Routing(0, 100)) == live


@EACH
def test_rules_that_lack_the_note_of_their_match_get_it(name: str) -> None:
    obj = asking({"match": OTHERS})
    live = step(name, obj, users_route(name, ELSEWHERE[name], MAIN[name]), Routing(0, 100))
    before = copy.deepcopy(live)
    del before["metadata"]["annotations"][MATCH]
    assert step(name, obj, before, Routing(0, 100)) == live


def test_filters_and_headers_of_the_users_backend_stay() -> None:
    kept = {"response": {"add": {"x-a": "b"}}}
    live = users_route("istio", {"route": [{"destination": {"host": "podinfo"}, "headers": kept}]})
    obj = asking(CASES["affinity"][0])
    after = step("istio", obj, live, Routing(90, 10, affinity=COOKIES))
    for side in after["spec"]["http"][-1]["route"]:
        assert side["headers"]["response"]["add"]["x-a"] == "b"
        assert "Max-Age" in side["headers"]["response"]["add"]["Set-Cookie"]
    after = step("istio", obj, after, Routing(100, 0))
    assert [side["headers"] for side in after["spec"]["http"][-1]["route"]] == [kept, kept]


def test_a_mirror_elsewhere_stays_and_is_named() -> None:
    # S11
    rule = {**MAIN["istio"], "mirror": {"host": "shadow"}}
    obj = asking({"mirror": True})
    live = users_route("istio", rule)
    desired = route_of(provider("istio"), obj, live, routing=Routing(100, 0, mirror=True))
    after = patched(live, desired.patch)
    assert after["spec"]["http"][0]["mirror"] == {"host": "shadow"}
    assert "mirrors elsewhere" in provider("istio").read(context(obj, after)).error


def test_connections_of_an_ab_test_stay_on_the_primary() -> None:
    # D7
    obj = canary(appProtocol="tcp")
    obj["spec"]["analysis"] = {"match": INSIDERS}
    found = route_of(provider("istio"), obj, routing=Routing(0, 100)).fields["spec"]["tcp"]
    assert [side["weight"] for side in found[0]["route"]] == [100, 0]
