"""The rules of an HTTPRoute: which there are, and in which order (providers 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers import conditions, cookies, names
from providers.gatewayapi_matches import conjunction, expressible, match, matches
from providers.gatewayapi_rules import filters, timeouts
from providers.gatewayapi_status import GROUP
from providers.interface import Object, Routing
from providers.names import clone

Rule = dict[str, Any]

MODIFIER = "ResponseHeaderModifier"


def spec(canary: Object, routing: Routing) -> dict[str, Any]:
    """The whole spec of a generated route for ``routing``."""
    service = names.service(canary)
    rule: Rule = {"matches": matches(service.get("match") or ())}
    extra = filters(service)
    if extra:
        rule["filters"] = extra
    limits = timeouts(service)
    if limits:
        rule["timeouts"] = limits
    found: dict[str, Any] = {
        "parentRefs": [
            {"group": GROUP, "kind": "Gateway", **ref} for ref in service.get("gatewayRefs") or ()
        ],
        "rules": list(rules(rule, backends(canary, routing), canary, routing)),
    }
    if service.get("hosts"):
        found["hostnames"] = list(service["hosts"])
    return found


def rules(rule: Rule, sides: Sequence[Rule], canary: Object, routing: Routing) -> Iterator[Rule]:
    """What becomes of ``rule``, which has no backends, with these two: rules with more conditions
    stand first, since of two that are equally specific the first counts."""
    if conditions.analysed(canary):
        yield from _test(rule, sides, canary, routing)
    else:
        yield from _sticky(rule, sides, canary, routing)
        yield _weighted(rule, sides, canary, routing)


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


def mirrors_a_share(canary: Object) -> bool:
    """Whether fewer than all requests are to be copied."""
    return 0 < int(names.analysis(canary).get("mirrorWeight") or 0) < 100


def mirror(canary: Object) -> Rule:
    """The filter that copies requests to the canary; without ``percent`` it copies all (D11)."""
    share = mirrors_a_share(canary)
    percent = {"percent": int(names.analysis(canary)["mirrorWeight"])} if share else {}
    ref = _backend(canary, f"{names.apex(canary)}-canary")
    return {"type": "RequestMirror", "requestMirror": {"backendRef": ref, **percent}}


def _split(rule: Rule, sides: Sequence[Rule], primary: int, share: int) -> Rule:
    weighted = [{**sides[0], "weight": primary}, {**sides[1], "weight": share}]
    return {**clone(rule), "backendRefs": clone(weighted)}


def tested(canary: Object) -> list[Rule]:
    """The conditions of an A/B test, each as a match without path."""
    items = [item for item in conditions.analysed(canary) if expressible(item)]
    return [_bare(item) for item in items if _bare(item)]


def _bare(item: Mapping[str, Any]) -> Rule:
    """Conditions alone: their path is that of the rule that they join."""
    return {key: value for key, value in match(item).items() if key != "path"}


def _test(rule: Rule, sides: Sequence[Rule], canary: Object, routing: Routing) -> Iterator[Rule]:
    """A/B: matching requests are split, all others go to the primary."""
    joined = conjunction(rule.get("matches") or (), tested(canary))
    if joined:
        found = _split({**rule, "matches": joined}, sides, routing.primary, routing.canary)
        yield _mirrored(found, canary) if routing.mirror else found
    # Always 100, whatever the share of matching requests (D13).
    found = _split(rule, sides, 100, 0)
    yield {**found, "backendRefs": found["backendRefs"][:1]}


def _weighted(rule: Rule, sides: Sequence[Rule], canary: Object, routing: Routing) -> Rule:
    """The rule for everybody; it hands out the cookies while the canary gets traffic."""
    found = _split(rule, sides, routing.primary, routing.canary)
    held = routing.visible.affinity
    if held and held.canary:
        primary, other = found["backendRefs"]
        _set_cookie(other, cookies.canary_cookie(canary, held.canary))
        if held.primary:
            _set_cookie(primary, cookies.primary_cookie(canary, held.primary))
    return _mirrored(found, canary) if routing.mirror else found


def _mirrored(rule: Rule, canary: Object) -> Rule:
    return {**rule, "filters": [*rule.get("filters", ()), mirror(canary)]}


def _sticky(rule: Rule, sides: Sequence[Rule], canary: Object, routing: Routing) -> Iterator[Rule]:
    """The rules for bearers of cookies; none without a condition, which would catch everybody."""
    held = routing.visible.affinity
    if held is None:
        return
    for pair, primary in ((held.canary, 0), (held.primary, 100), (held.previous, 100)):
        joined = conjunction(
            rule.get("matches") or (), [_bare(item) for item in cookies.bearing(pair)]
        )
        if joined:
            found = _split({**rule, "matches": joined}, sides, primary, 100 - primary)
            if pair == held.previous:
                _set_cookie(found, cookies.expiry(canary, pair))
            yield found


def _set_cookie(holder: Rule, value: str) -> None:
    """Let a rule or a backend answer with this cookie: it may have one such filter only (D38), and
    that one header of the name."""
    added = {"name": "Set-Cookie", "value": value}
    have = holder.setdefault("filters", [])
    for item in have:
        if item["type"] == MODIFIER:
            change = item["responseHeaderModifier"]
            others = [h for h in change.get("add") or () if h["name"].lower() != "set-cookie"]
            change["add"] = [*others, added]
            return
    # Where the service's own would stand: behind the one of requests.
    place = sum(item["type"] == "RequestHeaderModifier" for item in have)
    have.insert(place, {"type": MODIFIER, "responseHeaderModifier": {"add": [added]}})
