"""Matches and filters of an HTTPRoute in Envoy's words. What isn't known is refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analysis.duration import DurationError, parse

Obj = Mapping[str, Any]


class Unsupported(Exception):
    """Something of an HTTPRoute that this gateway can't do."""


def route_match(match: Obj) -> dict[str, Any]:
    """One match of a rule."""
    found = _path(match.get("path") or {})
    headers = [_named(one) for one in match.get("headers") or ()]
    if match.get("method"):
        headers.append({"name": ":method", "string_match": {"exact": match["method"]}})
    if headers:
        found["headers"] = headers
    queries = [_named(one) for one in match.get("queryParams") or ()]
    if queries:
        found["query_parameters"] = queries
    return found


def precedence(match: Obj) -> tuple[int, ...]:
    """Sort key: Gateway API's order of matches, the most specific one first."""
    path = match.get("path") or {}
    kind = {"Exact": 0, "PathPrefix": 1}.get(path.get("type", "PathPrefix"), 2)
    length = len(path.get("value", "/"))
    method = 0 if match.get("method") else 1
    headers, queries = match.get("headers") or (), match.get("queryParams") or ()
    return (kind, -length, method, -len(headers), -len(queries))


def _path(path: Obj) -> dict[str, Any]:
    kind, value = path.get("type", "PathPrefix"), str(path.get("value", "/"))
    if kind == "Exact":
        return {"path": value}
    if kind == "RegularExpression":
        return {"safe_regex": {"regex": value}}
    if kind != "PathPrefix":
        raise Unsupported(f"path match {kind}")
    if value == "/":
        return {"prefix": "/"}
    return {"path_separated_prefix": value.rstrip("/")}


def _named(one: Obj) -> dict[str, Any]:
    return {"name": one["name"], "string_match": _string(one)}


def _string(one: Obj) -> dict[str, Any]:
    if one.get("type", "Exact") == "RegularExpression":
        return {"safe_regex": {"regex": one["value"]}}
    return {"exact": one["value"]}


def filtered(rule: Obj, match: Obj, cluster: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the filters and timeouts of a rule add: to the route action, and to the route.

    ``cluster`` names the place of a Service, with the fields ``{name}`` and ``{port}``.
    """
    action: dict[str, Any] = {}
    route: dict[str, Any] = {}
    for item in rule.get("filters") or ():
        kind = item.get("type")
        if kind == "RequestHeaderModifier":
            route |= _modifier("request", item["requestHeaderModifier"])
        elif kind == "ResponseHeaderModifier":
            route |= _modifier("response", item["responseHeaderModifier"])
        elif kind == "URLRewrite":
            action |= _rewrite(item["urlRewrite"], match)
        elif kind == "RequestMirror":
            policy = _mirror(item["requestMirror"], cluster)
            action.setdefault("request_mirror_policies", []).append(policy)
        else:
            raise Unsupported(f"filter {kind}")
    limit = (rule.get("timeouts") or {}).get("request")
    if limit:
        action["timeout"] = f"{_seconds(limit):g}s"
    return action, route


def answered(ref: Obj) -> dict[str, Any]:
    """What the filters of a backend add to its share: headers of responses."""
    found: dict[str, Any] = {}
    for item in ref.get("filters") or ():
        if item.get("type") != "ResponseHeaderModifier":
            raise Unsupported(f"filter {item.get('type')} of a backend")
        found |= _modifier("response", item["responseHeaderModifier"])
    return found


def _mirror(mirror: Obj, cluster: str) -> dict[str, Any]:
    if "fraction" in mirror:
        raise Unsupported("requestMirror.fraction")
    found: dict[str, Any] = {"cluster": cluster.format(**mirror["backendRef"])}
    if "percent" in mirror:
        share = {"numerator": int(mirror["percent"]), "denominator": "HUNDRED"}
        found["runtime_fraction"] = {"default_value": share}
    return found


def _modifier(direction: str, change: Obj) -> dict[str, Any]:
    actions = (("set", "OVERWRITE_IF_EXISTS_OR_ADD"), ("add", "APPEND_IF_EXISTS_OR_ADD"))
    added = [
        {"header": {"key": one["name"], "value": one["value"]}, "append_action": action}
        for field, action in actions
        for one in change.get(field) or ()
    ]
    found: dict[str, Any] = {f"{direction}_headers_to_add": added} if added else {}
    if change.get("remove"):
        found[f"{direction}_headers_to_remove"] = list(change["remove"])
    return found


def _rewrite(rewrite: Obj, match: Obj) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if rewrite.get("hostname"):
        found["host_rewrite_literal"] = rewrite["hostname"]
    path = rewrite.get("path") or {}
    if path.get("type") == "ReplacePrefixMatch":
        prefix = str((match.get("path") or {}).get("value", "/")).rstrip("/")
        new = str(path["replacePrefixMatch"]).rstrip("/")
        found["regex_rewrite"] = _substituted(f"^{re.escape(prefix)}/*", f"{new}/")
    elif path.get("type") == "ReplaceFullPath":
        found["regex_rewrite"] = _substituted("^.*$", str(path["replaceFullPath"]))
    elif path:
        raise Unsupported(f"rewrite {path.get('type')}")
    return found


def _substituted(pattern: str, text: str) -> dict[str, Any]:
    return {"pattern": {"regex": pattern}, "substitution": text.replace("\\", "\\\\")}


def _seconds(text: str) -> float:
    try:
        return parse(text)
    except DurationError as error:
        raise Unsupported(f"timeout {text!r}") from error


def hostnames(route: Obj) -> Sequence[str]:
    """The domains of a route; ``*`` when it has none."""
    return tuple(_domains(route))


def _domains(route: Obj) -> Iterator[str]:
    yield from route["spec"].get("hostnames") or ("*",)
