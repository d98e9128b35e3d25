"""What a route carries, read from the object itself rather than by the engine's own code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from canary.kube.resources import Obj, Resource
from e2e.manifests import NAME
from e2e.timeline import Change
from e2e.traffic import Answer

_SETTLE = {"gatewayapi:v1": 1.0, "istio": 4.0, "nginx": 4.0}
"""Seconds after a shift whose requests aren't counted for either weight: the proxy is still being
told. Nothing confirms an Istio route or an Ingress, so that they get longer."""

HTTP_ROUTES = Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")
VIRTUAL_SERVICES = Resource("networking.istio.io", "v1beta1", "virtualservices", "VirtualService")
INGRESSES = Resource("networking.k8s.io", "v1", "ingresses", "Ingress")
_NGINX = "nginx.ingress.kubernetes.io"


def place(provider: str) -> tuple[Resource, str]:
    """The kind and name of the object that carries the weights."""
    if provider == "nginx":
        return INGRESSES, f"{NAME}-canary"
    return (VIRTUAL_SERVICES if provider == "istio" else HTTP_ROUTES), NAME


@dataclass(frozen=True, slots=True)
class Shift:
    """The route carries ``weight`` percent for the canary from ``at`` to ``until`` (Unix time).

    ``live`` is when the gateway had confirmed it, for a provider that confirms, else ``at``.
    """

    at: float
    live: float
    until: float
    weight: int


def canary_weight(provider: str, route: Obj) -> int:
    """The canary's weight in a route of the engine, for users whom no match of it names: that is
    its last rule."""
    if provider == "nginx":
        return int(route["metadata"].get("annotations", {}).get(f"{_NGINX}/canary-weight", 0))
    if provider == "istio":
        found = route["spec"]["http"][-1]["route"]
        shares = {d["destination"]["host"]: int(d.get("weight", 100)) for d in found}
    else:
        backends = route["spec"]["rules"][-1]["backendRefs"]
        shares = {backend["name"]: int(backend.get("weight", 1)) for backend in backends}
    return sum(share for name, share in shares.items() if name.endswith("-canary"))


def confirmed(provider: str, route: Obj) -> bool:
    """Whether the gateway has accepted this very generation; where nothing confirms, True."""
    if provider != "gatewayapi:v1":
        return True
    generation = route["metadata"]["generation"]
    parents = (route.get("status") or {}).get("parents") or ()
    words = [c for p in parents for c in p["conditions"] if c["type"] == "Accepted"]
    return bool(words) and all(
        c["status"] == "True" and c.get("observedGeneration") == generation for c in words
    )


def shifts(provider: str, changes: Sequence[Change]) -> list[Shift]:
    """The weights that a route carried, one after another; the last one is still open."""
    found: list[Shift] = []
    forever = float("inf")
    for change in changes:
        if change.obj is None:
            continue
        weight, live = canary_weight(provider, change.obj), confirmed(provider, change.obj)
        if not found or found[-1].weight != weight:
            if found:
                found[-1] = replace(found[-1], until=change.at)
            found.append(Shift(change.at, forever, forever, weight))
        if live and found[-1].live == forever:
            found[-1] = replace(found[-1], live=change.at)
    return found


@dataclass(frozen=True, slots=True)
class Split:
    """Of ``requests`` that were sent while a weight was live, ``canary`` reached the canary."""

    weight: int
    requests: int
    canary: int


def from_canary(answers: Sequence[Answer]) -> list[Answer]:
    """Those of the canary's pods.

    Told apart by pod: while a promotion goes on, the primary has the canary's revision as well.
    """
    return [a for a in answers if a.pod and not a.pod.startswith(f"{NAME}-primary-")]


def splits(provider: str, moves: Sequence[Shift], answers: Sequence[Answer]) -> Iterator[Split]:
    """What users were given at each weight that was live long enough to be measured."""
    for move in moves:
        begin = move.live + _SETTLE[provider]
        during = [a for a in answers if begin <= a.sent and a.ended < move.until and a.revision]
        if during:
            yield Split(move.weight, len(during), len(from_canary(during)))
