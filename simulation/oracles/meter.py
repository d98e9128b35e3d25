"""What users get from the applications, and Prometheus would tell of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.outcome import Outcome, Values
from canary.kube.resources import ENDPOINT_SLICES, Resource
from canary.sandbox.storage import Change
from simulation.oracles.reading import SERVICE_LABEL, ready
from simulation.oracles.routes import carries, copies, serves
from simulation.polled import subject
from simulation.world import World

GOOD, BAD = 100.0, 90.0
WINDOW = 20.0
"""Seconds that a query looks back."""


@dataclass
class _Canary:
    """``routes`` are those by which it is reached, ``until`` is when the last answer of a bad image
    leaves the window."""

    routes: set[tuple[Resource, str]] = field(default_factory=set)
    ready: int = 0
    until: float = -1.0
    serves: bool = False


class Meter:
    """Answers queries of a world: bad for as long as a bad image had traffic, or copies of it, in
    the window. Where nothing routes, tests reach the canary through its own Service."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._canaries: dict[str, _Canary] = {}
        world.prometheus.answers = self._answer
        world.watchers.append(self._heard)

    def _heard(self, change: Change, author: str) -> None:
        for name in self._world.canaries:
            self._seen(self._canaries.setdefault(name, _Canary()), name, change)

    def _seen(self, canary: _Canary, name: str, change: Change) -> None:
        for apex in self._world.apexes[name]:
            if carries(change.resource.plural, change.key.name, apex):
                reaches = serves(change.obj, f"{apex}-canary") or copies(change.obj)
                route = (change.resource, apex)
                add = reaches and not change.gone
                (canary.routes.add if add else canary.routes.discard)(route)
            elif change.resource == ENDPOINT_SLICES:
                service = change.obj["metadata"]["labels"][SERVICE_LABEL]
                if service == f"{apex}-canary":
                    canary.ready = 0 if change.gone else ready(change.obj)
        if canary.serves:
            canary.until = self._world.time + WINDOW
        bad = "bad" in self._world.image(name)
        reached = bool(canary.routes) or not self._world.routed
        canary.serves = bad and reached and canary.ready > 0

    def _answer(self, query: str) -> Outcome:
        if self._world.prometheus.value != GOOD:
            return Values((self._world.prometheus.value,))
        canary = self._canaries.setdefault(subject(self._world.canaries, query), _Canary())
        bad = canary.serves or self._world.time < canary.until
        return Values((BAD if bad else GOOD,))
