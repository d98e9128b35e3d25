"""A VirtualService that a user made: only the engine's own parts of it are changed (D26, D33)."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from providers import names
from providers.interface import Object, Routing
from providers.istio_rules import is_tcp, route

ORIGINAL = "flagger.kubernetes.io/original-configuration"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def adoption(live: Object, canary: Object, routing: Routing) -> list[dict[str, Any]]:
    """JSON Patch that puts the split into rules that route to the apex or to the primary.

    The spec before the first takeover is kept in an annotation, once. Empty when nothing differs.
    """
    apex, section = names.apex(canary), "tcp" if is_tcp(canary) else "http"
    mine = {f"{apex}-primary", f"{apex}-canary"}
    wanted = route(canary, routing)
    operations: list[dict[str, Any]] = []
    taken = False
    for index, rule in enumerate(live["spec"].get(section) or ()):
        routes = rule.get("route") or []
        found = [_short((r.get("destination") or {}).get("host")) for r in routes]
        path = f"/spec/{section}/{index}/route"
        if set(found) == mine:
            operations += _weights(path, routes, wanted)
        elif len(routes) == 1 and found[0] in (apex, f"{apex}-primary"):
            taken = True
            operations += [
                {"op": "test", "path": path, "value": copy.deepcopy(routes)},
                {"op": "replace", "path": path, "value": [dict(r) for r in wanted]},
            ]
    if operations:
        operations += _annotations(live, taken)
    return operations


def _short(host: Any) -> str:
    return str(host or "").split(".", 1)[0]


def _weights(path: str, routes: Any, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    meant = {r["destination"]["host"]: r["weight"] for r in wanted}
    operations: list[dict[str, Any]] = []
    for index, found in enumerate(routes):
        weight = meant[_short(found["destination"]["host"])]
        if found.get("weight", 0) != weight:
            operations.append({"op": "add", "path": f"{path}/{index}/weight", "value": weight})
    return operations


def _annotations(live: Object, taken: bool) -> list[dict[str, Any]]:
    annotations: Mapping[str, str] = live["metadata"].get("annotations") or {}
    merged = {**annotations, **names.FLUX_MARKERS}
    if taken and ORIGINAL not in annotations and LAST_APPLIED not in annotations:
        merged[ORIGINAL] = json.dumps(live["spec"], sort_keys=True, separators=(",", ":"))
    if merged == annotations:
        return []
    return [{"op": "add", "path": "/metadata/annotations", "value": merged}]
