"""Running the controller: at once, or while this process holds the Lease."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from canary.controller.metrics import Metrics
from canary.kube.lease import Elector

log = logging.getLogger("canary.server")


class Controlling(Protocol):
    """What the process needs of a controller."""

    @property
    def ready(self) -> bool:
        """Whether its caches are filled."""

    async def run(self) -> None:
        """Work until cancelled, then clean up."""


class Shift:
    """One process's turn: a fresh controller each time that it begins to lead."""

    def __init__(
        self, make: Callable[[], Controlling], elector: Elector | None, metrics: Metrics
    ) -> None:
        """Without ``elector`` this process leads from the start."""
        self._make = make
        self._elector = elector
        self._metrics = metrics
        self._controller: Controlling | None = None
        self._waiting_for = "the start"

    def unready(self) -> str:
        """Why this process isn't ready; empty when it is. One that waits for its turn is ready."""
        if self._waiting_for:
            return f"waiting for {self._waiting_for}"
        if self._controller is not None and not self._controller.ready:
            return "caches are not in sync"
        return ""

    async def run(self) -> None:
        """Work until cancelled; raises LeaseLost, and what the controller raises."""
        self._metrics.leads(False)
        if self._elector is None:
            await self._lead()
        else:
            self._waiting_for = ""
            await self._elector.hold(self._lead)

    async def _lead(self) -> None:
        self._controller = self._make()
        self._waiting_for = ""
        self._metrics.leads(True)
        log.info("Starting operator")
        try:
            await self._controller.run()
        finally:
            log.info("Shutting down operator workers")
            self._metrics.leads(False)
            self._controller = None
            self._waiting_for = "the end"
