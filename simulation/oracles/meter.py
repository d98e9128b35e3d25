"""What users get from the application, and Prometheus would tell of it."""

from __future__ import annotations

from analysis.outcome import Outcome, Values
from canary.kube.resources import ENDPOINT_SLICES
from canary.sandbox.storage import Change
from simulation.oracles.reading import ROUTES, SERVICE_LABEL, copies, ready, serves
from simulation.world import World

GOOD, BAD = 100.0, 90.0
WINDOW = 20.0
"""Seconds that a query looks back."""


def _service(change: Change) -> str:
    return str(change.obj["metadata"]["labels"][SERVICE_LABEL])


class Meter:
    """Answers queries of a world: bad for as long as a bad image had traffic,
    or copies of it, in the window."""

    def __init__(self, world: World, name: str = "podinfo") -> None:
        self._world, self._name = world, name
        self._routed, self._ready = False, 0
        self._until = -1.0
        self._serves = False
        world.prometheus.answers = self._answer
        world.watchers.append(self._heard)

    def _heard(self, change: Change, author: str) -> None:
        if change.resource.plural in ROUTES:
            self._routed = not change.gone and (
                serves(change.obj, f"{self._name}-canary") or copies(change.obj)
            )
        elif change.resource == ENDPOINT_SLICES and _service(change) == f"{self._name}-canary":
            self._ready = 0 if change.gone else ready(change.obj)
        if self._serves:
            self._until = self._world.time + WINDOW
        bad = "bad" in self._world.image(self._name)
        self._serves = bad and self._routed and self._ready > 0

    def _answer(self, query: str) -> Outcome:
        if self._world.prometheus.value != GOOD:
            return Values((self._world.prometheus.value,))
        bad = self._serves or self._world.time < self._until
        return Values((BAD if bad else GOOD,))
