"""What goes into a rule of an HTTPRoute: matches and filters (providers 5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers.durations import whole_seconds
from providers.interface import Problem

ANY_PATH = {"type": "PathPrefix", "value": "/"}
_PATHS = {"regex": "RegularExpression", "exact": "Exact", "prefix": "PathPrefix"}
_VALUES = {"exact": "Exact", "regex": "RegularExpression"}
_INVALID = "Invalid request matching selectors: Gateway API doesn't support the specified"


def matches(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Matches for the items of ``service.match``; the path ``/`` when nothing results."""
    converted = [match(item) for item in items]
    return [item for item in converted if item] or [{"path": dict(ANY_PATH)}]


def match(item: Mapping[str, Any]) -> dict[str, Any]:
    """One match; header and query conditions sorted by name, so that order is no difference (D2).

    The path is always explicit: the API server would add it (D3).
    """
    found: dict[str, Any] = {}
    for key, kind in _PATHS.items():
        if (item.get("uri") or {}).get(key):
            found["path"] = {"type": kind, "value": item["uri"][key]}
            break
    if (item.get("method") or {}).get("exact"):
        found["method"] = item["method"]["exact"]
    headers = _conditions(item.get("headers"))
    if headers:
        found["headers"] = headers
    params = _conditions(item.get("queryParams"))
    if params:
        found["queryParams"] = params
    if found and "path" not in found:
        found["path"] = dict(ANY_PATH)
    return found


def _conditions(table: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    found = []
    for name in sorted(table or {}):
        for key, kind in _VALUES.items():
            value = (table or {})[name].get(key)
            if value is not None:
                found.append({"type": kind, "name": name, "value": value})
                break
    return found


def expressible(item: Mapping[str, Any]) -> bool:
    """Whether an HTTPRoute can say every condition of this item of ``analysis.match``."""
    return not list(analysis_problems([item]))


def analysis_problems(items: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Conditions of an A/B test that HTTPRoute can't express."""
    place = "spec.analysis.match"
    yield from match_problems(items, place)
    for index, item in enumerate(items):
        if item.get("sourceLabels"):
            path = f"{place}[{index}].sourceLabels"
            text = "can't be told by a gateway: accepted are headers and queryParams"
            yield Problem(path, f"{path} {text}")


def match_problems(items: Sequence[Mapping[str, Any]], place: str) -> Iterator[Problem]:
    """Conditions that HTTPRoute can't express: refused, never dropped (D8)."""
    for index, item in enumerate(items):
        field = f"{place}[{index}]"
        uri = item.get("uri")
        if uri and not any(uri.get(key) for key in _PATHS):
            yield Problem(f"{field}.uri", f"{_INVALID} path matching selector: {dict(uri)}")
        method = item.get("method")
        if method and not method.get("exact"):
            yield Problem(
                f"{field}.method",
                f"{_INVALID} header matching selector: {dict(method)}; accepted is exact",
            )
        for key, word in (("headers", "header"), ("queryParams", "query")):
            for name, condition in sorted((item.get(key) or {}).items()):
                if not any(condition.get(way) is not None for way in _VALUES):
                    yield Problem(
                        f"{field}.{key}.{name}",
                        f"{_INVALID} {word} matching selector: {dict(condition)}; "
                        "accepted are exact and regex",
                    )


def filters(service: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Filters for headers, rewrite, static mirrors and CORS, in Flagger's order."""
    found: list[dict[str, Any]] = []
    headers = service.get("headers") or {}
    for direction, kind, field in (
        ("request", "RequestHeaderModifier", "requestHeaderModifier"),
        ("response", "ResponseHeaderModifier", "responseHeaderModifier"),
    ):
        change = _header_change(headers.get(direction) or {})
        if change:
            found.append({"type": kind, field: change})
    rewrite = _rewrite(service.get("rewrite") or {})
    if rewrite:
        found.append({"type": "URLRewrite", "urlRewrite": rewrite})
    for item in service.get("mirror") or ():
        if item.get("backendRef"):
            backend = {"group": "", "kind": "Service", **item["backendRef"]}
            found.append({"type": "RequestMirror", "requestMirror": {"backendRef": backend}})
    if service.get("corsPolicy"):
        found.append({"type": "CORS", "cors": _cors(service["corsPolicy"])})
    return found


def backend(ref: Mapping[str, Any], namespace: str) -> str:
    """Name of the Service of ``namespace`` that ``ref`` leads to; empty for anything else."""
    plain = ref.get("group") in (None, "") and ref.get("kind") in (None, "Service")
    own = ref.get("namespace") in (None, "", namespace)
    return str(ref.get("name")) if plain and own else ""


def _header_change(operations: Mapping[str, Any]) -> dict[str, Any]:
    change: dict[str, Any] = {}
    for field in ("add", "set"):
        if operations.get(field):
            change[field] = [
                {"name": name, "value": value} for name, value in sorted(operations[field].items())
            ]
    if operations.get("remove"):
        change["remove"] = list(operations["remove"])
    return change


def _rewrite(rewrite: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if rewrite.get("authority"):
        found["hostname"] = rewrite["authority"]
    if rewrite.get("uri"):
        if rewrite.get("type") == "ReplacePrefixMatch":
            found["path"] = {"type": "ReplacePrefixMatch", "replacePrefixMatch": rewrite["uri"]}
        else:
            found["path"] = {"type": "ReplaceFullPath", "replaceFullPath": rewrite["uri"]}
    return found


def _cors(policy: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for ours, theirs in (
        ("allowOrigin", "allowOrigins"),
        ("allowMethods", "allowMethods"),
        ("allowHeaders", "allowHeaders"),
        ("exposeHeaders", "exposeHeaders"),
    ):
        if policy.get(ours):
            found[theirs] = list(policy[ours])
    if policy.get("allowCredentials"):
        found["allowCredentials"] = True
    seconds = whole_seconds(str(policy.get("maxAge") or ""))
    # Without a value the API server writes 5: explicit, it is no difference (D3).
    found["maxAge"] = 5 if seconds is None else seconds
    return found


def timeouts(service: Mapping[str, Any]) -> dict[str, str]:
    """``timeouts`` of every rule."""
    found = {}
    if service.get("timeout"):
        found["request"] = str(service["timeout"])
    if service.get("backendTimeout"):
        found["backendRequest"] = str(service["backendTimeout"])
    return found
