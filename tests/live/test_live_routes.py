"""HTTPRoutes against Envoy's API (config.route.v3) and Gateway API v1's rules, by hand."""

from __future__ import annotations

import pytest

from canary.kube.resources import Key
from canary.sandbox.live.route_matches import precedence
from canary.sandbox.live.routes import Backend, project

SHOP = Key("demo", "shop")


def service(*ports):
    return {"spec": {"ports": [{"port": port} for port in ports or (80,)]}}


SERVICES = {
    Key("demo", "shop-primary"): service(),
    Key("demo", "shop-canary"): service(),
    Key("demo", "mirror"): service(),
}


def ref(name, weight=None, **more):
    found = {"group": "", "kind": "Service", "name": name, "port": 80, **more}
    return found if weight is None else {**found, "weight": weight}


def route(*rules, hosts=("shop.example",)):
    spec = {"parentRefs": [{"name": "sandbox"}], "rules": list(rules)}
    return {"spec": {**spec, "hostnames": list(hosts)} if hosts else spec}


def rule(**more):
    refs = [ref("shop-primary", 80), ref("shop-canary", 20)]
    return {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": refs} | more


def entry(**more):
    """The only route that a rule came to."""
    (host,) = project({SHOP: route(rule(**more))}, SERVICES).virtual_hosts
    (found,) = host["routes"]
    return found


WEIGHTED = {
    "clusters": [
        {"name": "demo/shop-primary/80", "weight": 80},
        {"name": "demo/shop-canary/80", "weight": 20},
    ]
}


def test_the_whole_document():
    found = project({SHOP: route(rule())}, SERVICES)
    assert found.document("7") == {
        "version_info": "7",
        "type_url": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
        "resources": [
            {
                "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
                "name": "httproutes",
                "ignore_port_in_host_matching": True,
                "metadata": {"filter_metadata": {"sandbox": {"version": "7"}}},
                "virtual_hosts": [
                    {
                        "name": "shop.example",
                        "domains": ["shop.example"],
                        "routes": [
                            {"match": {"prefix": "/"}, "route": {"weighted_clusters": WEIGHTED}}
                        ],
                    }
                ],
            }
        ],
    }
    assert found.taken == (SHOP,)
    assert found.backends == {
        Backend("demo", "shop-primary", 80),
        Backend("demo", "shop-canary", 80),
    }


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"path": {"type": "Exact", "value": "/a"}}, {"path": "/a"}),
        # Gateway API: the prefix /a matches /a and /a/b and not /ab; a trailing slash is ignored.
        ({"path": {"type": "PathPrefix", "value": "/a/"}}, {"path_separated_prefix": "/a"}),
        (
            {"path": {"type": "RegularExpression", "value": "/a.*"}},
            {"safe_regex": {"regex": "/a.*"}},
        ),
        (
            {"method": "GET", "headers": [{"name": "x", "value": "1"}]},
            {
                "prefix": "/",
                "headers": [
                    {"name": "x", "string_match": {"exact": "1"}},
                    {"name": ":method", "string_match": {"exact": "GET"}},
                ],
            },
        ),
        (
            {"queryParams": [{"name": "q", "type": "RegularExpression", "value": "a+"}]},
            {
                "prefix": "/",
                "query_parameters": [
                    {"name": "q", "string_match": {"safe_regex": {"regex": "a+"}}}
                ],
            },
        ),
    ],
)
def test_matches(match, expected):
    assert entry(matches=[match])["match"] == expected


def test_the_more_specific_match_comes_first():
    # Gateway API, HTTPRouteRule.matches: exact, longest prefix, method, headers, query parameters.
    ordered = [
        {"path": {"type": "Exact", "value": "/a"}},
        {"path": {"type": "PathPrefix", "value": "/a/b"}, "method": "GET"},
        {"path": {"type": "PathPrefix", "value": "/a/b"}, "headers": [{}, {}]},
        {"path": {"type": "PathPrefix", "value": "/a/b"}, "headers": [{}]},
        {"path": {"type": "PathPrefix", "value": "/a/b"}, "queryParams": [{}]},
        {"path": {"type": "PathPrefix", "value": "/a/b"}},
        {"path": {"type": "PathPrefix", "value": "/a"}},
    ]
    shuffled = [*ordered[3:], *ordered[:3]]
    assert sorted(shuffled, key=precedence) == ordered


