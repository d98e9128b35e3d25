"""Fields that more than one provider reads: where they stand in the routes of Gateway API.

Their entries in the table say where they stand in those of Istio.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fields.shown_services import COOKIES


@dataclass(frozen=True)
class Place:
    """Where the field at ``path`` stands in another scene; ``wants`` as in ``Shown``."""

    path: str
    scene: str
    place: str
    wants: tuple[Any, Any] | None = None


def _service(name: str, place: str, *wants: Any) -> Place:
    found = (wants[0], wants[1]) if wants else None
    return Place(f"spec.service.{name}", "gatewayapi", f"HTTPRoute/podinfo spec.{place}", found)


def _apex(part: str) -> Place:
    at = f"HTTPRoute/podinfo metadata.{part}.team"
    return Place(f"spec.service.apex.{part}", "gatewayapi", at, ("a", "b"))


def _match(name: str, place: str, *wants: Any) -> Place:
    return _service(f"match[].{name}", f"rules.0.matches.0.{place}", *wants)


def _condition(name: str, place: str) -> Place:
    at = f"HTTPRoute/podinfo spec.rules.0.matches.0.{place}"
    return Place(f"spec.analysis.match[].{name}", "gateway-tested", at)


def _headers(side: str) -> tuple[Place, ...]:
    at = f"rules.0.filters.0.{side}HeaderModifier"
    return (
        _service(f"headers.{side}.add", f"{at}.add.0.value", "1", "2"),
        _service(f"headers.{side}.set", f"{at}.set.0.value", "1", "2"),
        _service(f"headers.{side}.remove", f"{at}.remove"),
    )


_COOKIE = "HTTPRoute/podinfo spec.rules.-1.backendRefs.1.filters.0.responseHeaderModifier"

PLACES = (
    _service("port", "rules.0.backendRefs.0.port"),
    _service("timeout", "rules.0.timeouts.request"),
    _service("hosts", "hostnames"),
    _match("uri.exact", "path", *({"type": "Exact", "value": v} for v in ("/a", "/b"))),
    _match("uri.prefix", "path", *({"type": "PathPrefix", "value": v} for v in ("/a", "/b"))),
    _match(
        "uri.regex", "path", *({"type": "RegularExpression", "value": v} for v in ("/a.*", "/b.*"))
    ),
    _match("headers{}.exact", "headers.0.value"),
    _match("headers{}.regex", "headers.0.value"),
    _match("queryParams{}.exact", "queryParams.0.value"),
    _match("queryParams{}.regex", "queryParams.0.value"),
    _service("rewrite.uri", "rules.0.filters.0.urlRewrite.path.replaceFullPath"),
    _service("rewrite.authority", "rules.0.filters.0.urlRewrite.hostname"),
    *_headers("request"),
    *_headers("response"),
    _service("corsPolicy.allowOrigin", "rules.0.filters.0.cors.allowOrigins"),
    _service("corsPolicy.allowMethods", "rules.0.filters.0.cors.allowMethods"),
    _service("corsPolicy.allowHeaders", "rules.0.filters.0.cors.allowHeaders"),
    _service("corsPolicy.exposeHeaders", "rules.0.filters.0.cors.exposeHeaders"),
    _service("corsPolicy.maxAge", "rules.0.filters.0.cors.maxAge", 60, 120),
    _service("corsPolicy.allowCredentials", "rules.0.filters.0.cors.allowCredentials", None, True),
    _apex("labels"),
    _apex("annotations"),
    _condition("headers{}.exact", "headers.1.value"),
    _condition("headers{}.regex", "headers.1.value"),
    _condition("queryParams{}.exact", "queryParams.0.value"),
    _condition("queryParams{}.regex", "queryParams.0.value"),
    *(Place(e.path, "gateway-sticky", f"{_COOKIE}.add.0.value", e.wants) for e in COOKIES),
    Place(
        "spec.analysis.mirrorWeight",
        "gateway-mirrored",
        "HTTPRoute/podinfo spec.rules.0.filters.0.requestMirror.percent",
    ),
)
