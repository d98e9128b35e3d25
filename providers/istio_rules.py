"""What goes into a VirtualService, and which rules there are (providers 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers import conditions, cookies, names
from providers.expressions import escape
from providers.interface import Object, Routing
from providers.istio_silence import silent
from providers.names import clone

Rule = dict[str, Any]


def is_tcp(canary: Object) -> bool:
    """``appProtocol: tcp``, in any case, routes connections instead of requests."""
    return str(names.service(canary).get("appProtocol") or "").lower() == "tcp"


def hosts(canary: Object) -> list[str]:
    """``service.hosts`` and the apex name, unless it or ``*`` is there."""
    found = list(names.service(canary).get("hosts") or ())
    apex = names.apex(canary)
    return found if apex in found or "*" in found else [*found, apex]


def route(canary: Object, routing: Routing) -> list[Rule]:
    """The weighted destinations, primary first."""
    apex = names.apex(canary)
    port = _port(names.service(canary))
    shares = ((f"{apex}-primary", routing.primary), (f"{apex}-canary", routing.canary))
    return [{"destination": {"host": host, **port}, "weight": weight} for host, weight in shares]


def destination(route: Mapping[str, Any], namespace: str) -> str:
    """Name of the Service of ``namespace`` that ``route`` leads to; empty for any other host."""
    host = str((route.get("destination") or {}).get("host") or "")
    name, _, rest = host.partition(".")
    own = rest in ("", namespace, f"{namespace}.svc") or rest.startswith(f"{namespace}.svc.")
    return name if own else ""


def _port(service: Mapping[str, Any]) -> dict[str, Any]:
    """The destination port, under Flagger's condition."""
    gateways = service.get("gateways") or []
    outside = bool(gateways) and gateways[0] != "mesh"
    if service.get("portDiscovery") and (service.get("delegation") or outside):
        return {"port": {"number": int(service["port"])}}
    return {}


def spec(canary: Object, routing: Routing) -> dict[str, Any]:
    """The whole spec of a generated VirtualService."""
    service = names.service(canary)
    if service.get("delegation"):
        # Said rather than left out, so that an apply clears what somebody put there (D46).
        found: dict[str, Any] = {"hosts": []}
    else:
        found = {"hosts": hosts(canary), "gateways": service.get("gateways") or ["mesh"]}
    sides = route(canary, routing)
    if is_tcp(canary):
        found["tcp"] = [_tcp(service, sides)]
    else:
        found["http"] = list(rules(_http(service), sides, canary, routing))
    return found


def _tcp(service: Mapping[str, Any], to: list[Rule]) -> Rule:
    ports = [{"port": item["port"]} for item in service.get("match") or () if item.get("port")]
    return {"match": ports, "route": to} if ports else {"route": to}


def _http(service: Mapping[str, Any]) -> Rule:
    """The rule of a generated VirtualService, without its route."""
    rule: Rule = {}
    if service.get("match"):
        rule["match"] = silent(service["match"])
    rewrite = service.get("rewrite") or {}
    kept = {key: rewrite[key] for key in ("uri", "authority") if rewrite.get(key)}
    if kept:
        rule["rewrite"] = kept
    for field in ("timeout", "retries", "corsPolicy", "headers"):
        if service.get(field):
            rule[field] = silent(service[field])
    return rule


def rules(rule: Rule, sides: Sequence[Rule], canary: Object, routing: Routing) -> Iterator[Rule]:
    """What becomes of ``rule``, which has no route, with these two destinations: rules with more
    conditions stand first, since the first that matches counts."""
    if conditions.analysed(canary):
        yield from _test(rule, sides, canary, routing)
    else:
        yield from _sticky(rule, sides, canary, routing)
        yield _weighted(rule, sides, canary, routing)


def _split(rule: Rule, sides: Sequence[Rule], primary: int, share: int) -> Rule:
    weighted = [{**sides[0], "weight": primary}, {**sides[1], "weight": share}]
    return {**clone(rule), "route": clone(weighted)}


def tested(canary: Object) -> list[Rule]:
    """The conditions of an A/B test, in Istio's words."""
    return [_said(item) for item in conditions.analysed(canary) if not list(unsaid(item))]


def unsaid(item: Mapping[str, Any]) -> Iterator[str]:
    """What of an item of ``analysis.match`` a VirtualService has no words for (D8)."""
    for name, condition in (item.get("queryParams") or {}).items():
        if condition.get("exact") is None and condition.get("regex") is None:
            yield f"queryParams.{name}"


def _said(item: Mapping[str, Any]) -> Rule:
    """An item of ``analysis.match`` in Istio's words, which have no suffix (D8)."""
    headers = dict(item.get("headers") or {})
    for name, condition in headers.items():
        if condition.get("suffix"):
            headers[name] = {"regex": f".*{escape(condition['suffix'])}"}
    return {**item, "headers": headers} if headers else dict(item)


def _test(rule: Rule, sides: Sequence[Rule], canary: Object, routing: Routing) -> Iterator[Rule]:
    """A/B: matching requests are split, all others go to the primary."""
    joined = conditions.merged(tested(canary), rule.get("match") or ())
    if joined:
        found = _split({**rule, "match": joined}, sides, routing.primary, routing.canary)
        yield _mirrored(found, canary) if routing.mirror else found
    # Always 100, whatever the share of matching requests (D13).
    found = _split(rule, sides, 100, 0)
    yield {**found, "route": found["route"][:1]}


def mirror(canary: Object) -> Rule:
    """The fields of a rule that copy requests to the canary; without a percentage all of them."""
    share = int(names.analysis(canary).get("mirrorWeight") or 0)
    found: Rule = {"mirror": route(canary, Routing(0, 100))[1]["destination"]}
    return {**found, "mirrorPercentage": {"value": share}} if share > 0 else found


def _weighted(rule: Rule, sides: Sequence[Rule], canary: Object, routing: Routing) -> Rule:
    """The rule for everybody; it hands out the cookies while the canary gets traffic."""
    found = _split(rule, sides, routing.primary, routing.canary)
    held = routing.visible.affinity
    if held and held.canary:
        primary, other = found["route"]
        _set_cookie(other, cookies.canary_cookie(canary, held.canary))
        if held.primary:
            _set_cookie(primary, cookies.primary_cookie(canary, held.primary))
    return _mirrored(found, canary) if routing.mirror else found


def _mirrored(rule: Rule, canary: Object) -> Rule:
    """``rule`` with its mirror; one that a user put there stays (S11)."""
    return rule if rule.get("mirror") else {**rule, **mirror(canary)}


def _sticky(rule: Rule, sides: Sequence[Rule], canary: Object, routing: Routing) -> Iterator[Rule]:
    """The rules for bearers of cookies; none without a condition, which would catch everybody."""
    held = routing.visible.affinity
    if held is None:
        return
    for pair, primary in ((held.canary, 0), (held.primary, 100), (held.previous, 100)):
        joined = conditions.merged(cookies.bearing(pair), rule.get("match") or ())
        if joined:
            found = _split({**rule, "match": joined}, sides, primary, 100 - primary)
            if pair == held.previous:
                _set_cookie(found, cookies.expiry(canary, pair))
            yield found


def _set_cookie(holder: Rule, value: str) -> None:
    """Let a rule or a destination answer with this cookie, and no other rule (D37)."""
    response = holder.setdefault("headers", {}).setdefault("response", {})
    response["add"] = {**(response.get("add") or {}), "Set-Cookie": value}
