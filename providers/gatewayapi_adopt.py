"""An HTTPRoute that a user made: only the engine's own parts of it are changed (D26)."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from providers import names
from providers.gatewayapi_rules import backend
from providers.interface import Object


def adoption(
    live: Object, canary: Object, backends: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """JSON Patch that puts the weighted ``backends`` where the user's route has its own.

    In rules that already split between primary and canary only weights change; a rule whose single
    backend is the apex or the primary Service gets the split. Other rules, filters and names stay.
    Empty when nothing differs.
    """
    apex, namespace = names.apex(canary), canary["metadata"]["namespace"]
    mine = {f"{apex}-primary", f"{apex}-canary"}
    operations: list[dict[str, Any]] = []
    for index, rule in enumerate(live["spec"].get("rules") or ()):
        refs = rule.get("backendRefs") or []
        found = [backend(ref, namespace) for ref in refs]
        path = f"/spec/rules/{index}/backendRefs"
        if len(found) == 2 and set(found) == mine:
            operations += _weights(path, refs, backends)
        elif len(refs) == 1 and found[0] in (apex, f"{apex}-primary"):
            operations += [
                {"op": "test", "path": path, "value": copy.deepcopy(refs)},
                {"op": "replace", "path": path, "value": _kept(refs[0], backends)},
            ]
    if operations:
        operations += _markers(live)
    return operations


def _kept(ref: Mapping[str, Any], backends: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The split, each side with the filters of the user's only backend."""
    rest = {"filters": ref["filters"]} if ref.get("filters") else {}
    return [{**side, **copy.deepcopy(rest)} for side in backends]


def _weights(
    path: str, refs: Sequence[Mapping[str, Any]], backends: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    meant = {side["name"]: side["weight"] for side in backends}
    operations: list[dict[str, Any]] = []
    for index, ref in enumerate(refs):
        weight = meant[ref["name"]]
        if ref.get("weight", 1) != weight:
            operations += [
                {"op": "test", "path": f"{path}/{index}/name", "value": ref["name"]},
                {"op": "add", "path": f"{path}/{index}/weight", "value": weight},
            ]
    return operations


def _markers(live: Object) -> list[dict[str, Any]]:
    annotations = live["metadata"].get("annotations") or {}
    if all(annotations.get(key) == value for key, value in names.FLUX_MARKERS.items()):
        return []
    merged = {**annotations, **names.FLUX_MARKERS}
    return [{"op": "add", "path": "/metadata/annotations", "value": merged}]
