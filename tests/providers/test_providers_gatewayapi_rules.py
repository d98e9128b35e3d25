"""Matches and filters of an HTTPRoute (providers.md 5.1)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_objects import GATEWAY, canary

from providers.durations import whole_seconds
from providers.gatewayapi import PROVIDER
from providers.gatewayapi_matches import matches
from providers.gatewayapi_rules import filters

Obj = dict[str, Any]
ANY = {"path": {"type": "PathPrefix", "value": "/"}}


@pytest.mark.parametrize(
    ("items", "found"),
    [
        (None, [ANY]),
        ([], [ANY]),
        ([{"uri": {"prefix": "/a"}}], [{"path": {"type": "PathPrefix", "value": "/a"}}]),
        ([{"uri": {"exact": "/a"}}], [{"path": {"type": "Exact", "value": "/a"}}]),
        ([{"uri": {"regex": "/a.*"}}], [{"path": {"type": "RegularExpression", "value": "/a.*"}}]),
        ([{"method": {"exact": "GET"}}], [{"method": "GET", **ANY}]),
        (
            [{"headers": {"x": {"exact": "y"}}}],
            [{"headers": [{"type": "Exact", "name": "x", "value": "y"}], **ANY}],
        ),
        (
            [{"queryParams": {"x": {"regex": "y"}}}],
            [{"queryParams": [{"type": "RegularExpression", "name": "x", "value": "y"}], **ANY}],
        ),
        # items that convert to nothing are dropped
        (
            [{"sourceLabels": {"a": "b"}}, {"uri": {"exact": "/a"}}],
            [{"path": {"type": "Exact", "value": "/a"}}],
        ),
        ([{"name": "x", "port": 80, "scheme": {"exact": "http"}}], [ANY]),
    ],
    ids=str,
)
def test_matches(items: Any, found: Any) -> None:
    assert matches(items or ()) == found


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_order_of_conditions_is_no_difference(names: list[str]) -> None:
    # D2: sort by name
    conditions = {name: {"exact": name} for name in names}
    (match,) = matches([{"headers": conditions, "queryParams": conditions}])
    assert [each["name"] for each in match["headers"]] == ["a", "b", "c", "d"]
    assert match["queryParams"] == match["headers"]


@pytest.mark.parametrize(
    ("item", "field", "word"),
    [
        ({"uri": {"suffix": "/a"}}, "uri", "path"),
        ({"method": {"regex": "G.*"}}, "method", "header"),
        ({"headers": {"x": {"prefix": "y"}}}, "headers.x", "header"),
        ({"headers": {"x": {"suffix": "y"}}}, "headers.x", "header"),
        ({"queryParams": {"x": {"prefix": "y"}}}, "queryParams.x", "query"),
    ],
)
def test_a_condition_that_cannot_be_expressed_is_refused(item: Obj, field: str, word: str) -> None:
    # providers.md 21; D8: an error naming the item
    service = {"gatewayRefs": [GATEWAY], "match": [{"uri": {"prefix": "/"}}, item]}
    (problem,) = PROVIDER.problems(canary(**service))
    assert problem.field == f"spec.service.match[1].{field}"
    assert problem.message.startswith(
        "Invalid request matching selectors: Gateway API doesn't support the specified "
        f"{word} matching selector: "
    )


def test_what_flagger_ignores_is_no_problem() -> None:
    item = {"authority": {"exact": "a"}, "withoutHeaders": {"x": {"prefix": "y"}}, "gateways": []}
    assert not PROVIDER.problems(canary(gatewayRefs=[GATEWAY], match=[item]))


def test_origins_that_are_not_mapped_are_refused() -> None:
    service = {"gatewayRefs": [GATEWAY], "corsPolicy": {"allowOrigins": [{"exact": "a"}]}}
    (problem,) = PROVIDER.problems(canary(**service))
    assert problem.field == "spec.service.corsPolicy.allowOrigins"
    assert "is not supported by Gateway API, use 'corsPolicy.allowOrigin'" in problem.message


def test_filters_in_their_order() -> None:
    service = {
        "corsPolicy": {"allowOrigin": ["a"], "maxAge": "10m"},
        "mirror": [{"backendRef": {"name": "shadow", "port": 80}}, {}],
        "rewrite": {"uri": "/b", "authority": "c"},
        "headers": {
            "response": {"remove": ["z", "a"]},
            "request": {"add": {"b": "2", "a": "1"}, "set": {"c": "3"}},
        },
    }
    assert filters(service) == [
        {
            "type": "RequestHeaderModifier",
            "requestHeaderModifier": {
                "add": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}],
                "set": [{"name": "c", "value": "3"}],
            },
        },
        {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": ["z", "a"]}},
        {
            "type": "URLRewrite",
            "urlRewrite": {
                "hostname": "c",
                "path": {"type": "ReplaceFullPath", "replaceFullPath": "/b"},
            },
        },
        {
            "type": "RequestMirror",
            "requestMirror": {
                "backendRef": {"group": "", "kind": "Service", "name": "shadow", "port": 80}
            },
        },
        {"type": "CORS", "cors": {"allowOrigins": ["a"], "maxAge": 600}},
    ]
    assert filters({}) == []


@pytest.mark.parametrize(
    ("rewrite", "found"),
    [
        ({"authority": "c"}, {"hostname": "c"}),
        (
            {"uri": "/b", "type": "ReplacePrefixMatch"},
            {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/b"}},
        ),
        (
            {"uri": "/b", "type": "anything"},
            {"path": {"type": "ReplaceFullPath", "replaceFullPath": "/b"}},
        ),
    ],
)
def test_rewrites(rewrite: Obj, found: Obj) -> None:
    assert filters({"rewrite": rewrite}) == [{"type": "URLRewrite", "urlRewrite": found}]
    assert filters({"rewrite": {"type": "ReplacePrefixMatch"}}) == []


def cors(**policy: Any) -> Any:
    (found,) = filters({"corsPolicy": policy})
    return found["cors"]


def test_cors() -> None:
    policy = {
        "allowOrigin": ["a"],
        "allowMethods": ["GET"],
        "allowHeaders": ["x"],
        "exposeHeaders": ["y"],
        "allowCredentials": True,
        "maxAge": "1h",
    }
    assert cors(**policy) == {
        "allowOrigins": ["a"],
        "allowMethods": ["GET"],
        "allowHeaders": ["x"],
        "exposeHeaders": ["y"],
        "allowCredentials": True,
        "maxAge": 3600,
    }
    assert "allowCredentials" not in cors(allowOrigin=["a"], allowCredentials=False)


def test_without_a_usable_age_the_api_servers_default_is_said() -> None:
    # D3; providers.md 24.1: CORS maxAge -> 5
    assert cors(allowOrigin=["a"])["maxAge"] == 5
    assert cors(allowOrigin=["a"], maxAge="1d")["maxAge"] == 5


@pytest.mark.parametrize(
    ("text", "seconds"),
    # Go's time.ParseDuration, truncated to whole seconds
    [
        ("24h", 86400),
        ("1h30m", 5400),
        ("1.5h", 5400),
        (".5m", 30),
        ("2.3m", 138),
        ("1500ms", 1),
        ("999ms", 0),
        ("1000000us", 1),
        ("1000000µs", 1),
        ("0", 0),
        ("0s", 0),
        ("1d", None),
        ("10", None),
        ("", None),
        ("1h 30m", None),
        (".s", None),
        ("-5s", None),
    ],
)
def test_ages_are_durations_of_go(text: str, seconds: int | None) -> None:
    assert whole_seconds(text) == seconds
