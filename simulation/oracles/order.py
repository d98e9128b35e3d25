"""An order among Canaries, and how many roll out at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from canary.kube.resources import CANARIES
from canary.sandbox.storage import Change
from simulation.kinds import blind
from simulation.oracles.reading import run_of
from simulation.world import World

REST = ("Initialized", "Succeeded")
RUNNING = ("Progressing", "WaitingPromotion", "Promoting", "Finalising")


class Order:
    """Watches all Canaries of a world: none starts before those it depends on are promoted, nor
    beside more others than are allowed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.violations: list[str] = []
        self._rested: dict[str, float] = {}
        """When each Canary was last at rest and promoted."""
        self._rests: set[str] = set()
        self._alike: dict[str, float] = {}
        """When the images of target and primary were last the same."""
        self._equal: set[str] = set()
        world.watchers.append(self.heard)

    def heard(self, change: Change, author: str) -> None:
        """One change of one object."""
        self._look(change)
        if change.resource != CANARIES or change.gone or not self.world.ours(author):
            return
        for text in self._started(change):
            self.violations.append(f"t={self.world.time:.3f} v={change.version}: {text}")
            self.world.note(f"VIOLATION {text}")

    def _look(self, change: Change) -> None:
        """Whoever was at rest until this change was so until now."""
        world = self.world
        for name in world.canaries if len(world.canaries) > 1 else ():
            for now, last in ((self._rests, self._rested), (self._equal, self._alike)):
                if name in now:
                    last[name] = world.time
            live = world.get(CANARIES, name)
            equal = world.image(name) == world.image(f"{name}-primary")
            (self._equal.add if equal else self._equal.discard)(name)
            # A target that changed a moment ago may be news to the engine.
            same = equal or self._alike.get(name, -1e9) >= world.time - self._unseen
            rests = live is not None and _phase(live) in REST and same
            (self._rests.add if rests else self._rests.discard)(name)

    @property
    def _unseen(self) -> float:
        """Seconds by which the engine may be behind."""
        return self.world.behind + blind(tuple(self.world.places.struck))

    def _started(self, change: Change) -> Iterator[str]:
        name, run = change.key.name, run_of(change.obj.get("status") or {})[1]
        before = run_of((change.before or {}).get("status") or {})[1]
        if _phase(change.obj) not in RUNNING or run == before:
            return
        for other in (change.obj["spec"].get("engine") or {}).get("dependsOn") or ():
            since = self._rested.get(other["name"], -1e9)
            if since < self.world.time - self._unseen:
                yield f"order: {name} started, {other['name']} was at rest at {since:g} s"
        most = self.world.settings.max_runs
        if not most or any(fault.kind == "rival" for fault in self.world.places.struck):
            return
        others = [n for n in self.world.canaries if n != name]
        running = [n for n in others if _phase(self.world.get(CANARIES, n) or {}) in RUNNING]
        if len(running) >= most:
            yield f"order: {name} started beside {', '.join(running)}; {most} may run at once"


def _phase(canary: Any) -> str:
    return str((canary.get("status") or {}).get("phase", ""))
