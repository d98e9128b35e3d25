"""Traffic as an oracle: users' requests go where a proxy would send them at that moment.

The proxy hears of a route only a while after it was written, and each of its requests takes a
while. A backend is *in use* from when the proxy first sends a request there until the last one has
been answered. Whoever is in use has to have a ready pod: a request that finds none is lost. It is
lost through us if the engine sent it there, or took the pods away; pods that users stop, or that
fail by themselves, are not ours.
"""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass, field

from canary.kube.resources import ENDPOINT_SLICES, SERVICES
from canary.sandbox.storage import Change
from simulation.oracles.reading import ROUTES, SERVICE_LABEL, backends, ready
from simulation.world import World
from tests.rig.workloads import size

LAG = (0.1, 1.5)
"""Seconds until the proxy follows a route: less than the engine's settle time of 2."""
REQUEST = 3.0
"""Seconds that the longest request takes: with the lag, less than the drain time of 5."""


@dataclass
class Backend:
    """One Service as the proxy knows it."""

    ready: int = 0
    sent: bool = False
    """The proxy sends requests there now."""
    last: float = -1e9
    """When the last request went there, once none does any more."""


@dataclass
class Traffic:
    """Users of the application of one world; ``lost`` lists requests that were lost through us."""

    world: World
    name: str = "podinfo"
    lost: list[str] = field(default_factory=list)
    backends: dict[str, Backend] = field(default_factory=dict)
    _routes: int = 0
    _followed: int = 0

    def __post_init__(self) -> None:
        self.world.watchers.append(self.heard)

    def heard(self, change: Change, author: str) -> None:
        """One change of one object."""
        if change.key.namespace != "test":
            return
        ours = self.world.ours(author)
        if change.resource.plural in ROUTES:
            self._routed(change)
        elif change.resource == ENDPOINT_SLICES:
            self._moved(change)
        elif change.resource == self.world.workloads and not change.gone:
            self._scaled(change, ours)
        elif change.resource == SERVICES and not ours:
            self.world.touched.add(change.key.name)

    def _routed(self, change: Change) -> None:
        self._routes += 1
        draw = zlib.crc32(f"{self.world.plan.seed}/proxy/{self._routes}".encode()) / 0xFFFFFFFF
        lag = LAG[0] + draw * (LAG[1] - LAG[0])
        shares: dict[str, int] = {}
        for rule in backends(change.obj) if not change.gone else ():
            for service, weight in rule:
                shares[service] = shares.get(service, 0) + weight
        asyncio.get_running_loop().call_later(lag, self._follow, shares, self._routes)

    def _follow(self, shares: dict[str, int], number: int) -> None:
        """The proxy takes a route over; one that is newer may have come first."""
        if number < self._followed:
            return
        self._followed = number
        for service in sorted({*self.backends, *shares}):
            found = self._backend(service)
            sends = shares.get(service, 0) > 0
            if sends and not found.sent and found.ready == 0:
                self._lose(service, "the route sends requests to no pod")
            if found.sent and not sends:
                found.last = self.world.time
            found.sent = sends

    def _moved(self, change: Change) -> None:
        service = change.obj["metadata"]["labels"][SERVICE_LABEL]
        found = self._backend(service)
        before, found.ready = found.ready, 0 if change.gone else ready(change.obj)
        in_use = found.sent or self.world.time < found.last + REQUEST
        if service == self.name and found.ready > 0:
            # Users inside the cluster go by the Service itself, from its first pod on.
            found.sent = True
        if before > 0 and found.ready == 0 and in_use:
            self._lose(service, "its last pod went away under requests")

    def _scaled(self, change: Change, ours: bool) -> None:
        replicas = size(change.obj)
        if ours and replicas == 0:
            self.world.touched.discard(change.key.name)
        elif not ours and change.before and size(change.before) > replicas:
            self.world.touched.add(change.key.name)

    def _lose(self, service: str, why: str) -> None:
        """A request found no pod: ours, unless somebody else meddled with what stands behind."""
        behind = self.name if service != f"{self.name}-primary" else service
        meddled = {service, behind, "route", f"{self.name}-primary"} & self.world.touched
        text = f"a request to {service} was lost: {why}"
        self.world.note(f"{text}{f' (not ours: {sorted(meddled)})' if meddled else ''}")
        if not meddled:
            self.lost.append(f"t={self.world.time:.3f}: {text}")

    def _backend(self, service: str) -> Backend:
        return self.backends.setdefault(service, Backend())
