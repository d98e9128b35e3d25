"""The oracle of the order among Canaries isn't blind."""

from __future__ import annotations

from typing import Any

import pytest

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


@pytest.mark.parametrize(("since", "broken"), [(0.1, False), (10.0, True)])
def test_a_target_that_changed_a_moment_ago_may_be_news_to_the_engine(
    since: float, broken: bool
) -> None:
    seen = Two()
    seen.moves("podinfo", "Progressing", "two")
    images = {"podinfo": "podinfo:3.0.0"}
    seen.world.image = lambda name="podinfo": images.get(name, "podinfo:2.0.0")
    seen.workload("podinfo", "3.0.0", author="kubectl")
    seen.passes(since)
    for phase, name in (("Succeeded", "podinfo"), ("Progressing", "web")):
        record = {"run": {"revision": {"template": "two"}, "attempt": 1}}
        spec = {"engine": {"dependsOn": [{"name": "podinfo"}] if name == "web" else []}}
        seen.put(CANARIES, name, spec=spec, status={"phase": phase, "engine": record})
        seen.passes(0.05)
    assert bool(seen.order.violations) is broken
