"""The writes of a projection, as values: what, on which version of which object, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from canary.kube.resources import Key, Obj, Resource

_NOWHERE = Key("", "")


@dataclass(frozen=True, slots=True)
class Write:
    """One write. ``uid`` and ``resource_version`` are those of the object that the decision saw;
    both empty: it saw none, and the write creates."""

    resource: Resource
    key: Key
    uid: str = ""
    resource_version: str = ""
    intent: str = field(default="", kw_only=True)
    """What the object is meant to be: a write with the last one's intent corrects drift. Empty:
    drift isn't looked for."""
    inherits: bool = field(default=False, kw_only=True)
    """Fields of the object are still another manager's that this engine succeeds."""
    waits: bool = field(default=False, kw_only=True)
    """It goes on with what the last write of the route began, and is due once the proxies have had
    the settle time to take that over."""


@dataclass(frozen=True, slots=True)
class Apply(Write):
    """Server-side apply of a whole manifest of owned fields.

    ``routing`` is the canary weight that this puts into the route, None for other objects.
    ``serves`` marks a Service that users' requests take to the primary. ``template`` is the digest
    of the pinned spec that this gives the primary.
    """

    manifest: Obj = None  # type: ignore[assignment]
    routing: int | None = None
    serves: bool = False
    template: str = ""


@dataclass(frozen=True, slots=True)
class Create(Write):
    """Creation of an object that is never applied again as a whole."""

    manifest: Obj = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Patch(Write):
    """JSON Patch of the engine's own fields in an object, or of the primary's template."""

    operations: Sequence[Mapping[str, Any]] = ()
    routing: int | None = None
    serves: bool = False
    template: str = ""
    """Digest of the pinned template that this gives the primary."""
    idles: bool = False
    """It lets the target go to zero."""


@dataclass(frozen=True, slots=True)
class Scale(Write):
    """A replica count, through ``/scale`` where the kind has it."""

    replicas: int = 0
    primary: bool = False
    operations: Sequence[Mapping[str, Any]] = ()
    """The JSON Patch that does it, for kinds without ``/scale``."""


@dataclass(frozen=True, slots=True)
class Copy(Write):
    """A ``-primary`` copy of a ConfigMap or Secret, made from ``source`` as it is read then.

    The source must have ``checksum``, or nothing is written.
    """

    source: Key = _NOWHERE
    checksum: str = ""
    owners: Sequence[Obj] = ()
    """Owner references of others on the copy: theirs for good, without control."""


@dataclass(frozen=True, slots=True)
class Delete(Write):
    """Removal of an object that the engine made."""


def puts_weight(write: Write) -> int | None:
    """The canary weight that ``write`` puts into a route; None if it isn't a route's."""
    return write.routing if isinstance(write, (Apply, Patch)) else None


def intent_of(meant: Obj) -> str:
    """A short name of what an object is meant to be."""
    text = orjson.dumps(meant, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:12]
