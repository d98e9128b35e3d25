"""Conditions of an A/B test, or of a cookie, together with those of ``service.match`` (D9).

Everything here is in Istio's shape, as the Canary has it. Both sets have to hold: Flagger lets one
replace the other, which widens a rule beyond the service's own match.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers import names
from providers.interface import Object, Problem
from providers.names import clone

Match = Mapping[str, Any]

_TABLES = ("headers", "queryParams", "sourceLabels")


def analysed(canary: Object) -> list[Match]:
    """The items of ``analysis.match``; an A/B test has some."""
    return list(names.analysis(canary).get("match") or ())


def has_cookie(canary: Object) -> bool:
    """Whether conditions on cookies in the route may be the user's own."""
    bounds = names.service(canary).get("match") or ()
    return any(
        name.lower() == "cookie"
        for item in (*analysed(canary), *bounds)
        for name in item.get("headers") or ()
    )


def merged(items: Sequence[Match], bounds: Sequence[Match]) -> list[dict[str, Any]]:
    """Each of ``items`` with each of ``bounds``, such as those of ``service.match``; without pairs
    that nothing satisfies.

    Items without any condition are left out: with one, a rule would catch everybody (D8).
    """
    asking = [item for item in items if any(item.get(table) for table in _TABLES)]
    pairs = [_both(bound, item) for item in asking for bound in bounds or ({},)]
    return [pair for pair in pairs if pair is not None]


def problems(items: Sequence[Match], canary: Object) -> Iterator[Problem]:
    """Items of ``analysis.match`` that ask nothing or can't be joined with ``service.match``."""
    bounds = names.service(canary).get("match") or [{}]
    for index, item in enumerate(items):
        path = f"spec.analysis.match[{index}]"
        if not any(item.get(table) for table in _TABLES):
            yield Problem(path, f"{path} has no condition: accepted are {', '.join(_TABLES)}")
            continue
        unclear = [clash for bound in bounds for clash in _unclear(bound, item)]
        if unclear:
            yield Problem(
                path,
                f"{path} and spec.service.match both have a condition on {unclear[0]}: accepted "
                "is one, or the same twice",
            )
        elif all(_both(bound, item) is None for bound in bounds):
            yield Problem(path, f"{path} contradicts spec.service.match: no request has both")


def _both(bound: Match, item: Match) -> dict[str, Any] | None:
    """The conditions of both; None if they contradict each other."""
    found: dict[str, Any] = clone(bound)
    for table in _TABLES:
        joined = dict(found.get(table) or {})
        for name, condition in (item.get(table) or {}).items():
            known = _known(table, joined, name)
            if known is None:
                joined[name] = clone(condition)
            elif joined[known] != condition:
                return None
        if joined:
            found[table] = joined
    return found


def _unclear(bound: Match, item: Match) -> Iterator[str]:
    """Names with two conditions of which nobody can tell whether they exclude each other."""
    for table in ("headers", "queryParams"):
        has = bound.get(table) or {}
        for name, condition in (item.get(table) or {}).items():
            known = _known(table, has, name)
            if known is None or has[known] == condition:
                continue
            if has[known].get("exact") is None or condition.get("exact") is None:
                yield f"{table}.{name}"


def _known(table: str, conditions: Match, name: str) -> str | None:
    """The name under which ``conditions`` has ``name``: headers don't tell case apart."""
    if table != "headers":
        return name if name in conditions else None
    return next((known for known in conditions if known.lower() == name.lower()), None)
