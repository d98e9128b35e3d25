"""What a process sees of a Canary: a cluster and its caches, and nothing that acts."""

from __future__ import annotations

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable
from typing import Any

from canary import virtualtime
from canary.api.canary import parse
from canary.controller.digests import Digests
from canary.controller.gather import Gatherer
from canary.controller.indexes import INDEXES
from canary.controller.memory import Memory
from canary.controller.observe import observe
from canary.controller.scene import Scene
from canary.controller.schemas import Schemas
from canary.controller.settings import Settings
from canary.kube.caches import Caches
from canary.kube.resources import CANARIES
from canary.rollout.codec import decode
from canary.rollout.record import Record
from canary.rollout.world import World
from tests.rig.stage import Stage


class Look:
    """Create it inside a running virtual loop."""

    def __init__(self, settings: Settings) -> None:
        self.stage, self.settings = Stage(), settings
        self.client = self.stage.cluster.client("reader")
        self.caches = Caches(
            self.client, lambda *change: None, random.Random(1), settings.namespaces, INDEXES
        )
        digests = Digests(self.client, lambda *changed: None)
        schemas = Schemas(self.client, self.stage.clock, lambda canary: None)
        self.gatherer = Gatherer(self.caches, digests, schemas, settings)
        self.memory = Memory()

    async def sees(self, *manifests: dict[str, Any], crds: bool = True) -> Scene:
        """The scene of the Canary in a new cluster with these manifests."""
        await self.stage.up(crds=crds)
        await self.stage.apply(*manifests)
        self.scene()
        return await self.later()

    async def initialized(self, *manifests: dict[str, Any]) -> tuple[Scene, Record]:
        """The scene and the record of an idle Canary; the engine that made it is gone."""
        await self.stage.up()
        await self.stage.apply(*manifests)
        self.stage.start()
        await self.stage.until(lambda: self.stage.phase() == "Initialized")
        await self.stage.rest(30)
        await self.stage.stop()
        record = decode(self.stage.status()["engine"])
        return await self.later(record), record

    async def later(self, record: Record | None = None) -> Scene:
        """The scene once everything has been read that it is made of."""
        for _ in range(12):
            await asyncio.sleep(0.25)
            self.scene(record)
        return self.scene(record)

    def scene(self, record: Record | None = None, name: str = "podinfo") -> Scene:
        """The scene as it is now."""
        obj = self.stage.get(CANARIES, name)
        return self.gatherer.gather(obj, parse(obj), record or Record())

    def world(self, scene: Scene, record: Record | None = None) -> World:
        """What the engine takes ``scene`` for."""
        now = self.stage.clock.monotonic()
        return observe(scene, record or Record(), self.memory, self.settings, now)


def looks(**settings: Any) -> Callable[[Callable[[Look], Awaitable[None]]], Callable[[], None]]:
    """Make a test of a coroutine that takes a Look."""

    def wrap(play: Callable[[Look], Awaitable[None]]) -> Callable[[], None]:
        async def run() -> None:
            look = Look(Settings(**settings))
            try:
                await play(look)
            finally:
                await look.caches.close()
                await look.stage.down()

        def test() -> None:
            virtualtime.run(run())

        functools.update_wrapper(test, play)
        # pytest would take the coroutine's parameter for a fixture.
        del test.__wrapped__
        return test

    return wrap
