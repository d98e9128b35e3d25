"""A VirtualService that a user made: only the engine's own parts of it are changed (D26, D33)."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from providers import names
from providers.interface import Object, Routing
from providers.istio_rules import destination, is_tcp, route

ORIGINAL = "flagger.kubernetes.io/original-configuration"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def adoption(live: Object, canary: Object, routing: Routing) -> list[dict[str, Any]]:
    """JSON Patch that puts the split into rules that route to the apex or to the primary.

    The spec before the first takeover is kept in an annotation, once; one that routes to the
    primary is not original. Empty when nothing differs.
    """
    apex, section = names.apex(canary), "tcp" if is_tcp(canary) else "http"
    namespace = canary["metadata"]["namespace"]
    mine = {f"{apex}-primary", f"{apex}-canary"}
    wanted = route(canary, routing)
    operations: list[dict[str, Any]] = []
    taken, original = False, True
    for index, rule in enumerate(live["spec"].get(section) or ()):
        routes = rule.get("route") or []
        found = [destination(r, namespace) for r in routes]
        path = f"/spec/{section}/{index}/route"
        original = original and f"{apex}-primary" not in found
        if len(found) == 2 and set(found) == mine:
            meant = {r["destination"]["host"]: r["weight"] for r in wanted}
            operations += _weights(path, routes, [meant[name] for name in found])
        elif len(routes) == 1 and found[0] in (apex, f"{apex}-primary"):
            taken = True
            operations += [
                {"op": "test", "path": path, "value": copy.deepcopy(routes)},
                {"op": "replace", "path": path, "value": _kept(routes[0], wanted)},
            ]
    if operations:
        operations += _annotations(live, taken and original)
    return operations


def _kept(route: Mapping[str, Any], wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The split, each side with what else the user's only route does (such as headers)."""
    rest = {key: copy.deepcopy(route[key]) for key in route if key not in ("destination", "weight")}
    return [{**rest, **side} for side in wanted]


def _weights(path: str, routes: Any, meant: list[int]) -> list[dict[str, Any]]:
    return [
        {"op": "add", "path": f"{path}/{index}/weight", "value": weight}
        for index, (found, weight) in enumerate(zip(routes, meant, strict=True))
        if found.get("weight", 0) != weight
    ]


def _annotations(live: Object, taken: bool) -> list[dict[str, Any]]:
    annotations: Mapping[str, str] = live["metadata"].get("annotations") or {}
    merged = {**annotations, **names.FLUX_MARKERS}
    if taken and ORIGINAL not in annotations and LAST_APPLIED not in annotations:
        merged[ORIGINAL] = json.dumps(live["spec"], sort_keys=True, separators=(",", ":"))
    if merged == annotations:
        return []
    return [{"op": "add", "path": "/metadata/annotations", "value": merged}]
