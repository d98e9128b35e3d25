"""A live VirtualService: what its rules split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from providers import conditions, cookies, names
from providers.interface import Object
from providers.istio_rules import destination, is_tcp, tested
from providers.splits import Split


def rule_splits(live: Object, canary: Object) -> Iterator[Split]:
    """Each rule that routes to primary and canary, and to nothing else.

    In an A/B test, those with its conditions: any other sends the canary people that weren't asked
    for (D7).
    """
    apex, namespace = names.apex(canary), canary["metadata"]["namespace"]
    for rule in live["spec"].get("tcp" if is_tcp(canary) else "http") or ():
        routes = rule.get("route") or ()
        shares = {destination(r, namespace): int(r.get("weight", 0)) for r in routes}
        if len(routes) == 2 and set(shares) == {f"{apex}-primary", f"{apex}-canary"}:
            if conditions.analysed(canary) and not for_test(rule, canary):
                continue
            yield Split(
                shares[f"{apex}-primary"],
                shares[f"{apex}-canary"],
                pair=bearers(rule, canary),
                expires=_expires(rule),
                mirrors=mirrors(rule, canary),
            )


def bearers(rule: Mapping[str, Any], canary: Object) -> str:
    """The cookie whose bearers this rule is for; empty when it is for everybody."""
    if conditions.has_cookie(canary):
        return ""
    found = {
        cookies.recognised(str((match.get("headers") or {}).get(cookies.HEADER, {}).get("regex")))
        for match in rule.get("match") or ()
    }
    return found.pop() if len(found) == 1 else ""


def for_test(rule: Mapping[str, Any], canary: Object) -> bool:
    """Whether each match of this rule has all conditions of an item of the A/B test."""
    found, asked = rule.get("match") or (), tested(canary)
    return bool(found) and all(
        any(conditions.merged([item], [each]) == [each] for item in asked) for each in found
    )


def mirrors(rule: Mapping[str, Any], canary: Object) -> bool:
    """Whether this rule sends the canary a copy."""
    to = destination({"destination": rule.get("mirror")}, canary["metadata"]["namespace"])
    return to == f"{names.apex(canary)}-canary"


def occupied(live: Object, canary: Object) -> bool:
    """Whether a rule with our split mirrors elsewhere: it can do that to one place only."""
    return any(
        rule.get("mirror") and not mirrors(rule, canary) and _leads_here(rule, canary)
        for rule in live["spec"].get("http") or ()
    )


def _leads_here(rule: Mapping[str, Any], canary: Object) -> bool:
    namespace, apex = canary["metadata"]["namespace"], names.apex(canary)
    found = {destination(r, namespace) for r in rule.get("route") or ()}
    return bool(found & {apex, f"{apex}-primary"})


def _expires(rule: Mapping[str, Any]) -> bool:
    response = (rule.get("headers") or {}).get("response") or {}
    return "; Max-Age=-1" in str((response.get("add") or {}).get("Set-Cookie"))
