"""Which requests a rule of an HTTPRoute is for (providers 5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers.interface import Problem
from providers.names import clone

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


def conjunction(
    bounds: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Matches that have the conditions of both, for each of ``asked`` with each of ``bounds``;
    without those that can't be satisfied (D9)."""
    pairs = [_both(bound, item) for item in asked for bound in bounds or ({},)]
    return [pair for pair in pairs if pair is not None]


def _both(bound: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] = clone(bound)
    for key in ("headers", "queryParams"):
        joined = {_folded(key, each): each for each in found.get(key) or ()}
        for each in item.get(key) or ():
            known = joined.setdefault(_folded(key, each), dict(each))
            if _meaning(known) != _meaning(each):
                return None
        if joined:
            found[key] = sorted(joined.values(), key=lambda each: str(each["name"]))
    return found


def _folded(key: str, condition: Mapping[str, Any]) -> str:
    """The name of a condition: headers don't tell case apart."""
    name = str(condition["name"])
    return name.lower() if key == "headers" else name


def _meaning(condition: Mapping[str, Any]) -> tuple[str, Any]:
    return (condition.get("type") or "Exact", condition.get("value"))


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
