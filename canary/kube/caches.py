"""All caches of one process: a reflector per resource and scope, started on demand."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from canary.kube import trim
from canary.kube.client import Client
from canary.kube.reflector import Reflector
from canary.kube.resources import (
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    ENDPOINT_SLICES,
    SECRETS,
    Key,
    Obj,
    Resource,
)
from canary.kube.store import Index, Store

Changed = Callable[[Resource, Key, Obj | None, Obj | None], None]
"""Hears resource, key, old and new object; the empty key: the whole collection."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How a resource is cached."""

    label_selector: str = ""
    metadata_only: bool = False
    trim: Callable[[Obj], Obj] = trim.trimmed


_SCOPES: dict[Resource, Scope] = {
    CONFIG_MAPS: Scope(metadata_only=True, trim=trim.metadata_only),
    SECRETS: Scope(metadata_only=True, trim=trim.metadata_only),
    ENDPOINT_SLICES: Scope(trim=trim.endpoint_slice),
    CONTROLLER_REVISIONS: Scope(label_selector="app.kubernetes.io/managed-by=canary-engine"),
}


class Caches:
    """Stores by resource and namespace; with ``namespaces`` only those are ever listed."""

    def __init__(
        self,
        client: Client,
        changed: Changed,
        rng: random.Random,
        namespaces: Sequence[str] = (),
        indexes: Mapping[Resource, Mapping[str, Index]] | None = None,
    ) -> None:
        self._client = client
        self._changed = changed
        self._rng = rng
        self._namespaces = tuple(namespaces)
        self._indexes = indexes or {}
        self._stores: dict[tuple[Resource, str], Store] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def store(self, resource: Resource, namespace: str) -> Store:
        """The store that holds objects of ``resource`` in ``namespace``; starts its reflector."""
        scope = namespace if self._namespaces else ""
        store = self._stores.get((resource, scope))
        return store if store is not None else self._start(resource, scope)

    def everywhere(self, resource: Resource) -> list[Store]:
        """The stores of ``resource`` in every namespace that is watched."""
        return [self.store(resource, name) for name in self._namespaces or ("",)]

    def covers(self, namespace: str) -> bool:
        """Whether objects of ``namespace`` are looked at by this process."""
        return not self._namespaces or namespace in self._namespaces

    @property
    def synced(self) -> bool:
        """Whether everything that was started has been listed, or is known not to be served."""
        return all(store.synced or not store.served for store in self._stores.values())

    def states(self) -> list[tuple[Resource, str, bool]]:
        """Resource, namespace and whether it is in sync, for each cache."""
        return [(place[0], place[1], store.synced) for place, store in self._stores.items()]

    async def close(self) -> None:
        """Stop all reflectors."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def _start(self, resource: Resource, namespace: str) -> Store:
        scope = _SCOPES.get(resource, Scope())
        store = Store()
        for name, index in self._indexes.get(resource, {}).items():
            store.add_index(name, index)
        store.listen(lambda key, old, new: self._changed(resource, key, old, new))
        self._stores[(resource, namespace)] = store
        reflector = Reflector(
            self._client,
            resource,
            store,
            rng=self._rng,
            trim=scope.trim,
            namespace=namespace or None,
            label_selector=scope.label_selector,
            metadata_only=scope.metadata_only,
        )
        self._tasks.append(asyncio.create_task(reflector.run(), name=f"reflector {resource}"))
        return store
