"""The oracle of the order among Canaries isn't blind."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import CANARIES
from simulation.oracles.order import Order
from tests.simulation.witness import Witness


class Two(Witness):
    """Two Canaries, of which ``web`` depends on ``podinfo``, before the oracle of order."""

    def __init__(self, most: int = 0) -> None:
        super().__init__()
        self.world.canaries = ("podinfo", "web")
        self.world.settings.max_runs = most
        self.order = Order(self.world)
        for name in self.world.canaries:
            self.moves(name, "Initialized")

    def moves(self, name: str, phase: str, run: str = "") -> None:
        """A Canary comes to a phase."""
        needs = [{"name": "podinfo"}] if name == "web" and not self.world.settings.max_runs else []
        record: dict[str, Any] = {"revision": {"template": run}, "attempt": 1}
        status = {"phase": phase, "engine": {"run": record} if run else {}}
        spec = {"engine": {"dependsOn": needs}}
        self.put(CANARIES, name, spec=spec, status=status)
        self.passes(10)


def test_who_depends_on_another_waits_for_it() -> None:
    seen = Two()
    seen.moves("podinfo", "Progressing", "two")
    seen.moves("podinfo", "Succeeded")
    seen.moves("web", "Progressing", "two")
    assert seen.order.violations == []
    seen = Two()
    seen.moves("podinfo", "Progressing", "two")
    seen.moves("web", "Progressing", "two")
    assert [text.split(": ")[1] for text in seen.order.violations] == ["order"]


def test_no_more_run_at_once_than_may() -> None:
    seen = Two(most=1)
    seen.moves("podinfo", "Progressing", "two")
    seen.moves("podinfo", "Promoting", "two")
    seen.moves("web", "Waiting")
    assert seen.order.violations == []
    seen.moves("web", "Progressing", "two")
    assert len(seen.order.violations) == 1
