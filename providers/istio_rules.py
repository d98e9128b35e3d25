"""What goes into a VirtualService, and which rules there are (providers 4)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers import conditions, cookies, names
from providers.expressions import escape
from providers.interface import Object, Routing

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
    if is_tcp(canary):
        found["tcp"] = [_tcp(service, route(canary, routing))]
    else:
        found["http"] = list(http(canary, routing))
    return found


def _tcp(service: Mapping[str, Any], to: list[Rule]) -> Rule:
    ports = [{"port": item["port"]} for item in service.get("match") or () if item.get("port")]
    return {"match": ports, "route": to} if ports else {"route": to}


def http(canary: Object, routing: Routing) -> Iterator[Rule]:
    """The rules with conditions first: the first that matches counts."""
    if conditions.analysed(canary):
        yield from _test(canary, routing)
    else:
        yield from _sticky(canary, routing)
        yield _weighted(canary, routing)


def _rule(canary: Object, items: Sequence[Mapping[str, Any]], to: list[Rule]) -> Rule:
    service = names.service(canary)
    rule: Rule = {"route": to}
    if items:
        rule["match"] = [dict(item) for item in items]
    rewrite = service.get("rewrite") or {}
    kept = {key: rewrite[key] for key in ("uri", "authority") if rewrite.get(key)}
    if kept:
        rule["rewrite"] = kept
    for field in ("timeout", "retries", "corsPolicy", "headers"):
        if service.get(field):
            rule[field] = service[field]
    return rule


def _test(canary: Object, routing: Routing) -> Iterator[Rule]:
    """A/B: matching requests are split, all others go to the primary."""
    asked = [said(item) for item in conditions.analysed(canary) if not list(unsaid(item))]
    items = conditions.merged(asked, canary)
    if items:
        rule = _rule(canary, items, route(canary, routing))
        yield {**rule, **mirror(canary)} if routing.mirror else rule
    # Always 100, whatever the share of matching requests (D13).
    yield _rule(canary, _bounds(canary), route(canary, Routing(100, 0))[:1])


def unsaid(item: Mapping[str, Any]) -> Iterator[str]:
    """What of an item of ``analysis.match`` a VirtualService has no words for (D8)."""
    for name, condition in (item.get("queryParams") or {}).items():
        if condition.get("exact") is None and condition.get("regex") is None:
            yield f"queryParams.{name}"


def said(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item of ``analysis.match`` in Istio's words, which have no suffix (D8)."""
    headers = {
        name: {"regex": f".*{escape(condition['suffix'])}"}
        if condition.get("suffix")
        else condition
        for name, condition in (item.get("headers") or {}).items()
    }
    return {**item, "headers": headers} if headers else dict(item)


def _bounds(canary: Object) -> list[Mapping[str, Any]]:
    return list(names.service(canary).get("match") or ())


def mirror(canary: Object) -> Rule:
    """The fields of a rule that copy requests to the canary; without a percentage all of them."""
    share = int(names.analysis(canary).get("mirrorWeight") or 0)
    found: Rule = {"mirror": route(canary, Routing(0, 100))[1]["destination"]}
    return {**found, "mirrorPercentage": {"value": share}} if share > 0 else found


def _weighted(canary: Object, routing: Routing) -> Rule:
    """The rule for everybody; it hands out the cookies while the canary gets traffic."""
    to = route(canary, routing)
    held = routing.visible.affinity
    if held and held.canary:
        to[1]["headers"] = _set_cookie(cookies.canary_cookie(canary, held.canary))
        if held.primary:
            to[0]["headers"] = _set_cookie(cookies.primary_cookie(canary, held.primary))
    rule = _rule(canary, _bounds(canary), to)
    return {**rule, **mirror(canary)} if routing.mirror else rule


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
        yield _rule(canary, items, route(canary, routing))


def _set_cookie(value: str) -> Rule:
    return {"response": {"add": {"Set-Cookie": value}}}


def _answering(rule: Rule, value: str) -> Rule:
    """``rule`` with the cookie in its answers, and in those of no other rule (D37)."""
    headers = copy.deepcopy(dict(rule.get("headers") or {}))
    response = dict(headers.get("response") or {})
    response["add"] = {**(response.get("add") or {}), "Set-Cookie": value}
    return {**rule, "headers": {**headers, "response": response}}
