"""What a service asks of Gateway API routes and Services, field by field, and of primary pods."""

from __future__ import annotations

from e2e.record.manifests import (
    IMAGE,
    canary,
    image,
    match,
    patch,
    setting,
    template,
    weights,
    workload,
)
from e2e.record.scenario import Obj, record
from e2e.replay import NAME

GW = "gatewayapi:v1"
NEW = image("6.0.1")
ONE_STEP = weights(50, 50)

record(
    "gw-policies",
    setting(
        GW,
        service={
            "match": [
                {
                    "uri": {"exact": "/api"},
                    "method": {"exact": "GET"},
                    "headers": {"x-a": {"exact": "1"}, "x-b": {"regex": "2.*"}},
                    "queryParams": {"q": {"exact": "1"}},
                },
                {"uri": {"regex": "/v[0-9]+/.*"}, "headers": {"x-c": {"exact": "p"}}},
                {"queryParams": {"r": {"regex": "2.*"}}},
            ],
            "rewrite": {"uri": "/new", "type": "ReplaceFullPath"},
            "retries": {"attempts": 3, "perTryTimeout": "1s", "retryOn": "5xx"},
            "timeout": "15s",
            "backendTimeout": "5s",
            "corsPolicy": {
                "allowOrigin": ["https://example.com"],
                "allowMethods": ["GET", "POST"],
                "allowHeaders": ["x-h"],
                "exposeHeaders": ["x-e"],
                "allowCredentials": True,
                "maxAge": "24h",
            },
            "mirror": [{"backendRef": {"name": "shadow", "port": 80}}],
        },
        **ONE_STEP,
    ),
    # Its route differs for ever from what it has in mind, and is reset at every tick: no run ends.
    patch("Canary", {"metadata": {"labels": {"team": "b"}}}),
    ends={"phase": "Initialized"},
)
record(
    "gw-ab-policies",
    setting(
        GW,
        service={
            "match": [{"uri": {"prefix": "/a"}}, {"uri": {"prefix": "/b"}}],
            "timeout": "15s",
            "gatewayRefs": [
                {"name": "gw", "namespace": "default", "sectionName": "http", "port": 80},
                {"name": "mesh-service", "kind": "Service", "group": ""},
            ],
        },
        iterations=1,
        match=match(
            {"x-canary": {"regex": "ins.*"}},
            {"x-user": {"exact": "test"}},
        ),
    ),
    NEW,
)
record(
    "gw-affinity-attributes",
    setting(
        GW,
        **weights(),
        sessionAffinity={
            "cookieName": "aff",
            "primaryCookieName": "prim",
            "domain": "example.com",
            "path": "/app",
            "httpOnly": True,
            "secure": True,
            "sameSite": "Strict",
            "partitioned": True,
        },
    ),
    NEW,
)
record(
    "gw-traffic-distribution",
    setting(
        GW,
        service={
            "trafficDistribution": "PreferClose",
            "appProtocol": "http",
            "targetPort": "http",
            "portName": "http-web",
            "unmanagedMetadata": {"annotations": ["cloud"], "labels": ["zone"]},
        },
        **ONE_STEP,
    ),
    patch("Service", {"metadata": {"annotations": {"cloud": "x"}, "labels": {"zone": "a"}}}),
    NEW,
)


def _placed() -> Obj:
    """A target with other labels, whose pods are spread over the nodes."""
    label = "app.kubernetes.io/name"
    selector = {"matchLabels": {label: NAME}}
    term = {"labelSelector": selector, "topologyKey": "kubernetes.io/hostname"}
    expression = {"key": label, "operator": "In", "values": [NAME]}
    other = {"labelSelector": {"matchExpressions": [expression]}, "topologyKey": "zone"}
    affinity = {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 100, "podAffinityTerm": term},
                {"weight": 50, "podAffinityTerm": other},
            ]
        }
    }
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": selector,
    }
    found = workload(
        pod={
            "affinity": affinity,
            "topologySpreadConstraints": [spread],
            "initContainers": [{"name": "init", "image": f"{IMAGE}:6.0.0"}],
        },
        revisionHistoryLimit=3,
    )
    found["spec"]["selector"] = {"matchLabels": {label: NAME}}
    found["spec"]["template"]["metadata"]["labels"] = {label: NAME, "tier": "web"}
    found["metadata"]["labels"] = {label: NAME, "team": "a", "example.com/unit": "u"}
    found["metadata"]["annotations"] |= {"example.com/note": "n"}
    return found


record(
    "gw-labels",
    [template(), _placed(), canary(GW, **ONE_STEP)],
    NEW,
    flags=("-include-label-prefix=example.com/,team",),
)
