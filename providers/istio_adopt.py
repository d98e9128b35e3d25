"""A VirtualService that a user made: only the engine's own parts of it are changed (D26, D33)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers import conditions, names
from providers.interface import Object, Routing
from providers.istio_live import bearers, for_test, mirrors
from providers.istio_rules import Rule, destination, is_tcp, route, rules
from providers.names import clone
from providers.ours import Ours, Shapes, annotated, tells_another_match

ORIGINAL = "flagger.kubernetes.io/original-configuration"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def adoption(live: Object, canary: Object, routing: Routing) -> list[dict[str, Any]]:
    """JSON Patch that puts ``routing`` into rules that route to the apex or to the primary; empty
    when nothing differs.

    Before a rule with the split stand the engine's own for A/B and cookies, as in a generated
    route. The spec before the first takeover is kept in an annotation, once; one that routes to the
    primary is not original.
    """
    section = "tcp" if is_tcp(canary) else "http"
    found = list(live["spec"].get(section) or ())
    ours = SHAPES.within(live, canary)
    taken = any(leads(rule, canary) == 1 for rule in found)
    if section == "tcp" or _plain(found, routing, ours):
        operations = _splits(found, section, canary, routing)
    else:
        operations = _whole(found, list(ours.anew(found, routing, _around)))
    primary = f"{names.apex(canary)}-primary"
    original = not any(primary in hosts(rule, canary) for rule in found)
    due = bool(operations) or (section == "http" and tells_another_match(live, canary))
    return [*operations, *_annotations(live, canary, taken and original)] if due else []


def _plain(found: Sequence[Rule], routing: Routing, ours: Ours) -> bool:
    """Whether weights are all that the route needs."""
    if conditions.analysed(ours.canary) or routing.visible.affinity or routing.mirror:
        return False
    return not any(mirrors(rule, ours.canary) or ours.own(rule) for rule in found)


def _splits(
    found: Sequence[Rule], section: str, canary: Object, routing: Routing
) -> list[dict[str, Any]]:
    wanted = route(canary, routing)
    meant = {side["destination"]["host"]: side["weight"] for side in wanted}
    operations: list[dict[str, Any]] = []
    for index, rule in enumerate(found):
        routes = rule.get("route") or []
        path = f"/spec/{section}/{index}/route"
        if leads(rule, canary) == 2:
            weights = [meant[name] for name in hosts(rule, canary)]
            operations += _weights(path, routes, weights)
        elif leads(rule, canary) == 1:
            operations += [
                {"op": "test", "path": path, "value": clone(routes)},
                {"op": "replace", "path": path, "value": [_kept(routes[0], w) for w in wanted]},
            ]
    return operations


def hosts(rule: Rule, canary: Object) -> list[str]:
    """Names of the Services of the Canary's namespace that a rule routes to; "" for any other."""
    return [destination(r, canary["metadata"]["namespace"]) for r in rule.get("route") or ()]


def leads(rule: Rule, canary: Object) -> int:
    """2: to primary and canary and nothing else; 1: to the apex or the primary alone; else 0."""
    apex, found = names.apex(canary), hosts(rule, canary)
    if len(found) == 2 and set(found) == {f"{apex}-primary", f"{apex}-canary"}:
        return 2
    return int(len(found) == 1 and found[0] in (apex, f"{apex}-primary"))


SHAPES = Shapes(leads, bearers, for_test)


def bare(rule: Rule, canary: Object) -> Rule:
    """A rule without its routes and without the engine's mirror."""
    gone = {"route", *(("mirror", "mirrorPercentage") if mirrors(rule, canary) else ())}
    return {key: value for key, value in rule.items() if key not in gone}


def _around(rule: Rule, canary: Object, routing: Routing, mine: tuple[str, ...]) -> Iterator[Rule]:
    base = bare(rule, canary)
    routes = dict(zip(hosts(rule, canary), rule["route"], strict=True))
    sides = []
    for side in route(canary, routing):
        used = routes.get(side["destination"]["host"], rule["route"][0])
        sides.append(without_cookie(_kept(used, side), mine))
    yield from rules(base, sides, canary, routing)


def without_cookie(holder: Rule, mine: tuple[str, ...]) -> Rule:
    """A rule or a destination whose answers set no cookie that begins like one of ``mine``."""
    found: dict[str, Any] = clone(holder)
    response = (found.get("headers") or {}).get("response") or {}
    added = response.get("add") or {}
    if str(added.get("Set-Cookie", "")).startswith(mine):
        del added["Set-Cookie"]
        found["headers"] = names.compact(found["headers"])
        if not found["headers"]:
            del found["headers"]
    return found


def _whole(found: Sequence[Rule], wanted: Sequence[Rule]) -> list[dict[str, Any]]:
    if names.compact(found) == names.compact(wanted):
        return []
    return [
        {"op": "test", "path": "/spec/http", "value": clone(found)},
        {"op": "replace", "path": "/spec/http", "value": clone(wanted)},
    ]


def _kept(used: Mapping[str, Any], side: Rule) -> Rule:
    """A side of the split with what else the user's route does (such as headers)."""
    rest = {key: clone(used[key]) for key in used if key not in ("destination", "weight")}
    return {**rest, **side}


def _weights(path: str, routes: Any, meant: list[int]) -> list[dict[str, Any]]:
    return [
        {"op": "add", "path": f"{path}/{index}/weight", "value": weight}
        for index, (found, weight) in enumerate(zip(routes, meant, strict=True))
        if found.get("weight", 0) != weight
    ]


def _annotations(live: Object, canary: Object, taken: bool) -> list[dict[str, Any]]:
    annotations: Mapping[str, str] = live["metadata"].get("annotations") or {}
    merged = annotated(live, canary)
    if taken and ORIGINAL not in annotations and LAST_APPLIED not in annotations:
        merged[ORIGINAL] = json.dumps(live["spec"], sort_keys=True, separators=(",", ":"))
    if merged == annotations:
        return []
    return [{"op": "add", "path": "/metadata/annotations", "value": merged}]
