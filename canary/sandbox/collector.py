"""Garbage collection: dependents of an owner that is gone go too."""

from __future__ import annotations

from canary.kube.resources import Key, Resource
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.refusal import Refused
from canary.sandbox.server import Server


class Collector:
    """Follows owner references by uid."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._dependents: dict[str, set[tuple[Resource, Key]]] = {}

    def changed(self, resource: Resource, key: Key, obj: JsonObj, *, gone: bool) -> None:
        """An object was written or deleted."""
        place = (resource, key)
        for reference in obj["metadata"].get("ownerReferences") or ():
            owned = self._dependents.setdefault(reference["uid"], set())
            if gone:
                owned.discard(place)
            else:
                owned.add(place)
        if gone:
            for dependent in sorted(self._dependents.pop(obj["metadata"]["uid"], ())):
                self._collect(*dependent)

    def _collect(self, resource: Resource, key: Key) -> None:
        obj = self._server.storage.get(resource, key)
        if obj is None:
            return
        kind = self._server.kind_of(resource.group, resource.version, resource.plural)
        try:
            self._server.writer.delete(kind, key, {"uid": obj["metadata"]["uid"]})
        except Refused:
            # Replaced by another object meanwhile: that one has owners of its own.
            return
