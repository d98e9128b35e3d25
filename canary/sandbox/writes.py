"""Create, update, apply and delete, with an API server's preconditions and bookkeeping."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from canary.clock import Clock, rfc3339
from canary.kube.resources import NAMESPACES, Key
from canary.sandbox.defaults import cluster_address
from canary.sandbox.fielderror import invalid, required
from canary.sandbox.jsonvalue import JsonObj, drop_nulls, same, thaw
from canary.sandbox.kinds import Kind
from canary.sandbox.ownership import (
    UPDATE,
    Manager,
    after_apply,
    after_update,
    read_managers,
    write_managers,
)
from canary.sandbox.refusal import (
    already_exists,
    bad_request,
    conflict,
    delete_conflict,
    invalid_object,
    not_found,
    uid_conflict,
)
from canary.sandbox.storage import Storage

_UIDS = uuid.UUID("0b0e3a52-5d1c-4f7e-9f3c-5d9f3f6f8e11")
_SET_BY_SERVER = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "managedFields")


class Writer:
    """Changes the storage of one cluster; all methods give the object as it is afterwards."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self.storage = storage
        self._clock = clock
        self._made = 0

    def create(
        self, kind: Kind, namespace: str, body: JsonObj, manager: str, *, dry_run: bool = False
    ) -> JsonObj:
        """A new object; raises Refused when it exists, or isn't acceptable."""
        obj = self._incoming(kind, namespace, body)
        key = Key(namespace, obj["metadata"]["name"])
        if self.storage.get(kind.resource, key) is not None:
            raise already_exists(kind.resource, key.name)
        managers = after_update(
            {}, {}, obj, kind.shape, Manager(manager, UPDATE, kind.resource.api_version), self._now
        )
        return self._born(kind, key, obj, write_managers(managers), dry_run=dry_run)

    def update(
        self, kind: Kind, key: Key, body: JsonObj, manager: str, *, subresource: str = ""
    ) -> JsonObj:
        """The object replaced by ``body``, or only its status."""
        live = self._live(kind, key)
        meta = body.get("metadata") or {}
        self._check_preconditions(kind, key, live, meta, needs_version=kind.custom)
        new = self._replaced(kind, live, body, subresource)
        # A client may rewrite who owns what, as tools do that move to server-side apply.
        given = meta.get("managedFields") or live["metadata"].get("managedFields") or ()
        managers = after_update(
            read_managers(given),
            live,
            new,
            kind.shape,
            Manager(manager, UPDATE, kind.resource.api_version, subresource),
            self._now,
        )
        return self._changed(kind, key, live, new, write_managers(managers), subresource)

    def apply(self, kind: Kind, key: Key, config: JsonObj, manager: str, *, force: bool) -> JsonObj:
        """Server-side apply of ``config``; creates the object when there is none."""
        live = self.storage.get(kind.resource, key)
        meta = config.get("metadata") or {}
        if "managedFields" in meta:
            raise bad_request("metadata.managedFields must be nil")
        if live is None and meta.get("uid"):
            raise conflict(
                kind.resource,
                key.name,
                f"uid mismatch: the provided object specified uid {meta['uid']}, "
                "and no existing object was found",
            )
        if live is not None:
            self._check_preconditions(kind, key, live, meta, needs_version=False)
        config = self._incoming(kind, key.namespace, {**config, "metadata": {**meta}})
        for name in ("uid", "resourceVersion"):
            config["metadata"].pop(name, None)
        merged, managers = after_apply(
            read_managers(live["metadata"].get("managedFields") or ()) if live else {},
            live or {},
            config,
            kind.shape,
            Manager(manager, "Apply"),
            api_version=kind.resource.api_version,
            now=self._now,
            force=force,
            within="!status" if kind.status else "",
        )
        if live is None:
            return self._born(kind, key, thaw(merged), write_managers(managers), dry_run=False)
        new = self._replaced(kind, live, merged, "")
        return self._changed(kind, key, live, new, write_managers(managers), "")

    def delete(self, kind: Kind, key: Key, preconditions: Mapping[str, Any]) -> JsonObj | None:
        """Delete; gives the object while finalizers keep it, None when it is gone."""
        live = self._live(kind, key)
        uid, version = preconditions.get("uid"), preconditions.get("resourceVersion")
        meta = live["metadata"]
        if uid and uid != meta["uid"]:
            why = (
                f"Precondition failed: UID in precondition: {uid}, "
                f"UID in object meta: {meta['uid']}"
            )
            raise delete_conflict(kind.resource, key.name, why)
        if version and version != meta["resourceVersion"]:
            why = (
                f"Precondition failed: ResourceVersion in precondition: {version}, "
                f"ResourceVersion in object meta: {meta['resourceVersion']}"
            )
            raise delete_conflict(kind.resource, key.name, why)
        if meta.get("finalizers"):
            if "deletionTimestamp" in meta:
                return live
            marked = {"deletionTimestamp": self._now, "deletionGracePeriodSeconds": 0}
            return self.storage.put(kind.resource, key, {**live, "metadata": {**meta, **marked}})
        self.storage.remove(kind.resource, key)
        return None

    @property
    def _now(self) -> str:
        return rfc3339(self._clock.now())

    def _live(self, kind: Kind, key: Key) -> JsonObj:
        live = self.storage.get(kind.resource, key)
        if live is None:
            raise not_found(kind.resource, key.name)
        return live

    def _incoming(self, kind: Kind, namespace: str, body: JsonObj) -> JsonObj:
        """A private, typed copy of a request's object."""
        obj: JsonObj = thaw(body) if kind.custom else drop_nulls(body)
        meta = obj.setdefault("metadata", {})
        if not isinstance(meta, dict) or not meta.get("name"):
            detail = "name or generateName is required"
            error = required("metadata.name", detail)
            raise invalid_object(kind.resource.group, kind.resource.kind, "", [error])
        if kind.namespaced:
            if meta.setdefault("namespace", namespace) != namespace:
                text = "the namespace of the provided object does not match the namespace sent"
                raise bad_request(f"{text} on the request")
            if self.storage.get(NAMESPACES, Key("", namespace)) is None:
                raise not_found(NAMESPACES, namespace)
        obj["apiVersion"], obj["kind"] = kind.resource.api_version, kind.resource.kind
        if kind.resource.plural in ("deployments", "services", "pods", "replicasets"):
            obj.setdefault("spec", {})
        return obj

    def _born(
        self, kind: Kind, key: Key, obj: JsonObj, managers: list[JsonObj], *, dry_run: bool
    ) -> JsonObj:
        if kind.status:
            obj.pop("status", None)
        obj = kind.complete(obj)
        meta = {k: v for k, v in obj["metadata"].items() if k not in _SET_BY_SERVER}
        meta.pop("resourceVersion", None)
        self._made += 1
        meta |= {"uid": str(uuid.uuid5(_UIDS, str(self._made))), "creationTimestamp": self._now}
        if kind.counted:
            meta["generation"] = 1
        meta["managedFields"] = managers
        obj["metadata"] = meta
        if kind.resource.plural == "services":
            self._allocate(obj["spec"])
        self._validate(kind, obj, None)
        return obj if dry_run else self.storage.put(kind.resource, key, obj)

    def _allocate(self, spec: JsonObj) -> None:
        if spec.get("type") != "ExternalName":
            spec.setdefault("clusterIP", cluster_address(self._made))
            spec.setdefault("clusterIPs", [spec["clusterIP"]])

    def _check_preconditions(
        self, kind: Kind, key: Key, live: JsonObj, meta: Mapping[str, Any], *, needs_version: bool
    ) -> None:
        uid, version = meta.get("uid"), meta.get("resourceVersion")
        if uid and uid != live["metadata"]["uid"]:
            where = f"/registry/{kind.resource}/{key.namespace}/{key.name}"
            raise uid_conflict(kind.resource, where, key.name, uid, live["metadata"]["uid"])
        if version and version != live["metadata"]["resourceVersion"]:
            raise conflict(kind.resource, key.name)
        if needs_version and not version:
            error = invalid("metadata.resourceVersion", 0, "must be specified for an update")
            raise invalid_object(kind.resource.group, kind.resource.kind, key.name, [error])

    def _replaced(self, kind: Kind, live: JsonObj, body: JsonObj, subresource: str) -> JsonObj:
        """What ``body`` makes of the live object, less the bookkeeping."""
        if subresource == "status":
            new = {**live, "status": thaw(body.get("status"))}
            if new["status"] is None:
                del new["status"]
            return kind.complete(new) if kind.custom else new
        new = self._incoming(kind, live["metadata"].get("namespace", ""), body)
        meta, old = new["metadata"], live["metadata"]
        for name in _SET_BY_SERVER:
            meta.pop(name, None)
            if name in old:
                meta[name] = old[name]
        meta["resourceVersion"] = old["resourceVersion"]
        if kind.status:
            new.pop("status", None)
            if "status" in live:
                new["status"] = live["status"]
        if kind.resource.plural == "services":
            for name in ("clusterIP", "clusterIPs"):
                if name in live["spec"]:
                    new["spec"].setdefault(name, live["spec"][name])
        return kind.complete(new)

    def _changed(
        self,
        kind: Kind,
        key: Key,
        live: JsonObj,
        new: JsonObj,
        managers: list[JsonObj],
        subresource: str,
    ) -> JsonObj:
        """Store ``new`` unless nothing changed; finish a deletion that waited for finalizers."""
        meta = {**new["metadata"], "resourceVersion": live["metadata"]["resourceVersion"]}
        if kind.counted and not subresource and not same(_counted(new), _counted(live)):
            meta["generation"] = live["metadata"]["generation"] + 1
        new = {**new, "metadata": meta}
        if same(_unmanaged(new), _unmanaged(live)):
            known = live["metadata"].get("managedFields") or []
            if _owners(known) == _owners(managers):
                return live
        new["metadata"]["managedFields"] = managers
        self._validate(kind, new, live)
        if "deletionTimestamp" in meta and not meta.get("finalizers"):
            self.storage.put(kind.resource, key, new)
            return self.storage.remove(kind.resource, key)
        return self.storage.put(kind.resource, key, new)

    def _validate(self, kind: Kind, obj: JsonObj, before: JsonObj | None) -> None:
        errors = kind.errors(obj, before)
        if errors and before is not None and kind.custom:
            # Ratcheting: what was wrong before, and is left as it was, doesn't stop an update.
            known = set(kind.errors(kind.complete(before), None))
            errors = [error for error in errors if error not in known]
        if errors:
            name = obj["metadata"]["name"]
            raise invalid_object(kind.resource.group, kind.resource.kind, name, errors)


def _counted(obj: JsonObj) -> JsonObj:
    return {k: v for k, v in obj.items() if k not in ("metadata", "status")}


def _unmanaged(obj: JsonObj) -> JsonObj:
    meta = {k: v for k, v in obj["metadata"].items() if k != "managedFields"}
    return {**obj, "metadata": meta}


def _owners(entries: list[JsonObj]) -> list[JsonObj]:
    return [{k: v for k, v in entry.items() if k != "time"} for entry in entries]
