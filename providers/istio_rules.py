"""What goes into a VirtualService (providers 4.1, 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers import names
from providers.interface import Object, Routing


def is_tcp(canary: Object) -> bool:
    """``appProtocol: tcp``, in any case, routes connections instead of requests."""
    return str(names.service(canary).get("appProtocol") or "").lower() == "tcp"


def hosts(canary: Object) -> list[str]:
    """``service.hosts`` and the apex name, unless it or ``*`` is there."""
    found = list(names.service(canary).get("hosts") or ())
    apex = names.apex(canary)
    return found if apex in found or "*" in found else [*found, apex]


def route(canary: Object, routing: Routing) -> list[dict[str, Any]]:
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
        found["http"] = [_http(service, route(canary, routing))]
    return found


def _tcp(service: Mapping[str, Any], to: list[dict[str, Any]]) -> dict[str, Any]:
    ports = [{"port": item["port"]} for item in service.get("match") or () if item.get("port")]
    return {"match": ports, "route": to} if ports else {"route": to}


def _http(service: Mapping[str, Any], to: list[dict[str, Any]]) -> dict[str, Any]:
    rule: dict[str, Any] = {"route": to}
    if service.get("match"):
        rule["match"] = [dict(item) for item in service["match"]]
    rewrite = service.get("rewrite") or {}
    kept = {key: rewrite[key] for key in ("uri", "authority") if rewrite.get(key)}
    if kept:
        rule["rewrite"] = kept
    for field in ("timeout", "retries", "corsPolicy", "headers"):
        if service.get(field):
            rule[field] = service[field]
    return rule
