"""A route when its Canary goes: what both kinds of route have in common (D34, D35)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from providers import names
from providers.interface import Context, Desired, Object, ObjectKind


@dataclass(frozen=True, slots=True)
class Release:
    """The next write that gives a route back, as a JSON Patch; empty when nothing of the engine is
    left. ``waits`` as in ``Desired``; after the ``last`` one it is the user's."""

    patch: list[dict[str, Any]]
    waits: bool = False
    last: bool = True


def given_back(
    context: Context,
    kind: ObjectKind,
    release: Callable[[Object, Object], Release],
) -> Sequence[Desired]:
    """The route of that kind as ``release`` leaves it, nobody's if the engine made it.

    Nothing where nothing is left to do, or where it is missing or another Canary's."""
    canary = context.canary
    name = names.apex(canary)
    live = context.live.get((kind, name))
    if live is None or names.other_canary(live, canary):
        return ()
    found = release(live, canary)
    patch = [*found.patch, *(names.orphaned(live, canary) if found.last else ())]
    if not patch:
        return ()
    meta = {"name": name, "namespace": canary["metadata"]["namespace"]}
    version = f"{kind.group}/{kind.version}"
    fields = {"apiVersion": version, "kind": kind.kind, "metadata": meta}
    return (Desired(kind, name, fields, patch=patch, waits=found.waits),)
