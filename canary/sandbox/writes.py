"""Create, update and apply, with an API server's preconditions and bookkeeping."""

from __future__ import annotations

import uuid

from canary.clock import Clock, rfc3339
from canary.kube.resources import Key
from canary.sandbox.defaults import allocate
from canary.sandbox.incoming import SET_BY_SERVER, checked_namespace, private_copy, suffix
from canary.sandbox.jsonvalue import JsonObj, same, thaw
from canary.sandbox.kind import Kind
from canary.sandbox.ownership import (
    UPDATE,
    Manager,
    after_apply,
    after_update,
    read_managers,
    write_managers,
)
from canary.sandbox.preconditions import check_finalizers, check_update, check_valid
from canary.sandbox.refusal import (
    already_exists,
    bad_request,
    conflict,
    not_found,
)
from canary.sandbox.replacing import (
    finished,
    owners,
    replaced,
    spec_part,
    without_managers,
)
from canary.sandbox.storage import Storage

_UIDS = uuid.UUID("0b0e3a52-5d1c-4f7e-9f3c-5d9f3f6f8e11")


class Writer:
    """Changes the storage of one cluster; all methods give the object as it is afterwards.

    With ``dry_run`` the answer is the same and nothing is stored.
    """

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self.storage = storage
        self._clock = clock
        self._made = 0

    def create(
        self, kind: Kind, namespace: str, body: JsonObj, manager: str, *, dry_run: bool = False
    ) -> JsonObj:
        """A new object; raises Refused when it exists, or isn't acceptable."""
        obj = private_copy(kind, namespace, body)
        checked_namespace(self.storage, kind, namespace, obj)
        if not obj["metadata"].get("name"):
            obj["metadata"]["name"] = obj["metadata"]["generateName"] + suffix(self._made)
        key = Key(namespace, obj["metadata"]["name"])
        if self.storage.get(kind.resource, key) is not None:
            raise already_exists(kind.resource, key.name)
        if kind.status:
            obj.pop("status", None)
        obj = kind.complete(obj)
        writer = Manager(manager, UPDATE, kind.resource.api_version)
        managers = after_update({}, dict(kind.zero), obj, kind.shape, writer, self.now)
        return self._born(kind, key, obj, write_managers(managers), dry_run=dry_run)

    def update(
        self,
        kind: Kind,
        key: Key,
        body: JsonObj,
        manager: str,
        *,
        subresource: str = "",
        patched: bool = False,
        dry_run: bool = False,
    ) -> JsonObj:
        """The object replaced by ``body``, or only its status.

        ``patched``: ``body`` came of a patch of the live object. Its uid is then no precondition,
        but a field like others, which can't be changed.
        """
        live = self.live(kind, key)
        meta = body.get("metadata") or {}
        check_update(kind, key, live, meta, patched=patched)
        new = replaced(kind, live, body, subresource)
        # A client may rewrite who owns what, as tools do that move to server-side apply.
        given = meta.get("managedFields") or live["metadata"].get("managedFields") or ()
        managers = after_update(
            read_managers(given),
            live,
            new,
            kind.shape,
            Manager(manager, UPDATE, kind.resource.api_version, subresource),
            self.now,
        )
        entries = write_managers(managers)
        return self._changed(kind, key, live, new, entries, subresource, dry_run)

    def apply(
        self,
        kind: Kind,
        key: Key,
        config: JsonObj,
        manager: str,
        *,
        force: bool,
        subresource: str = "",
        dry_run: bool = False,
    ) -> JsonObj:
        """Server-side apply of ``config``; creates the object when there is none."""
        live = self.storage.get(kind.resource, key)
        if live is None and subresource:
            raise not_found(kind.resource, key.name)
        meta = config.get("metadata") or {}
        if "managedFields" in meta:
            raise bad_request("metadata.managedFields must be nil")
        if live is None and meta.get("uid"):
            why = f"uid mismatch: the provided object specified uid {meta['uid']}, "
            raise conflict(kind.resource, key.name, why + "and no existing object was found")
        config = private_copy(kind, key.namespace, {**config, "metadata": {**meta}})
        if live is None:
            checked_namespace(self.storage, kind, key.namespace, config)
        for name in ("uid", "resourceVersion"):
            config["metadata"].pop(name, None)
        status = "status" if subresource == "status" else "!status"
        merged, managers = after_apply(
            read_managers(live["metadata"].get("managedFields") or ()) if live else {},
            live or {},
            config,
            kind.shape,
            Manager(manager, "Apply", subresource=subresource),
            api_version=kind.resource.api_version,
            now=self.now,
            force=force,
            within=status if kind.status else "",
        )
        if live is not None:
            check_update(kind, key, live, meta, patched=True)
        entries = write_managers(managers)
        if live is None:
            if kind.status:
                merged.pop("status", None)
            born = kind.complete(thaw(merged))
            return self._born(kind, key, born, entries, dry_run=dry_run)
        new = replaced(kind, live, merged, subresource)
        return self._changed(kind, key, live, new, entries, subresource, dry_run)

    @property
    def now(self) -> str:
        """The time as objects show it."""
        return rfc3339(self._clock.now())

    def live(self, kind: Kind, key: Key) -> JsonObj:
        """The object as it is; raises Refused (404)."""
        live = self.storage.get(kind.resource, key)
        if live is None:
            raise not_found(kind.resource, key.name)
        return live

    def _born(
        self, kind: Kind, key: Key, obj: JsonObj, managers: list[JsonObj], *, dry_run: bool
    ) -> JsonObj:
        if kind.first_status is not None:
            obj["status"] = thaw(kind.first_status)
        meta = {k: v for k, v in obj["metadata"].items() if k not in SET_BY_SERVER}
        meta.pop("resourceVersion", None)
        self._made += 1
        meta |= {"uid": str(uuid.uuid5(_UIDS, str(self._made))), "creationTimestamp": self.now}
        if kind.counted:
            meta["generation"] = 1
        if managers:
            meta["managedFields"] = managers
        obj["metadata"] = meta
        if kind.resource.plural == "services":
            allocate(obj["spec"], self._made)
        check_valid(kind, obj, None)
        return obj if dry_run else self.storage.put(kind.resource, key, obj)

    def _changed(
        self,
        kind: Kind,
        key: Key,
        live: JsonObj,
        new: JsonObj,
        managers: list[JsonObj],
        subresource: str,
        dry_run: bool,
    ) -> JsonObj:
        """Store ``new`` unless nothing changed; finish a deletion that waited for finalizers."""
        meta = {**new["metadata"], "resourceVersion": live["metadata"]["resourceVersion"]}
        counts = kind.counted and subresource != "status"
        if counts and not same(spec_part(new), spec_part(live)):
            meta["generation"] = live["metadata"]["generation"] + 1
        new = {**new, "metadata": meta}
        if same(without_managers(new), without_managers(live)):
            known = live["metadata"].get("managedFields") or []
            if owners(known) == owners(managers):
                return live
        new["metadata"]["managedFields"] = managers
        if not managers:
            del new["metadata"]["managedFields"]
        check_valid(kind, new, live)
        check_finalizers(kind, live, new)
        if dry_run:
            return new
        if "deletionTimestamp" in meta and finished(new):
            self.storage.put(kind.resource, key, new)
            return self.storage.remove(kind.resource, key)
        return self.storage.put(kind.resource, key, new)
