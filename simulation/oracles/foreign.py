"""What belongs to others stays as they made it (S11)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from canary.kube.resources import Key, Resource
from canary.sandbox.storage import Change
from simulation.world import World

READ_ONLY = ("configmaps", "secrets", "ingresses", "horizontalpodautoscalers")
"""Kinds of which the engine reads what users made, and never writes it."""
SWITCHED = ("replicas", "template", "selector", "ports")
"""Fields of a workload's or a Service's spec that other oracles look after."""
_Place = tuple[Resource, Key]


class Foreign:
    """Objects of others, and labels and annotations that others put on those of the engine."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.violations: list[str] = []
        self._made: set[_Place] = set()
        self._own: dict[_Place, set[str]] = {}
        self._theirs: dict[_Place, dict[str, str]] = {}
        world.watchers.append(self.heard)

    def heard(self, change: Change, author: str) -> None:
        """One change of one object."""
        if change.key.namespace != "test":
            return
        ours = self.world.ours(author)
        for text in self._check(change, ours):
            self.violations.append(f"t={self.world.time:.3f} v={change.version}: {text}")
            self.world.note(f"VIOLATION {text}")

    def _check(self, change: Change, ours: bool) -> Iterator[str]:
        place, what = (change.resource, change.key), f"{change.resource.plural}/{change.key.name}"
        if change.gone:
            leaving = "deletionTimestamp" in (change.before or change.obj)["metadata"]
            if ours and place not in self._made and not leaving:
                yield f"S11: {what} was deleted, which others had made"
            for known in (self._own, self._theirs):
                known.pop(place, None)
            self._made.discard(place)
            return
        if change.before is None:
            (self._made.add if ours else self._made.discard)(place)
        elif ours and place not in self._made:
            yield from self._unmade(change, what)
        yield from self._words(change, place, what, ours)

    def _unmade(self, change: Change, what: str) -> Iterator[str]:
        """The engine wrote what others had made."""
        if change.resource.plural in READ_ONLY:
            yield f"S11: {what} was written, which others had made"
        before, now = (_rest(obj) for obj in (change.before, change.obj))
        for name in sorted({*before, *now}):
            if before.get(name) != now.get(name) and change.resource.group in ("", "apps"):
                yield f"S11: {what}: spec.{name} was written, which others had made"

    def _words(self, change: Change, place: _Place, what: str, ours: bool) -> Iterator[str]:
        """Labels and annotations: what others wrote, and the engine didn't before, is theirs."""
        own = self._own.setdefault(place, set())
        theirs = self._theirs.setdefault(place, {})
        before, now = _words(change.before), _words(change.obj)
        for name in sorted({*before, *now}):
            if before.get(name) == now.get(name):
                continue
            if not ours and name not in own:
                theirs[name] = now.get(name, "")
            elif ours and theirs.get(name):
                yield f"S11: {what}: {name} was {now.get(name, 'removed')!r} by the engine"
            elif ours:
                own.add(name)


def _words(obj: Any) -> dict[str, str]:
    meta = (obj or {}).get("metadata") or {}
    return {
        f"{field} {key}": str(value)
        for field in ("labels", "annotations")
        for key, value in (meta.get(field) or {}).items()
    }


def _rest(obj: Any) -> dict[str, Any]:
    return {k: v for k, v in (obj.get("spec") or {}).items() if k not in SWITCHED}
