"""A live VirtualService: what its rules split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from providers import conditions, cookies, names
from providers.interface import Object
from providers.istio_rules import destination, is_tcp
from providers.splits import Split


def rule_splits(live: Object, canary: Object) -> Iterator[Split]:
    """Each rule that routes to primary and canary, and to nothing else."""
    apex, namespace = names.apex(canary), canary["metadata"]["namespace"]
    for rule in live["spec"].get("tcp" if is_tcp(canary) else "http") or ():
        routes = rule.get("route") or ()
        shares = {destination(r, namespace): int(r.get("weight", 0)) for r in routes}
        if len(routes) == 2 and set(shares) == {f"{apex}-primary", f"{apex}-canary"}:
            copied = destination({"destination": rule.get("mirror")}, namespace)
            yield Split(
                shares[f"{apex}-primary"],
                shares[f"{apex}-canary"],
                pair=_pair(rule, canary),
                expires=_expires(rule),
                mirrors=copied == f"{apex}-canary",
            )


def _pair(rule: Mapping[str, Any], canary: Object) -> str:
    """The cookie whose bearers this rule is for."""
    if conditions.has_cookie(canary):
        return ""
    found = {
        cookies.recognised(str((match.get("headers") or {}).get(cookies.HEADER, {}).get("regex")))
        for match in rule.get("match") or ()
    }
    return found.pop() if len(found) == 1 else ""


def _expires(rule: Mapping[str, Any]) -> bool:
    response = (rule.get("headers") or {}).get("response") or {}
    return "; Max-Age=-1" in str((response.get("add") or {}).get("Set-Cookie"))
