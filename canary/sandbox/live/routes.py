"""HTTPRoutes to Envoy's route configuration, pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from canary.kube.resources import Key
from canary.sandbox.live.route_matches import (
    Unsupported,
    answered,
    filtered,
    hostnames,
    precedence,
    route_match,
)

ROUTE_CONFIG = "httproutes"
Obj = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Backend:
    """A port of a Service."""

    namespace: str
    service: str
    port: int

    def __str__(self) -> str:
        return f"{self.namespace}/{self.service}/{self.port}"


@dataclass(frozen=True, slots=True)
class Projection:
    """What HTTPRoutes come to: routes, the backends they need, and why some are left out."""

    virtual_hosts: tuple[dict[str, Any], ...]
    backends: frozenset[Backend]
    taken: tuple[Key, ...]
    refused: Mapping[Key, str]

    def document(self, version: str) -> dict[str, Any]:
        """The route configuration as a discovery response."""
        kind = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
        resource = {
            "@type": kind,
            "name": ROUTE_CONFIG,
            "ignore_port_in_host_matching": True,
            # Envoy takes no new version of what it has already: no two versions are alike.
            "metadata": {"filter_metadata": {"sandbox": {"version": version}}},
            "virtual_hosts": list(self.virtual_hosts),
        }
        return {"version_info": version, "type_url": kind, "resources": [resource]}


def project(routes: Mapping[Key, Obj], services: Mapping[Key, Obj]) -> Projection:
    """Project all HTTPRoutes at once: those that share a hostname share a virtual host.

    A route that names what isn't there, or asks for what this gateway can't do, is left out whole.
    """
    found: dict[str, list[tuple[tuple[int, ...], dict[str, Any]]]] = {}
    backends: set[Backend] = set()
    refused: dict[Key, str] = {}
    taken: list[Key] = []
    for key, route in sorted(routes.items()):
        try:
            ranked = list(_ranked(key, route, services))
        except Unsupported as error:
            refused[key] = str(error)
            continue
        taken.append(key)
        backends |= {one for _, _, needed in ranked for one in needed}
        for domain in hostnames(route):
            found.setdefault(domain, []).extend((rank, entry) for rank, entry, _ in ranked)
    hosts = tuple(
        {
            "name": domain,
            "domains": [domain],
            # Stable: what is equally specific stays in the order of names and rules.
            "routes": [entry for _, entry in sorted(entries, key=lambda pair: pair[0])],
        }
        for domain, entries in sorted(found.items())
    )
    return Projection(hosts, frozenset(backends), tuple(taken), refused)


def _ranked(
    key: Key, route: Obj, services: Mapping[Key, Obj]
) -> Iterator[tuple[tuple[int, ...], dict[str, Any], Sequence[Backend]]]:
    """(rank, route entry, backends) of each match of each rule."""
    for rule in route["spec"].get("rules") or ():
        shares = {
            _backend(ref, key.namespace, services): int(ref.get("weight", 1))
            for ref in rule.get("backendRefs") or ()
        }
        answers = {
            _backend(ref, key.namespace, services): answered(ref)
            for ref in rule.get("backendRefs") or ()
        }
        mirrors = [
            _backend(item["requestMirror"]["backendRef"], key.namespace, services)
            for item in rule.get("filters") or ()
            if item.get("type") == "RequestMirror"
        ]
        matches: Sequence[Obj] = rule.get("matches") or ({},)
        for match in matches:
            action, extra = filtered(rule, match, f"{key.namespace}/{{name}}/{{port}}")
            entry = {"match": route_match(match), **extra, **_target(shares, answers, action)}
            yield precedence(match), entry, (*shares, *mirrors)


def _target(
    shares: Mapping[Backend, int], answers: Mapping[Backend, Obj], action: dict[str, Any]
) -> dict[str, Any]:
    if not any(shares.values()):
        # Gateway API: nothing to send to is a 500.
        return {"direct_response": {"status": 500}}
    weighted = [
        {"name": str(backend), "weight": weight, **answers[backend]}
        for backend, weight in shares.items()
    ]
    return {"route": {"weighted_clusters": {"clusters": weighted}, **action}}


def _backend(ref: Obj, namespace: str, services: Mapping[Key, Obj]) -> Backend:
    kind = ref.get("kind", "Service")
    if ref.get("group") or kind != "Service":
        raise Unsupported(f"backend of kind {ref.get('group') or 'core'}/{kind}")
    place = Key(str(ref.get("namespace") or namespace), str(ref["name"]))
    service = services.get(place)
    if service is None:
        raise Unsupported(f"backend Service {place} is not there")
    port = int(ref.get("port") or 0)
    if port not in {int(one["port"]) for one in service["spec"].get("ports") or ()}:
        raise Unsupported(f"backend Service {place} has no port {port}")
    return Backend(place.namespace, place.name, port)


def ready_pods(backend: Backend, slices: Mapping[Key, Obj]) -> list[Key]:
    """The ready pods behind a Service, from its EndpointSlices."""
    found = {
        Key(key.namespace, str(endpoint["targetRef"]["name"]))
        for key, one in slices.items()
        if key.namespace == backend.namespace
        and one["metadata"].get("labels", {}).get("kubernetes.io/service-name") == backend.service
        for endpoint in one.get("endpoints") or ()
        if endpoint["conditions"].get("ready")
    }
    return sorted(found)


def encoded(document: Obj) -> bytes:
    """A document as Envoy reads it from a file."""
    return json.dumps(document, indent=1).encode()
