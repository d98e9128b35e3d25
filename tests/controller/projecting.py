"""A projector whose writes a test gives, and the API server that it writes to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from canary.clock import LoopClock
from canary.controller.announcer import Announcer
from canary.controller.memory import Memory
from canary.controller.metrics import Metrics
from canary.controller.projector import Outcome, Projector
from canary.controller.settings import Settings
from canary.controller.telemetry import Telemetry
from canary.controller.webhooks import Webhooks
from canary.controller.writes import Write
from canary.kube.client import Client
from canary.kube.resources import CONFIG_MAPS, EVENTS
from tests.controller.executing import Api
from tests.controller.looks import Look
from tests.rig.receiver import Receivers


class Projecting:
    """What is due is what a test says, whatever ``seen`` asks for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seen: Look) -> None:
        self.api, self.memory, self.seen = Api(), Memory(), seen
        self._due: tuple[Write, ...] = ()
        monkeypatch.setattr("canary.controller.projector.project", lambda *_: self._due)
        clock = LoopClock(datetime(2026, 1, 1, tzinfo=UTC))
        self._registry = CollectorRegistry()
        announcer = Announcer(Client(self.api), clock, Webhooks(Receivers()))
        telemetry = Telemetry(Metrics(self._registry), clock)
        self.projector = Projector(self.api.executor, announcer, telemetry, Settings(), clock)

    async def does(self, *due: Write, **options: Any) -> Outcome:
        """Carry ``due`` out."""
        self._due, seen = due, self.seen
        return await self.projector.carry_out(
            seen.scene, seen.record, seen.view, self.memory, **options
        )

    async def user_deletes(self, name: str) -> None:
        """Somebody removes a ConfigMap."""
        uid = self.api.get(CONFIG_MAPS, name)["metadata"]["uid"]
        await self.api.user.delete(CONFIG_MAPS, "test", name, uid=uid)

    def told(self) -> list[str]:
        """Texts of all events."""
        return [obj["message"] for _, obj in self.api.server.storage.all(EVENTS)]

    def counted(self, kind: str) -> float | None:
        """Corrections of objects of this kind, as they are exported."""
        for family in self._registry.collect():
            for sample in family.samples:
                if "drift" in sample.name and sample.labels["kind"] == kind:
                    return sample.value
        return None
