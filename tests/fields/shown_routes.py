"""Fields of ``spec.service`` that stand in the routes of Istio and of Gateway API."""

from __future__ import annotations

from typing import Any

from tests.fields.entry import KEY, Shown

_PAIRS = {"exact": ("/a", "/b"), "prefix": ("/a", "/b"), "regex": ("/a.*", "/b.*")}
_WAYS = {"exact": "is", "prefix": "begins with", "regex": "matches"}
_SUBJECTS = {
    "uri": "the path",
    "scheme": "the scheme",
    "method": "the method",
    "authority": "the authority",
    "headers{}": "a header",
    "queryParams{}": "a query parameter",
    "withoutHeaders{}": "unless a header",
}


def _istio(name: str, means: str, values: tuple[Any, Any], place: str, **more: Any) -> Shown:
    path = f"spec.service.{name}"
    at = f"VirtualService/podinfo spec.{place}"
    return Shown(path=path, means=means, values=values, place=at, **more)


def _rule(name: str, means: str, *values: Any, **more: Any) -> Shown:
    """A field that the rule of a VirtualService has under the same name."""
    return _istio(name, f"Istio: {means}", (values[0], values[1]), f"http.0.{name}", **more)


def _gateway(
    name: str, means: str, values: tuple[Any, Any], place: str, beside: Any = None, **more: Any
) -> Shown:
    at = f"HTTPRoute/podinfo spec.{place}"
    return Shown(
        path=f"spec.service.{name}", means=means, values=values, place=at, scene="gatewayapi",
        beside={"service": beside or {}}, **more,
    )  # fmt: skip


def _parent(name: str, means: str, *values: Any) -> Shown:
    return _gateway(f"gatewayRefs[].{name}", f"Gateway API: {means}", (values[0], values[1]),
                    f"parentRefs.0.{name}")  # fmt: skip


def _backend(name: str, means: str, *values: Any) -> Shown:
    beside = {"mirror": [{"backendRef": {"name": "copy", "port": 80}}]}
    place = f"rules.0.filters.0.requestMirror.backendRef.{name}"
    return _gateway(f"mirror[].backendRef.{name}", f"Gateway API: {means}",
                    (values[0], values[1]), place, beside)  # fmt: skip


def _matches() -> tuple[Shown, ...]:
    found = []
    for subject, word in _SUBJECTS.items():
        for way, verb in _WAYS.items():
            name = f"match[].{subject}.{way}"
            place = f"http.0.{name.replace('[]', '.0').replace('{}', f'.{KEY}')}"
            found.append(_istio(name, f"{word} {verb} this", _PAIRS[way], place))
    return tuple(found)


def _match(name: str, means: str, *values: Any) -> Shown:
    return _istio(f"match[].{name}", f"Istio: {means}", (values[0], values[1]),
                  f"http.0.match.0.{name}")  # fmt: skip


def _headers() -> tuple[Shown, ...]:
    found = []
    for side in ("request", "response"):
        for change, means in (("add", "added to"), ("set", "set in"), ("remove", "taken from")):
            values: Any = (["a"], ["b"]) if change == "remove" else ({"a": "1"}, {"a": "2"})
            found.append(
                _istio(f"headers.{side}.{change}", f"headers {means} each {side}", values,
                       f"http.0.headers.{side}.{change}")
            )  # fmt: skip
    return tuple(found)


ENTRIES = (
    _istio("timeout", "how long a request may take", ("5s", "6s"), "http.0.timeout"),
    _gateway("backendTimeout", "Gateway API: how long a backend may take", ("5s", "6s"),
             "rules.0.timeouts.backendRequest"),
    _istio("gateways", "Istio: gateways of the VirtualService; `mesh` if absent",
           (["a"], ["b"]), "gateways"),
    _parent("group", "group of the parent", "gateway.networking.k8s.io", "a.test"),
    _parent("kind", "kind of the parent", "Gateway", "Other"),
    _parent("namespace", "namespace of the parent; the route's if absent", "a", "b"),
    _parent("name", "name of the parent", "a", "b"),
    _parent("sectionName", "listener of the parent", "a", "b"),
    _parent("port", "port of the parent", 80, 81),
    _istio("hosts", "hosts of the route; Istio's always has the apex or `*` as well",
           (["*"], ["*", "a"]), "hosts"),
    _istio("delegation", "Istio: a VirtualService for others to delegate to", (False, True),
           "gateways", wants=(["mesh"], None)),
    *_matches(),
    _match("name", "name of the match", "a", "b"),
    _match("ignoreUriCase", "letters of the path count alike", None, True),
    _match("port", "port of the request", 80, 81),
    _match("sourceLabels", "labels of the client's pod", {"a": "1"}, {"a": "2"}),
    _match("sourceNamespace", "namespace of the client", "a", "b"),
    _match("gateways", "gateways that the match is for", ["a"], ["b"]),
    _istio("rewrite.uri", "path that the pods get", ("/a", "/b"), "http.0.rewrite.uri"),
    _istio("rewrite.authority", "authority that the pods get", ("a", "b"),
           "http.0.rewrite.authority"),
    _gateway("rewrite.type", "Gateway API: `ReplacePrefixMatch`, or the full path",
             ("ReplaceFullPath", "ReplacePrefixMatch"), "rules.0.filters.0.urlRewrite.path.type",
             {"rewrite": {"uri": "/a"}}),
    _rule("retries.attempts", "attempts after the first", 1, 2),
    _rule("retries.perTryTimeout", "how long one attempt may take", "1s", "2s"),
    _rule("retries.retryOn", "what is tried again", "5xx", "reset"),
    *_headers(),
    _backend("group", "group of the backend that gets a copy", "a.test", "b.test"),
    _backend("kind", "its kind", "Service", "Other"),
    _backend("name", "its name", "a", "b"),
    _backend("namespace", "its namespace; the route's if absent", "a", "b"),
    _backend("port", "its port", 80, 81),
    _rule("corsPolicy.allowOrigin", "deprecated: origins that may ask", ["a"], ["b"]),
    *(
        _istio(f"corsPolicy.allowOrigins[].{way}", f"Istio: an origin that {verb} this",
               _PAIRS[way], f"http.0.corsPolicy.allowOrigins.0.{way}")
        for way, verb in _WAYS.items()
    ),
    _istio("corsPolicy.allowMethods", "methods that may be used", (["GET"], ["PUT"]),
           "http.0.corsPolicy.allowMethods"),
    _istio("corsPolicy.allowHeaders", "headers that may be sent", (["a"], ["b"]),
           "http.0.corsPolicy.allowHeaders"),
    _istio("corsPolicy.exposeHeaders", "headers that may be read", (["a"], ["b"]),
           "http.0.corsPolicy.exposeHeaders"),
    _istio("corsPolicy.maxAge", "how long an answer on this counts", ("1m", "2m"),
           "http.0.corsPolicy.maxAge"),
    _istio("corsPolicy.allowCredentials", "credentials may be sent", (None, True),
           "http.0.corsPolicy.allowCredentials"),
)  # fmt: skip
