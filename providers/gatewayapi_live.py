"""A live HTTPRoute: what its rules split, and how it is compared with what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from providers import conditions, cookies, names
from providers.gatewayapi_matches import ANY_PATH, conjunction
from providers.gatewayapi_rules import backend
from providers.gatewayapi_spec import mirrors_a_share, tested
from providers.gatewayapi_status import GROUP
from providers.interface import Object
from providers.names import clone
from providers.splits import Split

Rule = dict[str, Any]


def rule_splits(live: Object, canary: Object) -> Iterator[Split]:
    """Each rule that leads to primary and canary, and to nothing else.

    In an A/B test, those with its conditions: any other sends the canary people that weren't asked
    for (D7).
    """
    apex, namespace = names.apex(canary), canary["metadata"]["namespace"]
    for each in live["spec"].get("rules") or ():
        rule = without_guests(each, canary)
        refs = rule.get("backendRefs") or ()
        shares = {backend(ref, namespace): int(ref.get("weight", 1)) for ref in refs}
        if len(refs) == 2 and set(shares) == {f"{apex}-primary", f"{apex}-canary"}:
            if conditions.analysed(canary) and not for_test(rule, canary):
                continue
            yield Split(
                shares[f"{apex}-primary"],
                shares[f"{apex}-canary"],
                pair=bearers(rule, canary),
                expires=_expires(rule),
                mirrors=any(mirrors(item, canary) for item in rule.get("filters") or ()),
            )


def leads(rule: Rule, canary: Object) -> int:
    """2: to primary and canary and nothing else; 1: to the apex or the primary alone; else 0."""
    apex, refs = names.apex(canary), rule.get("backendRefs") or []
    found = [backend(ref, canary["metadata"]["namespace"]) for ref in refs]
    if len(found) == 2 and set(found) == {f"{apex}-primary", f"{apex}-canary"}:
        return 2
    return int(len(found) == 1 and found[0] in (apex, f"{apex}-primary"))


def without_guests(rule: Rule, canary: Object) -> Rule:
    """The rule without those backends that are only named, on the way from apex to the engine's own
    Services or back: those of the side that has no weight (``gatewayapi_switch``)."""
    refs, apex = rule.get("backendRefs") or [], names.apex(canary)
    found = {backend(ref, canary["metadata"]["namespace"]): ref for ref in refs}
    if len(refs) < 2 or len(found) < len(refs) or apex not in found:
        return rule
    ours = [ref for name, ref in found.items() if name != apex]
    if not set(found) <= {apex, f"{apex}-primary", f"{apex}-canary"}:
        return rule
    if found[apex].get("weight", 1) == 0:
        return {**rule, "backendRefs": ours}
    if any(ref.get("weight", 1) for ref in ours):
        return rule
    return {**rule, "backendRefs": [found[apex]]}


def bearers(rule: Mapping[str, Any], canary: Object) -> str:
    """The cookie whose bearers this rule is for; empty when it is for everybody."""
    if conditions.has_cookie(canary):
        return ""
    found = {_cookie(match) for match in rule.get("matches") or ()}
    return found.pop() if len(found) == 1 else ""


def for_test(rule: Mapping[str, Any], canary: Object) -> bool:
    """Whether each match of this rule has all conditions of an item of the A/B test."""
    found, asked = rule.get("matches") or (), tested(canary)
    return bool(found) and all(
        any(conjunction([each], [item]) == conjunction([each], [{}]) for item in asked)
        for each in found
    )


def _cookie(match: Mapping[str, Any]) -> str:
    for condition in match.get("headers") or ():
        if condition.get("name") == cookies.HEADER:
            return cookies.recognised(str(condition.get("value")))
    return ""


def _expires(rule: Mapping[str, Any]) -> bool:
    return any(
        header.get("name") == "Set-Cookie" and "; Max-Age=-1" in str(header.get("value"))
        for item in rule.get("filters") or ()
        for header in (item.get("responseHeaderModifier") or {}).get("add") or ()
    )


def mirrors(item: Mapping[str, Any], canary: Object) -> bool:
    """Whether this filter sends a copy to the canary."""
    ref = (item.get("requestMirror") or {}).get("backendRef") or {}
    return backend(ref, canary["metadata"]["namespace"]) == f"{names.apex(canary)}-canary"


def lacks_percent(live: Object, canary: Object) -> bool:
    """Whether a filter that mirrors to the canary hasn't the percent it should have (D11)."""
    if not mirrors_a_share(canary):
        return False
    return any(
        mirrors(item, canary) and not {"percent", "fraction"} & set(item["requestMirror"])
        for rule in live["spec"].get("rules") or ()
        for item in rule.get("filters") or ()
    )


def without_percent(found: Mapping[str, Any]) -> dict[str, Any]:
    """A spec as a CRD before Gateway API 1.3 keeps it."""
    kept: dict[str, Any] = clone(found)
    for rule in kept["rules"]:
        for item in rule.get("filters") or ():
            item.get("requestMirror", {}).pop("percent", None)
    return kept


def normal(found: Mapping[str, Any]) -> Any:
    """A spec with the API server's defaults filled in, for comparing."""
    filled = clone(found)
    for parent in filled.get("parentRefs") or ():
        parent.setdefault("group", GROUP)
        parent.setdefault("kind", "Gateway")
    for rule in filled.get("rules") or ():
        rule["matches"] = rule.get("matches") or [{}]
        for match in rule["matches"]:
            path = match.setdefault("path", dict(ANY_PATH))
            path.setdefault("type", "PathPrefix")
            for key in ("headers", "queryParams"):
                for condition in match.get(key) or ():
                    condition.setdefault("type", "Exact")
                match[key] = sorted(match.get(key) or (), key=lambda each: str(each.get("name")))
        for ref in rule.get("backendRefs") or ():
            ref.setdefault("group", "")
            ref.setdefault("kind", "Service")
            ref.setdefault("weight", 1)
        for item in rule.get("filters") or ():
            if "cors" in item:
                item["cors"].setdefault("maxAge", 5)
    return _compact(filled)


def _compact(value: Any) -> Any:
    """Without nulls and empty parts, but keeping the empty group of a core Service."""
    return names.compact(value)
