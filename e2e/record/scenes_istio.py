"""What a service asks of Istio, field by field, and values that a typed copy might lose."""

from __future__ import annotations

from typing import Any

from e2e.record.manifests import image, patch, setting, weights
from e2e.record.scenario import record

NEW = image("6.0.1")
ONE_STEP = weights(50, 50)
_POOL = {"http": {"http1MaxPendingRequests": 10, "maxRequestsPerConnection": 2, "maxRetries": 0}}
_OUTLIERS = {
    "consecutive5xxErrors": 5,
    "interval": "30s",
    "baseEjectionTime": "30s",
    "maxEjectionPercent": 50,
    "minHealthPercent": 0,
    "splitExternalLocalOriginErrors": False,
}
_COOKIE_HASH = {"consistentHash": {"httpCookie": {"name": "user", "path": "/", "ttl": "0s"}}}
_REST: dict[str, Any] = {"ends": {"phase": "Initialized"}, "rest": 25.0}
_TOUCHED = patch("Canary", {"metadata": {"labels": {"team": "b"}}})

record(
    "istio-policies",
    setting(
        "istio",
        service={
            "trafficPolicy": {
                "connectionPool": _POOL,
                "outlierDetection": _OUTLIERS,
                "loadBalancer": _COOKIE_HASH,
                "tls": {"mode": "ISTIO_MUTUAL"},
            },
            "retries": {"attempts": 3},
            "headers": {"request": {"remove": ["x-r"]}},
            "match": [
                {
                    "name": "api",
                    "uri": {"exact": "/api"},
                    "scheme": {"exact": "http"},
                    "method": {"regex": "GET|POST"},
                    "authority": {"prefix": "app."},
                    "headers": {"x-v": {"prefix": "2"}},
                    "queryParams": {"q": {"exact": "1"}},
                    "port": 80,
                    "ignoreUriCase": True,
                    "gateways": ["mesh"],
                    "sourceLabels": {"app": "front"},
                },
                {"uri": {"prefix": "/"}, "ignoreUriCase": False},
            ],
            "rewrite": {"authority": "internal.example.com"},
            "corsPolicy": {
                "allowOrigin": ["example.com"],
                "allowMethods": ["GET"],
                "allowCredentials": True,
                "exposeHeaders": ["x-e"],
                "maxAge": "24h",
            },
        },
        **ONE_STEP,
    ),
    NEW,
)
record(
    "istio-odd",
    setting(
        "istio",
        service={
            "trafficPolicy": {
                "loadBalancer": {"simple": "ROUND_ROBIN", "localityLbSetting": {"enabled": False}},
            },
            "retries": {"attempts": 0, "retryOn": "5xx"},
            "headers": {"request": {"add": {"x-a": "b"}}},
            "corsPolicy": {"allowMethods": ["GET"], "allowCredentials": False},
            "match": [{"uri": {"prefix": "/"}}],
            "rewrite": {"uri": "/", "type": "ReplaceFullPath"},
            "timeout": "15s",
        },
        **ONE_STEP,
    ),
    _TOUCHED,
    **_REST,
)
record(
    "istio-hash",
    setting(
        "istio",
        service={
            "trafficPolicy": {
                "loadBalancer": {
                    "consistentHash": {"useSourceIp": False, "httpHeaderName": "x-user"},
                    "warmupDurationSecs": "10s",
                },
            },
            "hosts": ["*"],
            "gateways": [],
            "mirror": [],
        },
        **ONE_STEP,
    ),
    _TOUCHED,
    **_REST,
)
record(
    "istio-tcp",
    setting("istio", service={"appProtocol": "TCP", "match": [{"port": 80}]}, **ONE_STEP),
    NEW,
)
record(
    "istio-affinity-attributes",
    setting(
        "istio",
        service={
            "match": [{"uri": {"prefix": "/a"}}],
            "headers": {"response": {"add": {"x": "y"}}},
        },
        **weights(),
        sessionAffinity={
            "cookieName": "aff",
            "maxAge": 60,
            "domain": "example.com",
            "path": "/app",
            "httpOnly": True,
            "secure": True,
            "sameSite": "Lax",
        },
    ),
    NEW,
)
