"""What a service asks of routes and Services, and what is left when a Canary is deleted."""

from __future__ import annotations

from e2e.record.manifests import INSIDER, delete, image, match, setting, weights
from e2e.record.scenario import Obj, record

NEW = image("6.0.1")
GONE = {"ends": {"gone": True}}
_METADATA = {
    "apex": {"labels": {"role": "apex"}, "annotations": {"note": "apex"}},
    "canary": {"labels": {"role": "canary"}, "annotations": {"note": "canary"}},
    "primary": {"labels": {"role": "primary"}, "annotations": {"note": "primary"}},
}
_CORS = {
    "allowOrigins": [{"exact": "https://example.com"}],
    "allowMethods": ["GET", "POST"],
    "allowCredentials": False,
    "allowHeaders": ["x-some-header"],
    "maxAge": "24h",
}
_HEADERS = {
    "request": {"add": {"x-a": "b"}, "set": {"x-s": "t"}, "remove": ["x-r"]},
    "response": {"add": {"x-c": "d"}, "remove": ["x-q"]},
}
_TWO_PORTS = [
    {"name": "http", "containerPort": 9898, "protocol": "TCP"},
    {"name": "http-metrics", "containerPort": 9797, "protocol": "TCP"},
    {"name": "grpc", "containerPort": 9999, "protocol": "TCP"},
]
ONE_STEP = weights(50, 50)


def _ports(manifests: list[Obj]) -> list[Obj]:
    """The target with more ports."""
    manifests[1]["spec"]["template"]["spec"]["containers"][0]["ports"] = _TWO_PORTS
    return manifests


record(
    "istio-service",
    _ports(
        setting(
            "istio",
            service={
                **_METADATA,
                "portName": "http",
                "portDiscovery": True,
                "appProtocol": "http",
                "match": [{"uri": {"prefix": "/api"}}, {"headers": {"x-v": {"exact": "2"}}}],
                "rewrite": {"uri": "/"},
                "retries": {"attempts": 3, "perTryTimeout": "1s", "retryOn": "5xx"},
                "timeout": "15s",
                "headers": _HEADERS,
                "corsPolicy": _CORS,
                "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}},
            },
            **ONE_STEP,
        )
    ),
    NEW,
)
record(
    "istio-ab-service",
    setting(
        "istio",
        service={
            "match": [{"uri": {"prefix": "/api"}}],
            "corsPolicy": _CORS,
            "headers": _HEADERS,
            "rewrite": {"uri": "/"},
        },
        iterations=1,
        match=[{**match(INSIDER)[0], "sourceLabels": {"app": "front"}}],
    ),
    NEW,
)
record(
    "istio-delegation",
    setting("istio", service={"delegation": True, "hosts": None, "gateways": None}, **ONE_STEP),
    NEW,
)
record(
    "gw-service",
    _ports(
        setting(
            "gatewayapi:v1",
            service={
                **_METADATA,
                "portName": "web",
                "portDiscovery": True,
                "match": [{"uri": {"prefix": "/api"}, "method": {"exact": "GET"}}],
                "rewrite": {"uri": "/", "authority": "internal.example.com"},
                "headers": _HEADERS,
                "timeout": "15s",
            },
            **ONE_STEP,
        )
    ),
    NEW,
)
record(
    "gw-ab-service",
    setting(
        "gatewayapi:v1",
        service={"match": [{"uri": {"prefix": "/api"}}], "headers": _HEADERS},
        iterations=1,
        match=match(INSIDER),
    ),
    NEW,
)
record(
    "gw-headless",
    setting("gatewayapi:v1", service={"headless": True, "name": "shop"}, **ONE_STEP),
    NEW,
)
record("k8s-service", setting("kubernetes", service=_METADATA, iterations=1), NEW)

_REVERT = {"spec": {"revertOnDeletion": True}}
record("gw-delete", setting("gatewayapi:v1", **_REVERT, **ONE_STEP), delete(), **GONE)
record("istio-delete", setting("istio", **_REVERT, **ONE_STEP), delete(), **GONE)
record("nginx-delete", setting("nginx", **_REVERT, **ONE_STEP), delete(), **GONE)
record("k8s-delete", setting("kubernetes", **_REVERT, iterations=1), delete(), **GONE)
record("gw-delete-plain", setting("gatewayapi:v1", **ONE_STEP), delete(), **GONE)
record(
    "gw-delete-promoted",
    setting("gatewayapi:v1", **_REVERT, **ONE_STEP),
    NEW,
    delete(phase="Succeeded"),
    **GONE,
)
