"""Garbage collection: dependents of an owner that is gone, or waits to go, go too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from canary.kube.resources import Key, Resource
from canary.sandbox import deletion
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.kind import Kind
from canary.sandbox.refusal import Refused
from canary.sandbox.server import Server

_MANAGER = "kube-controller-manager"
_Place = tuple[Resource, Key]


class Collector:
    """Follows owner references by uid."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._dependents: dict[str, set[_Place]] = {}
        self._live: set[str] = set()
        """Identities of what is there."""

    def changed(self, resource: Resource, key: Key, obj: JsonObj, *, gone: bool) -> None:
        """An object was written or deleted."""
        place, references = (resource, key), obj["metadata"].get("ownerReferences") or ()
        (self._live.discard if gone else self._live.add)(obj["metadata"]["uid"])
        if references and not gone and not any(one["uid"] in self._live for one in references):
            # Made for an owner that had gone by then.
            self._collect(resource, key, {"preconditions": {"uid": obj["metadata"]["uid"]}})
            return
        for reference in references:
            owned = self._dependents.setdefault(reference["uid"], set())
            if gone:
                owned.discard(place)
                self._finish(reference, key.namespace)
            else:
                owned.add(place)
        uid = obj["metadata"]["uid"]
        if gone:
            for dependent in sorted(self._dependents.pop(uid, ())):
                self._bereaved(dependent, uid)
        elif "deletionTimestamp" in obj["metadata"]:
            self._prepare(resource, key, obj)

    def _bereaved(self, place: _Place, uid: str) -> None:
        """An owner is gone: its dependent goes with the last one that it still refers to."""
        obj = self._server.storage.get(*place)
        references = (obj or {"metadata": {}})["metadata"].get("ownerReferences") or ()
        owners = {reference["uid"] for reference in references}
        if obj is None or uid not in owners:
            return
        if owners & self._live:
            self._disown(place, uid)
        else:
            self._collect(*place, {"preconditions": {"uid": obj["metadata"]["uid"]}})

    def _prepare(self, resource: Resource, key: Key, obj: JsonObj) -> None:
        """Do what an owner's finalizers wait for."""
        finalizers, uid = obj["metadata"].get("finalizers") or (), obj["metadata"]["uid"]
        if deletion.ORPHAN in finalizers:
            for dependent in sorted(self._dependents.pop(uid, ())):
                self._disown(dependent, uid)
            self._release(resource, key, deletion.ORPHAN)
        elif deletion.FOREGROUND in finalizers:
            blocking = list(self._blocking(uid))
            for dependent in sorted(self._dependents.get(uid, ())):
                if dependent in blocking:
                    self._collect(*dependent, {"propagationPolicy": "Foreground"})
            if not list(self._blocking(uid)):
                self._release(resource, key, deletion.FOREGROUND)

    def _blocking(self, uid: str) -> Iterator[_Place]:
        """Dependents that are still there and that their owner has to wait for."""
        for place in sorted(self._dependents.get(uid, ())):
            obj = self._server.storage.get(*place)
            for reference in (obj or {"metadata": {}})["metadata"].get("ownerReferences") or ():
                if reference["uid"] == uid and reference.get("blockOwnerDeletion"):
                    yield place

    def _finish(self, reference: Any, namespace: str) -> None:
        """A dependent is gone: its owner may have waited for the last one."""
        for kind in self._server.kinds:
            if (kind.resource.api_version, kind.resource.kind) == (
                reference["apiVersion"],
                reference["kind"],
            ):
                key = Key(namespace if kind.namespaced else "", reference["name"])
                owner = self._server.storage.get(kind.resource, key)
                waits = owner is not None and owner["metadata"]["uid"] == reference["uid"]
                if owner is not None and waits and "deletionTimestamp" in owner["metadata"]:
                    self._prepare(kind.resource, key, owner)

    def _collect(self, resource: Resource, key: Key, wanted: JsonObj) -> None:
        obj = self._server.storage.get(resource, key)
        if obj is None:
            return
        try:
            deletion.delete(self._server.writer, self._kind(resource), key, wanted)
        except Refused:
            # Replaced by another object meanwhile: that one has owners of its own.
            return

    def _disown(self, place: _Place, uid: str) -> None:
        obj = self._server.storage.get(*place)
        if obj is None:
            return
        owners = [one for one in obj["metadata"]["ownerReferences"] if one["uid"] != uid]
        body = {**obj, "metadata": {**obj["metadata"], "ownerReferences": owners}}
        if not owners:
            del body["metadata"]["ownerReferences"]
        self._server.writer.update(self._kind(place[0]), place[1], body, _MANAGER)

    def _release(self, resource: Resource, key: Key, finalizer: str) -> None:
        obj = self._server.storage.get(resource, key)
        if obj is None or finalizer not in (obj["metadata"].get("finalizers") or ()):
            return
        left = [one for one in obj["metadata"]["finalizers"] if one != finalizer]
        meta = {**obj["metadata"], "finalizers": left}
        if not left:
            del meta["finalizers"]
        body = {**obj, "metadata": meta}
        self._server.writer.update(self._kind(resource), key, body, _MANAGER)

    def _kind(self, resource: Resource) -> Kind:
        return self._server.kind_of(resource.group, resource.version, resource.plural)
