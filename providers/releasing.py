"""A route when its Canary goes: what both kinds of route have in common (D34, D35)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from providers import names
from providers.interface import Context, Desired, Object, ObjectKind


def given_back(
    context: Context,
    kind: ObjectKind,
    release: Callable[[Object, Object], list[dict[str, Any]]],
) -> Sequence[Desired]:
    """The route of that kind as ``release`` leaves it, nobody's if the engine made it.

    Nothing where nothing is left to do, or where it is missing or another Canary's."""
    canary = context.canary
    name = names.apex(canary)
    live = context.live.get((kind, name))
    if live is None or names.other_canary(live, canary):
        return ()
    patch = [*release(live, canary), *names.orphaned(live, canary)]
    if not patch:
        return ()
    meta = {"name": name, "namespace": canary["metadata"]["namespace"]}
    version = f"{kind.group}/{kind.version}"
    fields = {"apiVersion": version, "kind": kind.kind, "metadata": meta}
    return (Desired(kind, name, fields, patch=patch),)