def test_two_routes_of_one_host_share_a_virtual_host():
    long = rule(matches=[{"path": {"type": "PathPrefix", "value": "/cart"}}])
    routes = {SHOP: route(rule()), Key("demo", "z"): route(long)}
    (host,) = project(routes, SERVICES).virtual_hosts
    assert [one["match"] for one in host["routes"]] == [
        {"path_separated_prefix": "/cart"},
        {"prefix": "/"},
    ]


def test_without_a_hostname_all_hosts_are_meant():
    (host,) = project({SHOP: route(rule(), hosts=())}, SERVICES).virtual_hosts
    assert host["domains"] == ["*"]


def test_nothing_to_send_to_is_a_500():
    # Gateway API, HTTPRouteRule.backendRefs: all weights 0, or none at all, answer 500.
    none = {"status": 500}
    assert entry(backendRefs=[])["direct_response"] == none
    assert entry(backendRefs=[ref("shop-primary", 0)])["direct_response"] == none


def test_a_mirror_of_a_part():
    mirror = {"backendRef": ref("mirror"), "percent": 20}
    found = entry(filters=[{"type": "RequestMirror", "requestMirror": mirror}])
    share = {"default_value": {"numerator": 20, "denominator": "HUNDRED"}}
    assert found["route"]["request_mirror_policies"] == [
        {"cluster": "demo/mirror/80", "runtime_fraction": share}
    ]


def test_a_backend_adds_headers_to_its_answers():
    added = {"add": [{"name": "Set-Cookie", "value": "a=b"}]}
    filters = [{"type": "ResponseHeaderModifier", "responseHeaderModifier": added}]
    refs = [ref("shop-primary", 80), ref("shop-canary", 20, filters=filters)]
    one, two = entry(backendRefs=refs)["route"]["weighted_clusters"]["clusters"]
    assert one == {"name": "demo/shop-primary/80", "weight": 80}
    header = {"key": "Set-Cookie", "value": "a=b"}
    assert two["response_headers_to_add"] == [
        {"header": header, "append_action": "APPEND_IF_EXISTS_OR_ADD"}
    ]


def test_filters_and_timeouts():
    found = entry(
        filters=[
            {
                "type": "RequestHeaderModifier",
                "requestHeaderModifier": {
                    "set": [{"name": "a", "value": "1"}],
                    "add": [{"name": "b", "value": "2"}],
                    "remove": ["c"],
                },
            },
            {
                "type": "URLRewrite",
                "urlRewrite": {"hostname": "other.example"},
            },
            {"type": "RequestMirror", "requestMirror": {"backendRef": ref("mirror")}},
        ],
        timeouts={"request": "1m30s"},
    )
    assert found["request_headers_to_add"] == [
        {"header": {"key": "a", "value": "1"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"},
        {"header": {"key": "b", "value": "2"}, "append_action": "APPEND_IF_EXISTS_OR_ADD"},
    ]
    assert found["request_headers_to_remove"] == ["c"]
    assert found["route"] == {
        "weighted_clusters": WEIGHTED,
        "host_rewrite_literal": "other.example",
        "request_mirror_policies": [{"cluster": "demo/mirror/80"}],
        "timeout": "90s",
    }


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (rule(backendRefs=[ref("gone", 1)]), "backend Service gone.demo is not there"),
        (
            rule(backendRefs=[ref("mirror", 1, port=81)]),
            "backend Service mirror.demo has no port 81",
        ),
        (rule(backendRefs=[ref("mirror", 1, kind="Bucket")]), "backend of kind core/Bucket"),
        (rule(filters=[{"type": "CORS", "cors": {}}]), "filter CORS"),
        (
            rule(backendRefs=[ref("mirror", 1, filters=[{"type": "URLRewrite"}])]),
            "filter URLRewrite of a backend",
        ),
        (rule(matches=[{"path": {"type": "Magic", "value": "/"}}]), "path match Magic"),
        (rule(timeouts={"request": "soon"}), "timeout 'soon'"),
    ],
)
def test_what_cannot_be_done_leaves_the_whole_route_out(broken, why):
    found = project({SHOP: route(rule(), broken), Key("demo", "z"): route(rule())}, SERVICES)
    assert found.refused == {SHOP: why}
    assert found.taken == (Key("demo", "z"),)
    assert len(found.virtual_hosts[0]["routes"]) == 1
