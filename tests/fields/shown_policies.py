"""``spec.service.trafficPolicy``: passed on to both DestinationRules of Istio."""

from __future__ import annotations

from typing import Any

from tests.fields.entry import Shown

_ROWS: tuple[tuple[str, str, Any, Any], ...] = (
    ("connectionPool.http.h2UpgradePolicy", "whether HTTP/1.1 becomes HTTP/2", "UPGRADE",
     "DO_NOT_UPGRADE"),
    ("connectionPool.http.http1MaxPendingRequests", "requests that may wait for a connection", 1,
     2),
    ("connectionPool.http.http2MaxRequests", "requests at a time", 1, 2),
    ("connectionPool.http.idleTimeout", "how long an idle connection is kept", "1s", "2s"),
    ("connectionPool.http.maxRequestsPerConnection", "requests of one connection", 1, 2),
    ("connectionPool.http.maxRetries", "retries at a time", 1, 2),
    ("loadBalancer.simple", "how an endpoint is chosen", "RANDOM", "ROUND_ROBIN"),
    ("loadBalancer.consistentHash.httpHeaderName", "header that decides on the endpoint", "a", "b"),
    ("loadBalancer.consistentHash.httpCookie.name", "cookie that decides on the endpoint", "a",
     "b"),
    ("loadBalancer.consistentHash.httpCookie.path", "path of that cookie", "/a", "/b"),
    ("loadBalancer.consistentHash.httpCookie.ttl", "lifetime of that cookie", "1s", "2s"),
    ("loadBalancer.consistentHash.useSourceIp", "the client's address decides on the endpoint",
     None, True),
    ("loadBalancer.consistentHash.httpQueryParameterName", "query parameter that decides on the "
     "endpoint", "a", "b"),
    ("loadBalancer.consistentHash.minimumRingSize", "virtual nodes of the hash ring", 8, 16),
    ("loadBalancer.localityLbSetting.enabled", "whether localities count", False, True),
    ("loadBalancer.localityLbSetting.distribute[].from", "locality whose traffic is spread", "a",
     "b"),
    ("loadBalancer.localityLbSetting.distribute[].to", "percent of it for each locality",
     {"a": 100}, {"b": 100}),
    ("loadBalancer.localityLbSetting.failover[].from", "region that fails", "a", "b"),
    ("loadBalancer.localityLbSetting.failover[].to", "region that takes over", "a", "b"),
    ("loadBalancer.warmupDurationSecs", "time in which a new endpoint gets ever more traffic",
     "1s", "2s"),
    ("outlierDetection.baseEjectionTime", "shortest ejection of an endpoint", "1s", "2s"),
    ("outlierDetection.interval", "time between looks at endpoints", "1s", "2s"),
    ("outlierDetection.consecutive5xxErrors", "5xx answers that eject an endpoint", 1, 2),
    ("outlierDetection.consecutiveErrors", "deprecated: errors that eject an endpoint", 1, 2),
    ("outlierDetection.consecutiveGatewayErrors", "502, 503 and 504 that eject an endpoint", 1, 2),
    ("outlierDetection.consecutiveLocalOriginFailures", "failed connections that eject an endpoint",
     1, 2),
    ("outlierDetection.splitExternalLocalOriginErrors", "whether failed connections count apart",
     None, True),
    ("outlierDetection.maxEjectionPercent", "percent of endpoints that may be ejected", 10, 20),
    ("outlierDetection.minHealthPercent", "percent of healthy endpoints below which none is "
     "ejected", 10, 20),
    ("tls.mode", "TLS towards the pods", "SIMPLE", "ISTIO_MUTUAL"),
    ("tls.clientCertificate", "file of the client's certificate", "/a", "/b"),
    ("tls.privateKey", "file of the client's key", "/a", "/b"),
    ("tls.caCertificates", "file of the CAs that are trusted", "/a", "/b"),
    ("tls.sni", "server name that is sent", "a", "b"),
    ("tls.subjectAltNames", "names that the certificate may have", ["a"], ["b"]),
)  # fmt: skip


def _place(path: str, side: str) -> str:
    return f"DestinationRule/podinfo-{side} spec.trafficPolicy.{path.replace('[]', '.0')}"


ENTRIES = tuple(
    Shown(
        path=f"spec.service.trafficPolicy.{path}",
        means=f"Istio: {means}",
        values=(a, b),
        place=_place(path, "canary" if index % 2 else "primary"),
    )
    for index, (path, means, a, b) in enumerate(_ROWS)
)
"""Both rules are made of the same policy: each is looked at in turn."""
