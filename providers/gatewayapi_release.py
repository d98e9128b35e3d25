"""A user's HTTPRoute when its Canary goes: back to the apex Service (D34)."""

from __future__ import annotations

from typing import Any

from providers import names
from providers.gatewayapi_adopt import SHAPES, leads, users_filters, whole
from providers.gatewayapi_live import mirrors
from providers.gatewayapi_rules import backend
from providers.gatewayapi_spec import Rule
from providers.interface import Object
from providers.ours import MATCH


def release(live: Object, canary: Object) -> list[dict[str, Any]]:
    """JSON Patch that undoes ``adoption``: one backend, the apex Service, where the split was, and
    nothing else of the engine; empty when nothing of it is left."""
    found, ours = list(live["spec"].get("rules") or ()), SHAPES.within(live, canary)
    mine = ours.handed_out(found)
    operations = whole(found, [_back(rule, canary, mine) for rule in ours.users_rules(found)])
    return [*operations, *names.freed(live, bool(operations), MATCH)]


def _back(rule: Rule, canary: Object, mine: tuple[str, ...]) -> Rule:
    if not leads(rule, canary):
        return rule
    apex, namespace = names.apex(canary), canary["metadata"]["namespace"]
    refs = {backend(ref, namespace): ref for ref in rule["backendRefs"]}
    kept = {key: value for key, value in rule.items() if key != "filters"}
    filters = [item for item in users_filters(rule, mine) if not mirrors(item, canary)]
    if filters:
        kept["filters"] = filters
    if apex not in refs:
        kept["backendRefs"] = [_to_apex(refs[f"{apex}-primary"], apex, mine)]
    return kept


def _to_apex(primary: Rule, apex: str, mine: tuple[str, ...]) -> Rule:
    """The backend of the primary as one of the apex, which has the same ports."""
    kept = {key: value for key, value in primary.items() if key not in ("weight", "filters")}
    filters = users_filters(primary, mine)
    return {**kept, "name": apex, **({"filters": filters} if filters else {})}
