"""What happened to the objects of one namespace, in its order: each version that a watch showed."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from canary.kube.client import Client
from canary.kube.reflector import Reflector
from canary.kube.resources import Key, Obj, Resource
from canary.kube.store import Store


def _whole(obj: Obj) -> Obj:
    return obj


@dataclass(frozen=True, slots=True)
class Change:
    """One object as it was from ``at`` (Unix time) on; ``obj`` is None when it was deleted.

    ``at`` is when the watch brought it; ``version`` is the API server's own order, which changes of
    different resources have in common.
    """

    at: float
    name: str
    obj: Obj | None
    version: int = 0


class Timeline:
    """The history of one resource in one namespace."""

    def __init__(self, client: Client, resource: Resource, namespace: str) -> None:
        self.resource = resource
        self.namespace = namespace
        self.changes: list[Change] = []
        self._store = Store()
        self._store.listen(self._heard)
        rng = random.Random(f"{resource}/{namespace}")
        self._reflector = Reflector(
            client, resource, self._store, rng=rng, trim=_whole, namespace=namespace
        )
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._reflector.run(), name=f"{resource} {namespace}")

    def _heard(self, key: Key, old: Obj | None, new: Obj | None) -> None:
        if key.name:
            version = new["metadata"]["resourceVersion"] if new else self._store.resource_version
            self.changes.append(Change(time.time(), key.name, new, int(version)))
        news, self._news = self._news, asyncio.Event()
        news.set()

    def get(self, name: str) -> Obj | None:
        """The object as last seen."""
        return self._store.get(Key(self.namespace, name))

    def of(self, name: str, since: float = 0.0) -> list[Change]:
        """The changes of one object from ``since`` on."""
        return [change for change in self.changes if change.name == name and change.at >= since]

    def __iter__(self) -> Iterator[Obj]:
        """All objects that there are."""
        return (obj for key in self._store if (obj := self._store.get(key)) is not None)

    async def until(self, holds: Callable[[], bool], what: str, within: float) -> None:
        """Wait for a change after which ``holds()``. Raises AssertionError, which says ``what`` was
        waited for, after ``within`` seconds, and whatever ended the watch."""
        try:
            async with asyncio.timeout(within):
                while not holds():
                    news = asyncio.create_task(self._news.wait())
                    await asyncio.wait({news, self._task}, return_when=asyncio.FIRST_COMPLETED)
                    news.cancel()
                    if self._task.done():
                        self._task.result()
        except TimeoutError:
            raise AssertionError(f"{self.namespace}: no {what} after {within:g} s") from None

    async def close(self) -> None:
        """Watch no more."""
        self._task.cancel()
        await asyncio.wait({self._task})
