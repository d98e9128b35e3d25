"""Digests of ConfigMaps and Secrets: one read for each tracked change, no data kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from canary.kube.client import Client
from canary.kube.errors import ApiError, NotFound, Unreachable
from canary.kube.resources import Key, Obj, Resource
from canary.rollout.observed import Observed, Present, Unknown
from canary.workloads.configs import trackable
from canary.workloads.revision import config_checksum

log = logging.getLogger("canary.digests")

FIRST_RETRY, LAST_RETRY = 1.0, 30.0
"""Seconds between reads of an object that can't be read, doubling from the first to the last."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the engine needs to know of a ConfigMap or Secret; ``tracked`` by kind and opt-out."""

    checksum: str
    tracked: bool


class Digests:
    """Remembers a digest for each version of each object that was asked for.

    ``changed`` is called with resource and key when an answer has arrived.
    """

    def __init__(self, client: Client, changed: Callable[[Resource, Key], None]) -> None:
        self._client = client
        self._changed = changed
        self._known: dict[tuple[Resource, Key], tuple[str, Source]] = {}
        self._tasks: dict[tuple[Resource, Key], asyncio.Task[None]] = {}

    def look(self, resource: Resource, metadata: Obj) -> Observed[Source]:
        """The digest at the version that the cache shows; starts a read when it isn't known."""
        meta = metadata["metadata"]
        place = (resource, Key(meta["namespace"], meta["name"]))
        known = self._known.get(place)
        if known and known[0] == version_of(metadata):
            return Present(known[1])
        if place not in self._tasks:
            self._tasks[place] = asyncio.create_task(self._read(place))
        return Unknown(f"{resource.kind} {place[1]} is being read")

    @property
    def reading(self) -> bool:
        """Whether a read is under way."""
        return bool(self._tasks)

    def forget(self, resource: Resource, key: Key) -> None:
        """Drop what is known of an object that has changed."""
        self._known.pop((resource, key), None)

    async def _read(self, place: tuple[Resource, Key]) -> None:
        resource, key = place
        delay = FIRST_RETRY
        try:
            while True:
                try:
                    obj = await self._client.get(resource, key.namespace, key.name)
                    break
                except NotFound:
                    return
                except (ApiError, Unreachable) as failure:
                    log.warning("%s %s can't be read: %s", resource.kind, key, failure)
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, LAST_RETRY)
            self._known[place] = (version_of(obj), describe(resource, obj))
        finally:
            del self._tasks[place]
            self._changed(resource, key)

    def close(self) -> None:
        """Stop all reads."""
        for task in self._tasks.values():
            task.cancel()


def version_of(obj: Obj) -> str:
    """Identity of one version of one object."""
    return f"{obj['metadata']['uid']}/{obj['metadata']['resourceVersion']}"


def describe(resource: Resource, obj: Obj) -> Source:
    """Checksum of the data, and whether it is tracked at all."""
    checksum = config_checksum(obj.get("data"), obj.get("binaryData"))
    return Source(checksum, trackable({**obj, "kind": resource.kind}))
