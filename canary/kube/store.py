"""The cache of one collection: trimmed objects by key, with indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from canary.kube.resources import Key, Obj

Listener = Callable[[Key, Obj | None, Obj | None], None]
"""Hears key, old and new object of each change; None: there was, or is, none."""
TOMBSTONES = 8
"""Deletions that are remembered: an event that comes once more comes right after the first."""
Index = Callable[[Obj], Iterable[str]]


def key_of(obj: Obj) -> Key:
    """The key of a namespaced object."""
    meta = obj["metadata"]
    return Key(meta.get("namespace", ""), meta["name"])


def version(resource_version: str) -> int:
    """A resource version as a number; they are comparable within a collection since 1.35."""
    return int(resource_version) if resource_version.isdigit() else 0


class Store:
    """What a reflector has seen. Objects are shared: never change one."""

    def __init__(self) -> None:
        self.synced = False
        self.resource_version = ""
        self.gap = "not synced yet"
        """Why nothing can be said, while ``synced`` is False."""
        self.served = True
        """False while the API server doesn't know the resource (its CRD isn't installed)."""
        self._objects: dict[Key, Obj] = {}
        self._indexes: dict[str, tuple[Index, dict[str, set[Key]]]] = {}
        self._listeners: list[Listener] = []
        self._deleted: dict[Key, int] = {}

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[Key]:
        return iter(tuple(self._objects))

    def get(self, key: Key) -> Obj | None:
        """The object as last seen."""
        return self._objects.get(key)

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` on every change from now on."""
        self._listeners.append(listener)

    def add_index(self, name: str, index: Index) -> None:
        """Make objects findable by the values that ``index`` gives for them."""
        table: dict[str, set[Key]] = {}
        self._indexes[name] = (index, table)
        for key, obj in self._objects.items():
            for value in index(obj):
                table.setdefault(value, set()).add(key)

    def by_index(self, name: str, value: str) -> list[Obj]:
        """Objects for which the index gives ``value``, in the order of their keys."""
        keys = self._indexes[name][1].get(value, ())
        return [self._objects[key] for key in sorted(keys)]

    def put(self, obj: Obj) -> None:
        """An object as the API server has it now; an older one than the cached is ignored."""
        key = key_of(obj)
        old = self._objects.get(key)
        seen = version(obj["metadata"]["resourceVersion"])
        if old and version(old["metadata"]["resourceVersion"]) > seen:
            return
        if self._deleted.get(key, 0) > seen:
            return
        self._deleted.pop(key, None)
        self._objects[key] = obj
        self._reindex(key, old, obj)
        self._tell(key, old, obj)

    def drop(self, key: Key, resource_version: str = "") -> None:
        """The object is gone."""
        old = self._objects.pop(key, None)
        if resource_version:
            self._deleted[key] = version(resource_version)
            if len(self._deleted) > TOMBSTONES:
                del self._deleted[next(iter(self._deleted))]
        if old is None:
            return
        self._reindex(key, old, None)
        self._tell(key, old, None)

    def replace(self, objects: list[Obj], resource_version: str) -> None:
        """A fresh list: what isn't in it was deleted meanwhile."""
        self._deleted.clear()
        self.synced, self.gap, self.served = True, "", True
        self.resource_version = resource_version
        keep = {key_of(obj) for obj in objects}
        for key in [key for key in self._objects if key not in keep]:
            self.drop(key)
        for obj in objects:
            old = self._objects.get(key_of(obj))
            same = old is not None and _same_version(old, obj)
            if not same:
                self.put(obj)

    def lost(self, why: str, *, served: bool = True) -> None:
        """Nothing can be said any more, until the next list."""
        was = (self.synced, self.served)
        self.synced, self.gap, self.served = False, why, served
        if not served:
            for key in list(self._objects):
                self.drop(key)
        if was != (self.synced, self.served):
            self.nudge()

    def nudge(self) -> None:
        """Tell listeners that the state of the whole collection changed."""
        for listener in self._listeners:
            listener(Key("", ""), None, None)

    def reached(self, key: Key, resource_version: str) -> bool:
        """Whether the cache shows this version of this object, or a later state."""
        wanted = version(resource_version)
        obj = self._objects.get(key)
        if obj and version(obj["metadata"]["resourceVersion"]) >= wanted:
            return True
        return version(self.resource_version) >= wanted

    def _reindex(self, key: Key, old: Obj | None, new: Obj | None) -> None:
        for index, table in self._indexes.values():
            for value in index(old) if old else ():
                keys = table.get(value)
                if keys:
                    keys.discard(key)
                    if not keys:
                        del table[value]
            for value in index(new) if new else ():
                table.setdefault(value, set()).add(key)

    def _tell(self, key: Key, old: Obj | None, new: Obj | None) -> None:
        for listener in self._listeners:
            listener(key, old, new)


def _same_version(a: Obj, b: Obj) -> bool:
    one, two = a["metadata"], b["metadata"]
    return bool(
        one["resourceVersion"] == two["resourceVersion"] and one.get("uid") == two.get("uid")
    )
