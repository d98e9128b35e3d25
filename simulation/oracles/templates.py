"""What target and primary run, and how big they are (S2, S4, S8, S11)."""

from __future__ import annotations

from collections.abc import Iterator

from canary.kube.resources import CANARIES
from canary.sandbox.storage import Change
from simulation.oracles.reading import content, image
from simulation.oracles.seen import UNSEEN, Seen
from simulation.world import World
from tests.rig.workloads import size

DRAIN = 5.0
"""Seconds from the last request to the canary, as written, until it may go."""


class Templates:
    """Target and primary of one Canary."""

    def __init__(self, world: World, name: str, seen: Seen) -> None:
        self.world, self.name, self.seen = world, name, seen

    def changed(self, change: Change, ours: bool) -> Iterator[str]:
        """One change of a workload."""
        seen, name = self.seen, change.key.name
        if change.gone:
            seen.images.pop(name, None)
            seen.replicas.pop(name, None)
            return
        found, replicas = image(change.obj), size(change.obj)
        if name == self.name and ours:
            if change.before and content(change.before) != content(change.obj):
                yield from self._edited(found)
            if replicas == 0 and seen.replicas.get(name) != 0:
                since = seen.zero_since
                drained = since is not None and self.world.time - since >= DRAIN - 1e-6
                if not drained and self.world.time > seen.meddled + UNSEEN:
                    yield "S8: the canary was scaled to zero before it had drained"
        if name == f"{self.name}-primary" and ours:
            if replicas == 0:
                yield "S2: the primary was scaled to zero"
            if seen.images.get(name) != found and found not in (seen.rightful or {found}):
                yield f"S4: the primary got {found}, rightful are {sorted(seen.rightful)}"
            if not seen.rightful:
                seen.rightful.add(found)
        seen.images[name], seen.replicas[name] = found, replicas

    def _edited(self, found: str) -> Iterator[str]:
        """The engine changed the target's template: only a Canary that goes gives it back."""
        canary = self.world.get(CANARIES, self.name) or {"metadata": {}, "spec": {}}
        leaving = "deletionTimestamp" in canary["metadata"]
        if not (leaving and canary["spec"].get("revertOnDeletion")):
            yield "S11: the target's template was changed by the engine"
        elif found not in self.seen.rightful:
            yield f"S4: the target was given {found}, rightful are {sorted(self.seen.rightful)}"
