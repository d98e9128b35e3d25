"""A witness before the oracle of safety."""

from __future__ import annotations

from typing import Any

from simulation.oracles.safety import Safety
from tests.simulation.witness import Witness


class Judged(Witness):
    """A witness before the oracle of safety."""

    def __init__(self, **spec: Any) -> None:
        super().__init__(**spec)
        self.safety = Safety(self.world)
        self.workload("podinfo-primary", "1.0.0")
        self.route(100, 0)
        self.status("Initialized", run="")

    def begun(self) -> Judged:
        """A run is at its first weight."""
        self.status("Progressing")
        self.passes(2)
        self.status("Progressing", 30)
        self.route(70, 30)
        return self

    def at_the_end(self) -> Judged:
        """A run that may be promoted."""
        self.begun().passes(10, 100.0)
        self.status("Progressing", 60)
        self.route(40, 60)
        self.passes(10, 100.0)
        return self

    @property
    def broken(self) -> list[str]:
        """Which promises were broken."""
        return [text.split(": ")[1] for text in self.safety.violations]
