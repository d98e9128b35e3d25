"""Which requests an A/B test is for, and what can't be told (providers.md 2.6, D8, D9, D12)."""

from __future__ import annotations

from typing import Any

import pytest
from routing_objects import GATEWAY, canary, route_of

from providers import conditions
from providers.demands import left_out, unmet
from providers.interface import Affinity, Provider, Routing
from providers.registry import provider

Obj = dict[str, Any]
EACH = pytest.mark.parametrize("name", ["istio", "gatewayapi:v1"])
X, Y = {"x": {"exact": "1"}}, {"y": {"exact": "2"}}


def an_ab_test(match: list[Obj], service: list[Obj] | None = None, **more: Any) -> Obj:
    obj = canary(gatewayRefs=[GATEWAY], **({"match": service} if service else {}), **more)
    obj["spec"]["analysis"] = {"match": match, "iterations": 3}
    return obj


def problems(name: str, obj: Obj) -> list[tuple[str, str]]:
    found: Provider = provider(name)
    return [(problem.field, problem.message) for problem in found.problems(obj)]


def matches_of(name: str, obj: Obj) -> list[Any]:
    """The matches of each rule."""
    spec: Any = route_of(provider(name), obj, routing=Routing(0, 100)).fields["spec"]
    return [rule.get("match") or rule.get("matches") for rule in spec.get("http") or spec["rules"]]


@pytest.mark.parametrize(
    ("items", "bounds", "merged"),
    [
        ([{"headers": X}], [], [{"headers": X}]),
        ([{"headers": X}], [{"uri": {"prefix": "/a"}}], [{"uri": {"prefix": "/a"}, "headers": X}]),
        ([{"headers": X}], [{"headers": Y}], [{"headers": {**Y, **X}}]),
        ([{"headers": X}], [{"headers": X}], [{"headers": X}]),
        ([{"headers": {"X": X["x"]}}], [{"headers": X}], [{"headers": X}]),
        ([{"headers": X}], [{"headers": {"x": {"exact": "2"}}}], []),
        (
            [{"queryParams": X}],
            [{"queryParams": {"X": X["x"]}}],
            [{"queryParams": {"X": X["x"], **X}}],
        ),
        ([{"sourceLabels": {"a": "1"}}], [{"sourceLabels": {"a": "2"}}], []),
        (
            [{"sourceLabels": {"a": "1"}}],
            [{"port": 80}],
            [{"port": 80, "sourceLabels": {"a": "1"}}],
        ),
        ([{"headers": {}}, {}], [{"uri": {"prefix": "/a"}}], []),
        (
            [{"headers": X}, {"headers": Y}],
            [{"port": 1}, {"port": 2}],
            [
                {"port": 1, "headers": X},
                {"port": 2, "headers": X},
                {"port": 1, "headers": Y},
                {"port": 2, "headers": Y},
            ],
        ),
    ],
    ids=str,
)
def test_both_sets_of_conditions_hold(items: Any, bounds: Any, merged: Any) -> None:
    assert conditions.merged(items, bounds) == merged


@EACH
@pytest.mark.parametrize(
    ("match", "service", "field", "says"),
    [
        ([{}], None, "spec.analysis.match[0]", "has no condition"),
        ([{"headers": X}, {"headers": {}}], None, "spec.analysis.match[1]", "has no condition"),
        (
            [{"headers": X}],
            [{"headers": {"x": {"exact": "2"}}}],
            "spec.analysis.match[0]",
            "contradicts spec.service.match",
        ),
        (
            [{"headers": {"Cookie": {"regex": "a"}}}],
            [{"headers": {"cookie": {"regex": "b"}}}],
            "spec.analysis.match[0]",
            "headers.Cookie",
        ),
        (
            [{"queryParams": {"v": {"regex": "a"}}}],
            [{"queryParams": {"v": {"exact": "b"}}}],
            "spec.analysis.match[0]",
            "queryParams.v",
        ),
        (
            [{"queryParams": {"v": {"prefix": "a"}}}],
            None,
            "spec.analysis.match[0].queryParams.v",
            "accepted are exact and regex",
        ),
    ],
    ids=str,
)
def test_what_can_not_be_told_is_refused_and_makes_no_rule(
    name: str, match: list[Obj], service: list[Obj] | None, field: str, says: str
) -> None:
    # D8: a canary rule without a condition is impossible
    obj = an_ab_test(match, service)
    ((found, text),) = problems(name, obj)
    assert found == field
    assert says in text
    *tests, _ = matches_of(name, obj)
    assert len(tests) == len(match) - 1
    assert all("'1'" in str(rule) for rule in tests)


