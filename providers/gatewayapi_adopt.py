"""An HTTPRoute that a user made: only the engine's own parts of it are changed (D26)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers import conditions
from providers.gatewayapi_live import (
    bearers,
    for_test,
    leads,
    mirrors,
    normal,
    without_guests,
    without_percent,
)
from providers.gatewayapi_rules import backend
from providers.gatewayapi_spec import MODIFIER, Rule, backends
from providers.gatewayapi_spec import rules as made_of
from providers.gatewayapi_switch import next_rules
from providers.interface import Object, Routing
from providers.names import clone
from providers.ours import Ours, Shapes, annotated, tells_another_match


def adoption(
    live: Object, canary: Object, routing: Routing, *, percent: bool = True
) -> tuple[list[dict[str, Any]], bool]:
    """JSON Patch that puts ``routing`` where the user's route has its own, or the next one on the
    way there; empty when nothing differs. And whether it has to wait (``Desired.waits``).
    ``percent``: whether its CRD has that of a mirror.

    In rules that already split between primary and canary only weights change; a rule whose single
    backend is the apex or the primary Service gets the split. Other rules, filters and names stay.
    Before a rule with the split stand the engine's own for A/B and cookies, as in a generated
    route.
    """
    found, ours = list(live["spec"].get("rules") or ()), SHAPES.within(live, canary)
    bare = [without_guests(rule, canary) for rule in found]
    plain = _plain(bare, routing, ours)
    if plain:
        wanted = [_split(rule, canary, backends(canary, routing)) for rule in bare]
    else:
        made = {"rules": list(ours.anew(bare, routing, _around))}
        wanted = (made if percent else without_percent(made))["rules"]
    rules, waits = next_rules(found, wanted, canary)
    operations = _one_by_one(found, rules) if plain else whole(found, rules)
    due = bool(operations) or tells_another_match(live, canary)
    return ([*operations, *_annotations(live, canary)] if due else []), waits


def _plain(found: Sequence[Rule], routing: Routing, ours: Ours) -> bool:
    """Whether weights are all that the route needs."""
    canary = ours.canary
    asked = conditions.analysed(canary) or routing.visible.affinity or routing.mirror
    mirrored = any(mirrors(item, canary) for rule in found for item in rule.get("filters") or ())
    return not asked and not mirrored and not any(map(ours.own, found))


def _split(rule: Rule, canary: Object, sides: Sequence[Mapping[str, Any]]) -> Rule:
    """A user's rule with the split where it leads to the engine's Services."""
    led = leads(rule, canary)
    if led == 0:
        return rule
    refs = rule["backendRefs"]
    if led == 1:
        return {**rule, "backendRefs": _kept(refs[0], sides)}
    meant = {side["name"]: side["weight"] for side in sides}
    return {**rule, "backendRefs": [{**ref, "weight": meant[ref["name"]]} for ref in refs]}


def _one_by_one(found: Sequence[Rule], wanted: Sequence[Rule]) -> list[dict[str, Any]]:
    """JSON Patch where rules differ in their backends alone: weights where that is all."""
    operations: list[dict[str, Any]] = []
    for index, (rule, other) in enumerate(zip(found, wanted, strict=True)):
        refs, meant = rule.get("backendRefs") or [], other.get("backendRefs") or []
        path = f"/spec/rules/{index}/backendRefs"
        if [ref["name"] for ref in refs] == [ref["name"] for ref in meant]:
            operations += _weights(path, refs, meant)
        else:
            operations += [
                {"op": "test", "path": path, "value": clone(refs)},
                {"op": "replace", "path": path, "value": clone(meant)},
            ]
    return operations


SHAPES = Shapes(leads, bearers, for_test)


def _around(rule: Rule, canary: Object, routing: Routing, mine: tuple[str, ...]) -> Iterator[Rule]:
    base = {key: value for key, value in rule.items() if key != "backendRefs"}
    if "filters" in base:
        base["filters"] = [item for item in base["filters"] if not mirrors(item, canary)]
    refs = {backend(ref, canary["metadata"]["namespace"]): ref for ref in rule["backendRefs"]}
    sides = []
    for side in backends(canary, routing):
        ref = refs.get(side["name"], rule["backendRefs"][0])
        sides += _kept({**ref, "filters": users_filters(ref, mine)}, [side])
    *own, last = made_of(base, sides, canary, routing)
    # The name of a rule is the user's, and unique.
    yield from ({key: value for key, value in made.items() if key != "name"} for made in own)
    yield last


def users_filters(holder: Mapping[str, Any], mine: tuple[str, ...]) -> list[Rule]:
    """The filters of a rule or a backend without cookies that begin like one of ``mine``."""
    kept: list[Rule] = []
    for item in clone(holder.get("filters") or []):
        change = item.get("responseHeaderModifier") or {}
        if item.get("type") == MODIFIER and change.get("add"):
            change["add"] = [
                header
                for header in change["add"]
                if header["name"] != "Set-Cookie" or not header["value"].startswith(mine)
            ]
            if not change["add"]:
                del change["add"]
            if not any(change.values()):
                continue
        kept.append(item)
    return kept


def whole(found: Sequence[Rule], wanted: Sequence[Rule]) -> list[dict[str, Any]]:
    """JSON Patch from the rules ``found`` to those ``wanted``; empty when they mean the same."""
    if normal({"rules": found}) == normal({"rules": wanted}):
        return []
    return [
        {"op": "test", "path": "/spec/rules", "value": clone(found)},
        {"op": "replace", "path": "/spec/rules", "value": clone(wanted)},
    ]


def _kept(ref: Mapping[str, Any], sides: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The split, each side with the filters of the user's only backend."""
    rest = {"filters": ref["filters"]} if ref.get("filters") else {}
    return [{**side, **clone(rest)} for side in sides]


def _weights(
    path: str, refs: Sequence[Mapping[str, Any]], meant: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    operations: list[dict[str, Any]] = []
    for index, (ref, other) in enumerate(zip(refs, meant, strict=True)):
        weight = other.get("weight", 1)
        if ref.get("weight", 1) != weight:
            operations += [
                {"op": "test", "path": f"{path}/{index}/name", "value": ref["name"]},
                {"op": "add", "path": f"{path}/{index}/weight", "value": weight},
            ]
    return operations


def _annotations(live: Object, canary: Object) -> list[dict[str, Any]]:
    merged = annotated(live, canary)
    if merged == (live["metadata"].get("annotations") or {}):
        return []
    return [{"op": "add", "path": "/metadata/annotations", "value": merged}]
