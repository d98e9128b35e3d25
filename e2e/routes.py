"""What a route carries, read from the object itself rather than by the engine's own code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from canary.kube.resources import Obj, Resource
from e2e.manifests import NAME
from e2e.timeline import Change
from e2e.traffic import Answer
from e2e.witness import Span

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
    """The route carries ``weight`` percent for the canary from ``at`` (Unix time) on."""

    at: float
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


def shifts(provider: str, changes: Sequence[Change]) -> list[Shift]:
    """The weights that a route carried, one after another."""
    found: list[Shift] = []
    for change in changes:
        if change.obj is None:
            continue
        weight = canary_weight(provider, change.obj)
        if not found or found[-1].weight != weight:
            found.append(Shift(change.at, weight))
    return found


def lags(moves: Sequence[Shift], spans: Sequence[Span]) -> dict[int, float]:
    """By weight: seconds from when the route had it to when the gateway said so."""
    found = {}
    for move in moves:
        known = [s.begin for s in spans if s.weight == move.weight and s.end >= move.at]
        if known:
            found[move.weight] = max(0.0, known[0] - move.at)
    return found


@dataclass(frozen=True, slots=True)
class Split:
    """Of ``requests`` that the gateway led by a weight, ``canary`` reached the canary."""

    weight: int
    requests: int
    canary: int


def from_canary(answers: Sequence[Answer]) -> list[Answer]:
    """Those of the canary's pods.

    Told apart by pod: while a promotion goes on, the primary has the canary's revision as well.
    """
    return [a for a in answers if a.pod and not a.pod.startswith(f"{NAME}-primary-")]


def splits(spans: Sequence[Span], answers: Sequence[Answer]) -> Iterator[Split]:
    """What users were given at each weight that the gateway carried long enough to be measured."""
    for span in spans:
        during = [a for a in answers if span.begin <= a.sent and a.ended < span.end and a.revision]
        if during:
            yield Split(span.weight, len(during), len(from_canary(during)))
