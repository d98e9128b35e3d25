"""A gateway that learns of a route and of the Services behind it at different moments.

Contour tells Envoy of each on a stream of its own: a request that a route sends to a Service which
is new to it, or no longer named by it, is answered with 503. Mesh control planes know all Services
before any route, so that only HTTPRoutes are looked at.
"""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass, field

from canary.sandbox.storage import Change
from simulation.oracles.routes import backends
from simulation.oracles.traffic import LAG
from simulation.world import World


@dataclass
class Clusters:
    """One proxy in front of the HTTPRoute ``name``; ``lost`` lists requests that met no Service."""

    world: World
    name: str = "podinfo"
    lost: list[str] = field(default_factory=list)
    known: frozenset[str] = frozenset()
    serving: frozenset[str] = frozenset()
    _version: int = 0
    _taken: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.watchers.append(self.heard)

    def heard(self, change: Change, author: str) -> None:
        """One change of one object."""
        if change.resource.plural != "httproutes" or change.key.name != self.name:
            return
        edited = change.before and change.before["spec"] != change.obj["spec"]
        if edited and not self.world.ours(author):
            # Who writes past the engine may send users anywhere.
            self.world.touched.add("route")
        self._version += 1
        rules = list(() if change.gone else backends(change.obj))
        named = frozenset(service for rule in rules for service, _ in rule)
        sent = frozenset(service for rule in rules for service, weight in rule if weight)
        loop = asyncio.get_running_loop()
        for what, services in (("known", named), ("serving", sent)):
            loop.call_later(self._lag(what), self._take, what, services, self._version)

    def _lag(self, what: str) -> float:
        """Seconds, by the plan's seed."""
        text = f"{self.world.plan.seed}/{what}/{self._version}"
        return LAG[0] + zlib.crc32(text.encode()) / 0xFFFFFFFF * (LAG[1] - LAG[0])

    def _take(self, what: str, services: frozenset[str], version: int) -> None:
        """The proxy takes one part of a version over; one that is newer may have come first."""
        if version < self._taken.get(what, 0):
            return
        self._taken[what] = version
        setattr(self, what, services)
        # Where it knew none nobody was served before.
        for service in sorted(self.serving - self.known if self.known else ()):
            text = f"a request to {service} was lost: the proxy doesn't know it"
            self.world.note(text)
            if "route" not in self.world.touched:
                self.lost.append(f"t={self.world.time:.3f}: {text}")
