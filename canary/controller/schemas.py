"""Which fields the served version of a CRD has: one read when it matters, and again much later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from canary.clock import Clock
from canary.kube.client import Client
from canary.kube.errors import ApiError, Forbidden, NotFound, Unreachable
from canary.kube.resources import Key
from providers.interface import ObjectKind

log = logging.getLogger("canary.schemas")

RETRIES = (1.0, 2.0, 4.0)
"""Seconds after each read that fails; behind the last one all fields are taken to be there."""
FRESH = 600.0
"""Seconds for which an answer is good: CRDs are upgraded now and then."""

Schema = Mapping[str, Any]
_KEEPS_ALL = "x-kubernetes-preserve-unknown-fields"


class Schemas:
    """Remembers what the API server says of kinds, and asks for it only when a field is looked for.

    ``changed`` is called with the Canaries that looked, when an answer has arrived.
    """

    def __init__(self, client: Client, clock: Clock, changed: Callable[[Key], None]) -> None:
        self._client, self._clock, self._changed = client, clock, changed
        self._known: dict[ObjectKind, tuple[float, Schema]] = {}
        self._tasks: dict[ObjectKind, asyncio.Task[None]] = {}
        self._waiting: dict[ObjectKind, set[Key]] = {}

    def has(self, kind: ObjectKind, path: str, canary: Key) -> bool | None:
        """Whether objects of ``kind`` may have ``path`` (``[]`` behind a list); None while that is
        being asked for the first time."""
        at, schema = self._known.get(kind, (0.0, None))
        if schema is None or self._clock.monotonic() - at > FRESH:
            self._waiting.setdefault(kind, set()).add(canary)
            if kind not in self._tasks:
                self._tasks[kind] = asyncio.create_task(self._read(kind))
        return None if schema is None else declares(schema, path)

    @property
    def reading(self) -> bool:
        """Whether a read is under way."""
        return bool(self._tasks)

    async def _read(self, kind: ObjectKind) -> None:
        try:
            self._known[kind] = (self._clock.monotonic(), await self._schema(kind))
        finally:
            del self._tasks[kind]
            for canary in self._waiting.pop(kind, ()):
                self._changed(canary)

    async def _schema(self, kind: ObjectKind) -> Schema:
        """That of the served version; one that has every field where nobody says."""
        path = f"/openapi/v3/apis/{kind.group}/{kind.version}"
        for delay in RETRIES:
            try:
                return _of_kind(await self._client.raw(path), kind)
            except (NotFound, Forbidden) as refusal:
                log.warning("%s can't be read: %s", path, refusal)
                break
            except (ApiError, Unreachable) as failure:
                log.warning("%s can't be read: %s", path, failure)
                await asyncio.sleep(delay)
        return {_KEEPS_ALL: True}

    def close(self) -> None:
        """Stop all reads."""
        for task in self._tasks.values():
            task.cancel()


def _of_kind(document: Any, kind: ObjectKind) -> Schema:
    row = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    schemas: Mapping[str, Schema] = document["components"]["schemas"]
    found = (s for s in schemas.values() if row in s.get("x-kubernetes-group-version-kind", ()))
    return next(found, {_KEEPS_ALL: True})


def declares(schema: Schema, path: str) -> bool:
    """Whether what is written at ``path`` is kept."""
    for name in path.replace("[]", ".[]").split("."):
        inner = schema.get("items") if name == "[]" else (schema.get("properties") or {}).get(name)
        if not inner:
            return bool(schema.get(_KEEPS_ALL))
        schema = inner
    return True