@EACH
def test_one_pair_that_can_be_told_is_enough(name: str) -> None:
    obj = an_ab_test(
        [{"headers": X}], [{"headers": {"x": {"exact": "2"}}}, {"uri": {"exact": "/a"}}]
    )
    assert not problems(name, obj)
    found, _ = matches_of(name, obj)
    assert len(found) == 1
    assert "/a" in str(found)


@pytest.mark.parametrize("way", ["prefix", "suffix"])
def test_a_gateway_has_no_prefix_and_no_suffix(way: str) -> None:
    ((field, text),) = problems("gatewayapi:v1", an_ab_test([{"headers": {"x": {way: "a"}}}]))
    assert field == "spec.analysis.match[0].headers.x"
    assert text.endswith("accepted are exact and regex")


def test_a_gateway_knows_no_source_labels() -> None:
    obj = an_ab_test([{"headers": X, "sourceLabels": {"a": "b"}}])
    ((field, text),) = problems("gatewayapi:v1", obj)
    assert field == "spec.analysis.match[0].sourceLabels"
    assert text.endswith("accepted are headers and queryParams")
    assert len(matches_of("gatewayapi:v1", obj)) == 1, "no canary rule with less than was asked"


def test_a_suffix_becomes_an_expression_with_istio() -> None:
    # providers.md 24.4: StringMatch has no suffix
    match = [
        {"headers": {"x": {"suffix": ".b+c"}, "y": {"prefix": "p"}}, "sourceLabels": {"a": "b"}}
    ]
    obj = an_ab_test(match)
    assert not problems("istio", obj)
    (found,), others = matches_of("istio", obj)
    assert found == {
        "headers": {"x": {"regex": r".*\.b\+c"}, "y": {"prefix": "p"}},
        "sourceLabels": {"a": "b"},
    }
    assert others is None


@pytest.mark.parametrize(
    ("field", "among"), [("match", unmet), ("mirror", left_out), ("sessionAffinity", left_out)]
)
def test_connections_have_no_conditions(field: str, among: Any) -> None:
    # D7, D10
    asked = {"match": [{"headers": X}], "mirror": True, "sessionAffinity": {"cookieName": "a"}}
    obj = an_ab_test([], None, appProtocol="TCP")
    obj["spec"]["analysis"] = {field: asked[field]}
    assert not problems("istio", obj)
    (found,) = among(provider("istio"), obj)
    assert found.field == f"spec.analysis.{field}"
    assert "where spec.service.appProtocol is tcp: " in found.message


@EACH
def test_an_ab_test_hands_out_no_cookies(name: str) -> None:
    # D12
    obj = an_ab_test([{"headers": X}])
    obj["spec"]["analysis"]["sessionAffinity"] = {"cookieName": "a"}
    assert not problems(name, obj)
    (found,) = left_out(provider(name), obj)
    assert found.field == "spec.analysis.sessionAffinity"
    cookies = Affinity("a=one", "b=two")
    held = route_of(provider(name), obj, routing=Routing(0, 100, affinity=cookies)).fields["spec"]
    none = route_of(provider(name), obj, routing=Routing(0, 100)).fields["spec"]
    assert held == none


@EACH
def test_sticky_sessions_need_the_cookie_header_for_themselves(name: str) -> None:
    obj = an_ab_test([], [{"headers": {"cookie": {"regex": "a"}}}])
    obj["spec"]["analysis"] = {"sessionAffinity": {"cookieName": "a"}}
    ((field, text),) = problems(name, obj)
    assert field == "spec.service.match[0].headers.cookie"
    assert "spec.analysis.sessionAffinity" in text
