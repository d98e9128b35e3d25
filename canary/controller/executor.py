"""Carrying out one write, with its precondition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from canary.controller.digests import describe
from canary.controller.memory import Expectation
from canary.controller.settings import Settings
from canary.controller.writes import Apply, Copy, Create, Delete, Patch, Scale, Write
from canary.kube.client import Client
from canary.kube.errors import Conflict, Invalid, NotFound
from canary.kube.resources import CONFIG_MAPS, Obj
from canary.workloads.configs import copy_of
from canary.workloads.managers import inherited
from canary.workloads.ownership import owner_reference


class Executor:
    """Sends writes; raises ApiError or Unreachable like the client."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    async def carry_out(self, write: Write, canary: Obj) -> Expectation | None:
        """Do ``write``; gives what the caches will show, None when there is nothing to await."""
        if isinstance(write, Apply):
            found = await self._apply(write, write.manifest)
        elif isinstance(write, Create):
            found = await self._client.create(write.resource, write.manifest)
        elif isinstance(write, Patch):
            found = await self._patch(write, write.operations)
        elif isinstance(write, Copy):
            found = await self._copy(write, canary)
        elif isinstance(write, Scale) and write.operations:
            found = await self._patch(write, write.operations)
        elif isinstance(write, Scale):
            found = await self._client.scale(
                write.resource,
                write.key.namespace,
                write.key.name,
                write.replicas,
                uid=write.uid,
                resource_version=write.resource_version,
            )
        elif isinstance(write, Delete):
            await self._delete(write)
            return None
        else:
            raise AssertionError(f"no way to carry out {write!r}")
        return Expectation(write.resource, write.key, str(found["metadata"]["resourceVersion"]))

    async def _apply(self, write: Write, manifest: Obj) -> Obj:
        """Create, or apply over what was seen, after taking former managers' fields over."""
        if not write.uid:
            made = await self._client.create(write.resource, manifest)
            return await self._inherit(write, made)
        body: dict[str, Any] = {**manifest, "metadata": dict(manifest["metadata"])}
        version = write.resource_version
        if write.inherits:
            live = await self._client.get(write.resource, write.key.namespace, write.key.name)
            if str(live["metadata"]["resourceVersion"]) != version:
                raise Conflict(409, "Conflict", f"{write.key} changed meanwhile")
            version = str((await self._inherit(write, live))["metadata"]["resourceVersion"])
        body["metadata"] |= {"uid": write.uid, "resourceVersion": version}
        return await self._client.apply(write.resource, body)

    async def _inherit(self, write: Write, live: Obj) -> Obj:
        """Make what Flagger, or our own creation, wrote fields of our applies.

        A later apply can then drop a field that the manifest no longer has.
        """
        entries = live["metadata"].get("managedFields") or []
        renamed = inherited(entries, self._client.manager)
        if renamed == entries:
            return live
        meta = live["metadata"]
        return await self._client.json_patch(
            write.resource,
            write.key.namespace,
            write.key.name,
            [{"op": "replace", "path": "/metadata/managedFields", "value": renamed}],
            uid=meta["uid"],
            resource_version=meta["resourceVersion"],
        )

    async def _patch(self, write: Write, operations: Sequence[Any]) -> Obj:
        return await self._client.json_patch(
            write.resource,
            write.key.namespace,
            write.key.name,
            operations,
            uid=write.uid,
            resource_version=write.resource_version,
        )

    async def _copy(self, write: Copy, canary: Obj) -> Obj:
        """Read the source, and write its copy only if it still is what was tracked."""
        source = await self._client.get(write.resource, write.source.namespace, write.source.name)
        if describe(write.resource, source).checksum != write.checksum:
            raise Conflict(409, "Conflict", f"{write.source} changed meanwhile")
        kind = "configmap" if write.resource == CONFIG_MAPS else "secret"
        prefixes = self._settings.include_label_prefixes
        manifest = copy_of(source, kind, owner_reference(canary), prefixes, write.owners)
        try:
            return await self._apply(write, manifest)
        except Invalid as error:
            if not write.uid or "immutable" not in error.message:
                raise
            # The copy of an immutable object can only make room for another one (D30).
            await self._delete(write)
            raise Conflict(409, "Conflict", f"{write.key} was immutable: made anew") from error

    async def _delete(self, write: Write) -> None:
        try:
            await self._client.delete(
                write.resource, write.key.namespace, write.key.name, uid=write.uid
            )
        except NotFound:
            # Somebody was faster.
            return
