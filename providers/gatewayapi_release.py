"""A user's HTTPRoute when its Canary goes: back to the apex Service (D34)."""

from __future__ import annotations

from providers import names
from providers.gatewayapi_adopt import SHAPES, users_filters, whole
from providers.gatewayapi_live import leads, mirrors, without_guests
from providers.gatewayapi_rules import backend
from providers.gatewayapi_spec import Rule
from providers.gatewayapi_switch import next_rules
from providers.interface import Object
from providers.ours import MATCH
from providers.releasing import Release


def release(live: Object, canary: Object) -> Release:
    """What undoes ``adoption``: one backend, the apex Service, where the split was, and nothing of
    the engine beside it."""
    found, ours = list(live["spec"].get("rules") or ()), SHAPES.within(live, canary)
    bare = [without_guests(rule, canary) for rule in found]
    mine = ours.handed_out(bare)
    wanted = [_back(rule, canary, mine) for rule in ours.users_rules(bare)]
    rules, waits = next_rules(found, wanted, canary)
    operations = whole(found, rules)
    if rules != wanted:
        return Release(operations, waits, last=False)
    return Release([*operations, *names.freed(live, bool(operations), MATCH)], waits)


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
