"""The controller's own eyes for somebody who only looks: caches and digests, and no writes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from canary.api.canary import InvalidObject, parse
from canary.clock import Clock
from canary.controller.digests import Digests
from canary.controller.gather import Gatherer
from canary.controller.indexes import INDEXES
from canary.controller.prospect import Prospector
from canary.controller.schemas import Schemas
from canary.controller.settings import Settings
from canary.kube.caches import Caches
from canary.kube.client import Client
from canary.kube.resources import Obj
from canary.rollout.record import Record

PATIENCE = 10.0
"""Seconds that the caches have to fill; what can't be read by then is said to be unknown."""
_GLANCE = 0.05


@asynccontextmanager
async def onlooker(
    client: Client, settings: Settings, clock: Clock, objects: Sequence[Obj]
) -> AsyncIterator[Prospector]:
    """Sees what belongs to the Canaries ``objects``; everything it asks for are reads."""
    caches = Caches(client, lambda *_: None, random.Random(), settings.namespaces, INDEXES)
    digests = Digests(client, lambda *_: None)
    schemas = Schemas(client, clock, lambda _: None)
    gatherer = Gatherer(caches, digests, schemas, settings)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await _filled(gatherer, lambda: _all_read(caches, digests, schemas), objects)
        yield Prospector(client, gatherer, settings, clock)
    finally:
        digests.close()
        schemas.close()
        await caches.close()


def _all_read(caches: Caches, digests: Digests, schemas: Schemas) -> bool:
    return caches.synced and not digests.reading and not schemas.reading


async def _filled(gatherer: Gatherer, all_read: Callable[[], bool], objects: Sequence[Obj]) -> None:
    """Return when a look at each of ``objects`` finds everything that it asks for."""
    while True:
        for obj in objects:
            with suppress(InvalidObject):
                gatherer.gather(obj, parse(obj), Record())
        if all_read():
            return
        await asyncio.sleep(_GLANCE)
