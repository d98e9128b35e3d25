"""One process of the engine: the real controller, its own clock and transport, alive or dead."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry

from analysis.interface import Connection
from canary.api.hooks import Webhook
from canary.clock import Clock, LoopClock
from canary.controller.controller import Controller
from canary.controller.metrics import Metrics
from canary.hooks import HookAnswer
from canary.kube.client import Client
from canary.kube.lease import Elector, LeaseLost
from simulation.plan import Boundary
from simulation.questions import FaultyConnection, called, posted
from simulation.transport import FaultyTransport

if TYPE_CHECKING:
    from simulation.world import World

USER = "canary-engine"
RESTART = 1.0
"""Seconds until a process that died runs again."""
JUMP = timedelta(hours=1)
DRIFT = 1.05
"""How much faster a drifting wall clock runs."""


class ProcessClock:
    """Paces like every clock of the cluster; its wall time can jump and drift."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._inner: Clock = LoopClock(world.origin)
        self._offset = timedelta()
        self._drifts_since: float | None = None

    def monotonic(self) -> float:
        return self._inner.monotonic()

    def now(self) -> datetime:
        fault = self._world.places.meet(Boundary.CLOCK, "now")
        if fault is not None and fault.kind == "drift":
            self._drifts_since = self.monotonic()
        elif fault is not None:
            self._offset += JUMP if fault.kind == "ahead" else -JUMP
        drifted = 0.0
        if self._drifts_since is not None:
            drifted = (self.monotonic() - self._drifts_since) * (DRIFT - 1)
        return self._inner.now() + self._offset + timedelta(seconds=drifted)


class Process:
    """Runs until it dies. A process with a Lease leads only while it holds it."""

    def __init__(self, world: World, name: str, *, elects: bool) -> None:
        self.world, self.name = world, name
        self.clock = ProcessClock(world)
        self.controller: Controller | None = None
        self.endpoints: dict[str, list[tuple[float, int]]] = {}
        """Ready endpoints of each Service as this process got to know them, with the times."""
        self._dead = False
        self._elects = elects
        self._rng = random.Random(f"{world.plan.seed}/{name}")
        self._client = Client(FaultyTransport(self, USER), on_call=world.called)
        self._task = asyncio.create_task(self._run(), name=f"process {name}")

    async def _run(self) -> None:
        if not self._elects:
            await self._lead()
            return
        elector = Elector(self._client, self.clock, "kube-system", self.name, rng=self._rng)
        while True:
            try:
                await elector.hold(self._lead)
            except LeaseLost as lost:
                self.world.note(f"{self.name} leads no more: {lost}")
                # What a real process does: it ends, and is started again.
                elector = Elector(self._client, self.clock, "kube-system", self.name, rng=self._rng)

    async def _lead(self) -> None:
        self.world.note(f"{self.name} leads")
        self.controller = Controller(
            self._client,
            self.world.settings,
            self.clock,
            metrics=Metrics(CollectorRegistry()),
            rng=self._rng,
            connector=self.connect,
            post=self.post,
            call=self.call,
        )
        await self.controller.run()

    def connect(self, provider: Any, secret: Mapping[str, bytes] | None, window: str) -> Connection:
        """A metrics server as this process reaches it."""
        return FaultyConnection(self, self.world.prometheus(provider, secret, window))

    async def post(self, request: Any, key: str) -> None:
        """A message to a chat, as this process reaches it."""
        self.world.posted.append((self.name, key))
        await posted(self, request, lambda: self.world.chat(request, key))

    async def call(self, hook: Webhook, payload: bytes, key: str) -> HookAnswer:
        """A webhook, as this process reaches it."""
        return await called(self, hook, payload, key)

    def known(self, service: str, since: float) -> int:
        """The most ready endpoints of ``service`` that this process knew of since a moment."""
        found = 0
        for at, number in reversed(self.endpoints.get(service, [])):
            found = max(found, number)
            if at < since:
                break
        return found

    @property
    def dead(self) -> bool:
        """Whether it was killed."""
        return self._dead

    async def alive(self) -> None:
        """Return while the process lives; one that is dead never comes back."""
        if self._dead:
            await asyncio.Future()

    async def die(self) -> None:
        """Killed in the middle of this call."""
        self.kill()
        self.world.fleet.buried(self)
        await asyncio.Future()

    def kill(self) -> None:
        """End it as it stands: nothing is finished, nothing is given back."""
        if not self._dead:
            self._dead = True
            self.world.note(f"{self.name} is killed")
            self._task.cancel()

    async def ended(self) -> None:
        """Wait until its task has wound up."""
        await asyncio.wait({self._task}, timeout=0.1)
