"""The spec of a generated HTTPRoute: which rules there are, and in which order (providers 5)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from providers import conditions, cookies, names
from providers.gatewayapi_rules import expressible, filters, matches, timeouts
from providers.gatewayapi_status import GROUP
from providers.interface import Object, Routing

Rule = dict[str, Any]


def spec(canary: Object, routing: Routing) -> dict[str, Any]:
    """The whole spec for ``routing``."""
    service = names.service(canary)
    found: dict[str, Any] = {
        "parentRefs": [
            {"group": GROUP, "kind": "Gateway", **ref} for ref in service.get("gatewayRefs") or ()
        ],
        "rules": list(rules(canary, routing)),
    }
    if service.get("hosts"):
        found["hostnames"] = list(service["hosts"])
    return found


def rules(canary: Object, routing: Routing) -> Iterator[Rule]:
    """The rules with conditions first: of two equally specific ones the first counts."""
    if conditions.analysed(canary):
        yield from _test(canary, routing)
    else:
        yield from _sticky(canary, routing)
        yield _weighted(canary, routing)


def backends(canary: Object, routing: Routing) -> list[Rule]:
    """The weighted backends, primary first."""
    apex = names.apex(canary)
    return [
        {**_backend(canary, f"{apex}-primary"), "weight": routing.primary},
        {**_backend(canary, f"{apex}-canary"), "weight": routing.canary},
    ]


def _backend(canary: Object, name: str) -> Rule:
    port = int(names.service(canary)["port"])
    return {"group": "", "kind": "Service", "name": name, "port": port}


def mirror(canary: Object) -> Rule:
    """The filter that copies requests to the canary; without ``percent`` it copies all (D11)."""
    share = int(names.analysis(canary).get("mirrorWeight") or 0)
    percent = {"percent": share} if 0 < share < 100 else {}
    ref = _backend(canary, f"{names.apex(canary)}-canary")
    return {"type": "RequestMirror", "requestMirror": {"backendRef": ref, **percent}}


def _rule(canary: Object, items: Any, to: list[Rule]) -> Rule:
    service = names.service(canary)
    rule: Rule = {"matches": matches(items), "backendRefs": to}
    extra = filters(service)
    if extra:
        rule["filters"] = extra
    limits = timeouts(service)
    if limits:
        rule["timeouts"] = limits
    return rule


def _test(canary: Object, routing: Routing) -> Iterator[Rule]:
    """A/B: matching requests are split, all others go to the primary."""
    asked = [item for item in conditions.analysed(canary) if expressible(item)]
    items = conditions.merged(asked, canary)
    if items:
        rule = _rule(canary, items, backends(canary, routing))
        yield _mirrored(rule, canary) if routing.mirror else rule
    # Always 100, whatever the share of matching requests (D13).
    yield _rule(canary, _bounds(canary), backends(canary, Routing(100, 0))[:1])


def _bounds(canary: Object) -> list[Mapping[str, Any]]:
    return list(names.service(canary).get("match") or ())


def _weighted(canary: Object, routing: Routing) -> Rule:
    """The rule for everybody; it hands out the cookies while the canary gets traffic."""
    to = backends(canary, routing)
    held = routing.visible.affinity
    if held and held.canary:
        to[1]["filters"] = [_set_cookie(cookies.canary_cookie(canary, held.canary))]
        if held.primary:
            to[0]["filters"] = [_set_cookie(cookies.primary_cookie(canary, held.primary))]
    rule = _rule(canary, _bounds(canary), to)
    return _mirrored(rule, canary) if routing.mirror else rule


def _mirrored(rule: Rule, canary: Object) -> Rule:
    return {**rule, "filters": [*rule.get("filters", ()), mirror(canary)]}


def _sticky(canary: Object, routing: Routing) -> Iterator[Rule]:
    """The rules for bearers of cookies."""
    held = routing.visible.affinity
    if held is None:
        return
    if held.canary:
        yield from _bearers(canary, held.canary, Routing(0, 100))
    if held.primary:
        yield from _bearers(canary, held.primary, Routing(100, 0))
    for rule in _bearers(canary, held.previous, Routing(100, 0)):
        yield _answering(rule, cookies.expiry(canary, held.previous))


def _bearers(canary: Object, pair: str, routing: Routing) -> Iterator[Rule]:
    """The rule for who bears this cookie; none without a condition, which would catch everybody."""
    items = conditions.merged(cookies.bearing(pair), canary)
    if items:
        yield _rule(canary, items, backends(canary, routing))


def _set_cookie(value: str) -> Rule:
    return {
        "type": "ResponseHeaderModifier",
        "responseHeaderModifier": {"add": [{"name": "Set-Cookie", "value": value}]},
    }


def _answering(rule: Rule, value: str) -> Rule:
    """``rule`` with the cookie in its answers: a rule may have one such filter only (D38)."""
    found = copy.deepcopy(rule)
    added = _set_cookie(value)
    for item in found.get("filters", ()):
        if item["type"] == added["type"]:
            change = item["responseHeaderModifier"]
            change["add"] = [*change.get("add", ()), *added["responseHeaderModifier"]["add"]]
            return found
    # Where the service's own would stand: behind the one of requests.
    have = found.get("filters", [])
    place = sum(item["type"] == "RequestHeaderModifier" for item in have)
    return {**found, "filters": [*have[:place], added, *have[place:]]}
