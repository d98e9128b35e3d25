"""From a URL path to what it addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from canary.sandbox.kind import Kind
from canary.sandbox.refusal import no_such_group, no_such_path

_OF_ONE = ("status", "finalize")
"""Subresources of a namespace itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """A collection (no name), an object, or a subresource of one."""

    kind: Kind
    namespace: str
    name: str
    subresource: str


def place(path: str, kinds: Mapping[tuple[str, str, str], Kind]) -> Place:
    """What ``path`` addresses; ``kinds`` by group, version and plural. Raises Refused (404)."""
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        raise no_such_group()
    if not any(key[:2] == (group, version) for key in kinds):
        raise no_such_group()
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and (len(rest) > 3 or rest[2] not in _OF_ONE):
        namespace, rest = rest[1], rest[2:]
    kind = kinds.get((group, version, rest[0]))
    if kind is None or len(rest) > 3:
        raise no_such_path()
    name = rest[1] if len(rest) > 1 else ""
    if (namespace and not kind.namespaced) or (name and kind.namespaced and not namespace):
        raise no_such_path()
    return Place(kind, namespace, name, rest[2] if len(rest) > 2 else "")
