"""What etcd is to an API server: objects at versions, and a history that watches replay."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from canary.kube.resources import Key, Resource
from canary.sandbox.jsonvalue import JsonObj

HISTORY = 20_000
"""Changes that a watch can still resume behind."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one object; ``before`` is None for a creation, ``gone`` marks a deletion."""

    version: int
    resource: Resource
    key: Key
    obj: JsonObj
    before: JsonObj | None
    gone: bool = False


class Storage:
    """All objects of one cluster. They are never changed in place."""

    def __init__(self) -> None:
        self.version = 1000
        self.compacted = 1000
        self._objects: dict[Resource, dict[Key, JsonObj]] = {}
        self._history: deque[Change] = deque()
        self._feeds: dict[Resource | None, list[asyncio.Queue[Change | None]]] = {}
        self._removals: dict[Resource, Callable[[JsonObj], None]] = {}
        self._taps: list[Callable[[Change], None]] = []

    def get(self, resource: Resource, key: Key) -> JsonObj | None:
        """The object as it is."""
        return self._objects.get(resource, {}).get(key)

    def all(self, resource: Resource) -> Iterator[tuple[Key, JsonObj]]:
        """All objects of a resource in the order of their keys."""
        return iter(sorted(self._objects.get(resource, {}).items()))

    def resources(self) -> list[Resource]:
        """The resources that have objects."""
        return sorted(resource for resource, objects in self._objects.items() if objects)

    def put(self, resource: Resource, key: Key, obj: JsonObj) -> JsonObj:
        """Store ``obj`` at a new version; gives it with that version."""
        before = self.get(resource, key)
        obj = self._stamped(obj)
        self._objects.setdefault(resource, {})[key] = obj
        self._tell(Change(self.version, resource, key, obj, before))
        return obj

    def remove(self, resource: Resource, key: Key) -> JsonObj:
        """Drop an object; gives its last state at the version of its deletion."""
        before = self._objects[resource].pop(key)
        obj = self._stamped(before)
        self._tell(Change(self.version, resource, key, obj, before, gone=True))
        if resource in self._removals:
            self._removals[resource](obj)
        return obj

    def watch_removals(self, resource: Resource, removed: Callable[[JsonObj], None]) -> None:
        """Let ``removed`` hear of every removal at once."""
        self._removals[resource] = removed

    def tap(self, heard: Callable[[Change], None]) -> None:
        """Let ``heard`` hear of every change at once, before anybody else can act on it."""
        self._taps.append(heard)

    def _stamped(self, obj: JsonObj) -> JsonObj:
        self.version += 1
        return {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.version)}}

    def since(self, resource: Resource, version: int) -> list[Change]:
        """Changes of a resource after ``version``; raises LookupError if they are compacted."""
        if version < self.compacted:
            raise LookupError(f"too old resource version: {version} ({self.compacted})")
        return [c for c in self._history if c.resource == resource and c.version > version]

    def compact(self) -> None:
        """Forget the history: watches that resume from before get 410."""
        self._history.clear()
        self.compacted = self.version

    def feed(self, resource: Resource | None = None) -> asyncio.Queue[Change | None]:
        """A queue of all further changes (of one resource); None in it: the feed is over."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._feeds.setdefault(resource, []).append(queue)
        return queue

    def unfeed(self, queue: asyncio.Queue[Change | None]) -> None:
        """End a feed."""
        for queues in self._feeds.values():
            queues[:] = [one for one in queues if one is not queue]

    def followed(self, resource: Resource) -> int:
        """How many feeds of one resource there are."""
        return len(self._feeds.get(resource, ()))

    def end_feeds(self, resource: Resource) -> None:
        """End all feeds of one resource: it is served no more."""
        for queue in self._feeds.get(resource, ()):
            queue.put_nowait(None)

    def _tell(self, change: Change) -> None:
        self._history.append(change)
        if len(self._history) > HISTORY:
            self.compacted = self._history.popleft().version
        for heard in self._taps:
            heard(change)
        for queue in (*self._feeds.get(None, ()), *self._feeds.get(change.resource, ())):
            queue.put_nowait(change)
