"""A user's VirtualService when its Canary goes: as it was, or back to the apex (D33, D34)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from providers import names
from providers.interface import Object
from providers.istio_adopt import (
    LAST_APPLIED,
    ORIGINAL,
    SHAPES,
    bare,
    hosts,
    leads,
    without_cookie,
)
from providers.istio_rules import Rule, destination
from providers.names import clone
from providers.ours import MATCH, Ours
from providers.releasing import Release

_SECTIONS = ("http", "tcp", "tls")


def release(live: Object, canary: Object) -> Release:
    """What undoes ``adoption``.

    As long as a rule leads to the primary or the canary, the spec becomes that which was last
    applied, else the one before the first takeover; where neither can be used, its own rules are
    led back to the apex.
    """
    spec = live["spec"]
    derived = {
        section: _given_back(spec[section], SHAPES.within(live, canary))
        for section in _SECTIONS
        if spec.get(section)
    }
    wanted = {**spec, **derived}
    operations: list[dict[str, Any]] = []
    if names.compact(wanted) != names.compact(spec):
        wanted = next(_originals(live, canary), wanted)
        operations = [
            {"op": "test", "path": "/spec", "value": clone(spec)},
            {"op": "replace", "path": "/spec", "value": clone(wanted)},
        ]
    return Release([*operations, *names.freed(live, bool(operations), ORIGINAL, MATCH)])


def _given_back(found: Sequence[Rule], ours: Ours) -> list[Rule]:
    mine = ours.handed_out(found)
    return [_back(rule, ours.canary, mine) for rule in ours.users_rules(found)]


def _back(rule: Rule, canary: Object, mine: tuple[str, ...]) -> Rule:
    if not leads(rule, canary):
        return rule
    apex, routes = names.apex(canary), dict(zip(hosts(rule, canary), rule["route"], strict=True))
    if apex in routes:
        return {**bare(rule, canary), "route": rule["route"]}
    kept = without_cookie(bare(rule, canary), mine)
    return {**kept, "route": [_to_apex(routes[f"{apex}-primary"], apex, mine)]}


def _to_apex(primary: Rule, apex: str, mine: tuple[str, ...]) -> Rule:
    """The destination of the primary as one of the apex; a subset was one of the primary's own."""
    kept = {key: value for key, value in primary.items() if key != "weight"}
    place = {key: value for key, value in primary["destination"].items() if key != "subset"}
    place["host"] = apex + place["host"].removeprefix(f"{apex}-primary")
    return without_cookie({**kept, "destination": place}, mine)


def _originals(live: Object, canary: Object) -> Iterator[Rule]:
    """The stored specs that can be restored, best first.

    One that leads to the primary or the canary isn't original (D33).
    """
    annotations = live["metadata"].get("annotations") or {}
    applied = _decoded(annotations.get(LAST_APPLIED))
    for spec in (applied.get("spec"), _decoded(annotations.get(ORIGINAL))):
        if isinstance(spec, dict) and _routes(spec) and not _leads_to_sides(spec, canary):
            yield spec


def _decoded(text: str | None) -> Rule:
    """The object that an annotation holds; empty if it holds none."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _routes(spec: Rule) -> bool:
    """Whether ``spec`` is one that an API server may accept: it has rules."""
    sections = [spec[section] for section in _SECTIONS if spec.get(section)]
    rules = [rule for rules in sections if isinstance(rules, list) for rule in rules]
    well_formed = all(isinstance(each, list) for each in sections)
    return bool(rules) and well_formed and all(isinstance(rule, dict) for rule in rules)


def _leads_to_sides(spec: Rule, canary: Object) -> bool:
    apex, namespace = names.apex(canary), canary["metadata"]["namespace"]
    found = {destination({"destination": {"host": host}}, namespace) for host in _hosts(spec)}
    return bool(found & {f"{apex}-primary", f"{apex}-canary"})


def _hosts(value: Any) -> Iterator[str]:
    """Every ``host`` in a stored spec, whatever its shape."""
    if isinstance(value, list):
        for item in value:
            yield from _hosts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "host" and isinstance(item, str):
                yield item
            yield from _hosts(item)
