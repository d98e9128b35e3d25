"""Following one collection: what is there, and each change after it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from canary.kube.client import Client
from canary.kube.reflector import Reflector
from canary.kube.resources import Key, Obj, Resource
from canary.kube.store import Store


class Following:
    """A collection that is being followed. The server's silence is bridged: a watch that breaks
    is opened anew, and nothing that happened meanwhile is missed."""

    def __init__(self, only: Key | None) -> None:
        self._only = only
        self.store = Store()
        self._changes: asyncio.Queue[tuple[Key, Obj | None]] = asyncio.Queue()
        self.store.listen(self._heard)

    async def change(self, timeout: float | None = None) -> tuple[Key, Obj | None] | None:
        """The next change: key and object, which is None when it was deleted. None when
        ``timeout`` seconds pass without one."""
        try:
            async with asyncio.timeout(timeout):
                return await self._changes.get()
        except TimeoutError:
            return None

    def _heard(self, key: Key, old: Obj | None, new: Obj | None) -> None:
        # What isn't about an object is about the state of the whole collection.
        if key.name and self._only in (None, key):
            self._changes.put_nowait((key, new))


@asynccontextmanager
async def following(
    client: Client,
    resource: Resource,
    namespace: str | None,
    *,
    selector: str = "",
    only: Key | None = None,
) -> AsyncIterator[Following]:
    """Follow while the context is open; objects that are there already come as changes first.

    With ``only``, changes of this one object are all that is told.
    """
    found = Following(only)
    reflector = Reflector(
        client,
        resource,
        found.store,
        # It only spreads the ends of watches.
        rng=random.Random(),
        trim=dict,
        namespace=namespace,
        label_selector=selector,
    )
    task = asyncio.create_task(reflector.run(), name=f"follow {resource}")
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
