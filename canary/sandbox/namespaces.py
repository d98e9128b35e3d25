"""The namespace controller: a namespace goes when its content is gone."""

from __future__ import annotations

from canary.kube.resources import NAMESPACES, Key, Resource
from canary.sandbox import deletion
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.server import Server


class Namespaces:
    """Empties namespaces that are being deleted."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def changed(self, resource: Resource, key: Key, *, gone: bool) -> None:
        """An object was written or deleted."""
        if resource == NAMESPACES:
            self._empty(key.name)
        elif gone:
            self._finish(key.namespace)

    def _doomed(self, name: str) -> JsonObj | None:
        found = self._server.storage.get(NAMESPACES, Key("", name))
        return found if found and "deletionTimestamp" in found["metadata"] else None

    def _empty(self, name: str) -> None:
        if self._doomed(name) is None:
            return
        for resource, key in self._content(name):
            obj = self._server.storage.get(resource, key)
            if obj is not None and "deletionTimestamp" not in obj["metadata"]:
                kind = self._server.kind_of(resource.group, resource.version, resource.plural)
                deletion.delete(self._server.writer, kind, key, {})
        self._finish(name)

    def _finish(self, name: str) -> None:
        found = self._doomed(name)
        if found is None or self._content(name):
            return
        # As its finalizer says, all is done.
        spec = {**found["spec"], "finalizers": []}
        self._server.storage.put(NAMESPACES, Key("", name), {**found, "spec": spec})
        self._server.storage.remove(NAMESPACES, Key("", name))

    def _content(self, name: str) -> list[tuple[Resource, Key]]:
        storage = self._server.storage
        return [
            (resource, key)
            for resource in storage.resources()
            for key, _ in storage.all(resource)
            if key.namespace == name
        ]
