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

from canary.kube.resources import ENDPOINT_SLICES, SERVICES, Key, Resource
from canary.sandbox.storage import Change
from simulation.oracles.reading import SERVICE_LABEL, ready
from simulation.oracles.routes import ROUTES, backends
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


@dataclass(frozen=True)
class Followed:
    """A route as a proxy follows it: the how-manieth write it is, who gets requests by it, and
    whether the engine wrote it."""

    number: int
    services: frozenset[str]
    ours: bool = True


Route = tuple[Resource, Key]


@dataclass
class Traffic:
    """Users of the applications of a world; ``lost`` lists requests that were lost through us."""

    world: World
    lost: list[str] = field(default_factory=list)
    backends: dict[str, Backend] = field(default_factory=dict)
    _routes: int = 0
    _followed: dict[Route, Followed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.watchers.append(self.heard)

    def heard(self, change: Change, author: str) -> None:
        """One change of one object."""
        if change.key.namespace != "test":
            return
        ours = self.world.ours(author)
        if change.resource.plural in ROUTES:
            self._routed(change, ours)
        elif change.resource == ENDPOINT_SLICES:
            self._moved(change)
        elif change.resource == self.world.workloads and not change.gone:
            self._scaled(change, ours)
        elif change.resource != SERVICES or ours or self._selected(change.key.name):
            return
        elif change.before is not None:
            self.world.touched.add(f"{SERVICES.plural}/{change.key.name}")

    def _routed(self, change: Change, ours: bool) -> None:
        self._routes += 1
        draw = zlib.crc32(f"{self.world.plan.seed}/proxy/{self._routes}".encode()) / 0xFFFFFFFF
        lag = LAG[0] + draw * (LAG[1] - LAG[0])
        rules = () if change.gone else backends(change.obj)
        sent = frozenset(service for rule in rules for service, weight in rule if weight > 0)
        route, found = (change.resource, change.key), Followed(self._routes, sent, ours)
        asyncio.get_running_loop().call_later(lag, self._follow, route, found)

    def _follow(self, route: Route, found: Followed) -> None:
        """The proxy takes a route over; one that is newer may have come first."""
        before = self._followed.get(route, Followed(0, frozenset()))
        if found.number < before.number:
            return
        self._followed[route] = found
        sent = frozenset().union(*(one.services for one in self._followed.values()))
        for service in sorted(before.services | found.services):
            backend = self._backend(service)
            sends = service in sent
            if sends and not backend.sent and backend.ready == 0 and found.ours:
                self._lose(service, "the route sends requests to no pod")
            if backend.sent and not sends:
                backend.last = self.world.time
            backend.sent = sends

    def _moved(self, change: Change) -> None:
        service = change.obj["metadata"]["labels"][SERVICE_LABEL]
        found = self._backend(service)
        before, found.ready = found.ready, 0 if change.gone else ready(change.obj)
        in_use = found.sent or self.world.time < found.last + REQUEST
        if self._apex(service) and found.ready > 0 and not self._selected(service):
            # Users inside the cluster go by the Service itself, from its first pod on.
            found.sent = True
        if before > 0 and found.ready == 0 and in_use:
            self._lose(service, "its last pod went away under requests")

    def _scaled(self, change: Change, ours: bool) -> None:
        replicas, what = size(change.obj), f"{change.resource.plural}/{change.key.name}"
        if ours and replicas == 0:
            self.world.touched.discard(what)
        elif not ours and change.before and size(change.before) > replicas:
            self.world.touched.add(what)

    def _apex(self, service: str) -> bool:
        """Whether a Service is, or was, the one that users of a Canary go by."""
        return any(service in names for names in self.world.apexes.values())

    def _selected(self, service: str) -> bool:
        """Whether a Service is a target: whom it selects is its users' affair."""
        return self.world.workloads == SERVICES and service in self.world.canaries

    def _lose(self, service: str, why: str) -> None:
        """A request found no pod: ours, unless somebody else meddled with what stands behind."""
        apex = service.removesuffix("-primary").removesuffix("-canary")
        base = next((n for n, names in self.world.apexes.items() if apex in names), apex)
        behind = f"{base}-primary" if service.endswith("-primary") else base
        pods = {f"{self.world.workloads.plural}/{name}" for name in (behind, f"{base}-primary")}
        meddled = {f"{SERVICES.plural}/{service}", "route", *pods} & self.world.touched
        text = f"a request to {service} was lost: {why}"
        self.world.note(f"{text}{f' (not ours: {sorted(meddled)})' if meddled else ''}")
        if not meddled:
            self.lost.append(f"t={self.world.time:.3f}: {text}")

    def _backend(self, service: str) -> Backend:
        return self.backends.setdefault(service, Backend())
