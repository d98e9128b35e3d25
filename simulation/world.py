"""The world of one run: a cluster, processes of the engine, users, and a journal of it all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from analysis.outcome import Outcome
from canary.controller.settings import Settings
from canary.kube.resources import CANARIES, DEPLOYMENTS, EVENTS, Resource
from canary.kube.transport import Request
from canary.sandbox.pods import Behaviour
from canary.sandbox.storage import Change
from simulation import acts
from simulation.blunders import Blunders
from simulation.fleet import Fleet
from simulation.journal import Journal
from simulation.oracles.reading import SERVICE_LABEL, image, ready
from simulation.places import Places
from simulation.plan import Boundary, Plan
from simulation.polled import RESTING, Heard, Poll, subject
from simulation.process import USER, Process
from tests.rig.stage import ORIGIN, Stage

DECIDED, SLOWED = 0.5, 10.0
"""Seconds that a write may be behind the decision that asked for it, and how many more for each
request before it that was slow."""


class World(Stage):
    """A stage whose processes meet faults. ``watchers`` hear of every change as it happens."""

    origin = ORIGIN

    def __init__(
        self,
        plan: Plan,
        *,
        behaves: Callable[[Mapping[str, Any]], Behaviour],
        gateway: bool = False,
        processes: int = 1,
        settings: Settings | None = None,
        canaries: tuple[str, ...] = ("podinfo",),
    ) -> None:
        super().__init__(behaves=behaves, gateway=gateway, settings=settings)
        self.receivers.answers = dict(RESTING)
        self.plan = plan
        self.journal = Journal()
        self.note = self.journal.note
        self.places = Places(plan, self.note)
        self.fleet = Fleet(self, processes)
        self.watchers: list[Callable[[Change, str], None]] = []
        self.canaries = canaries
        self.apexes = {name: [name] for name in canaries}
        """Of each Canary, the names that its apex Service and its route have had."""
        self.asked: list[Heard] = []
        """What the engine was told by the metrics server."""
        self.written: list[tuple[float, str]] = []
        """Successful writes of the engine but for events: when, and method and path."""
        self.flapping: dict[str, int] = {}
        """How often webhooks that flap were called since they do."""
        self.polled: list[Poll] = []
        """What the engine was told by webhooks."""
        self.workloads: Resource = DEPLOYMENTS
        """What target and primary are."""
        self.posted: list[tuple[str, str]] = []
        """Messages to chats that were tried: by which process, and their idempotency keys."""
        self.late: bool = False
        """A request is being applied whose sender has given it up."""
        self.touched: set[str] = set()
        """Objects, by plural and name, that users meddled with: what becomes of them isn't ours."""
        self.requests, self.undone = 0, 0.0
        """Requests by hand so far; when the last thing is over that people do for a while only."""
        self.taken_over = 0.0
        """When the engine took over from Flagger: the questions before were not its own."""
        self.manifests: list[dict[str, Any]] = []
        self.set_up: tuple[int, Counter[Boundary]] = (0, Counter())
        """Length of the journal and places met when the Canary of the scenario was first idle."""
        self._author, self.blunders = "", Blunders()
        self._writer: Process | None = None
        self.cluster.server.storage.tap(self._changed)

    @property
    def time(self) -> float:
        """Seconds since the world began."""
        return asyncio.get_running_loop().time()

    def called(self, verb: str, what: str) -> None:
        """The engine asked for something."""
        self.calls.add((verb, what))

    def handle(self, process: Process, user: str, request: Request) -> Any:
        """Apply a request of the engine, so that watchers know whose change it is."""
        self._author, self._writer = user, process
        try:
            response = self.cluster.server.handle(user, request)
        finally:
            self._author, self._writer = "", None
        counts = request.method != "GET" and response.status < 400
        if counts and "/events" not in request.path and "/leases" not in request.path:
            self.written.append((self.time, f"{request.method} {request.path}"))
        return response

    def arrives_late(self, process: Process, user: str, request: Request) -> None:
        """A request is applied that its sender gave up long ago."""
        self.late = True
        response = self.handle(process, user, request)
        self.late = False
        self.note(f"late {request.method} {request.path}: {response.status}")

    def about_to_write(self, request: Request) -> None:
        """Users may act in this moment."""
        if "/events" in request.path:
            return
        fault = self.places.meet(Boundary.ACT, f"{request.method} {request.path}")
        if fault is not None:
            self.blunders.by(acts.ACTS[fault.kind], self)

    def told(self, query: str, outcome: Outcome, began: float, *, honest: bool) -> None:
        """The engine heard the answer to a query."""
        self.asked.append(Heard(subject(self.canaries, query), began, outcome, honest))

    def _changed(self, change: Change) -> None:
        if change.resource != EVENTS:
            told = "gone" if change.gone else f"v{change.version}"
            self.note(f"{change.resource.plural}/{change.key.name} {told} by {self.author}")
        for watcher in self.watchers:
            self.blunders.by(watcher, change, self._author)

    def delivered(self, process: Process, obj: Mapping[str, Any], *, gone: bool = False) -> None:
        """``process`` got to know an EndpointSlice."""
        service = obj["metadata"].get("labels", {}).get(SERVICE_LABEL, "")
        process.endpoints.setdefault(service, []).append((self.time, 0 if gone else ready(obj)))

    @property
    def behind(self) -> float:
        """Seconds that a write may be behind the decision that asked for it."""
        return DECIDED + SLOWED * sum(fault.kind == "slow" for fault in self.places.struck)

    def known(self, service: str) -> int:
        """The most ready endpoints of ``service`` that the process whose write is being applied can
        have gone by: what it knew when it decided, a moment ago."""
        return self._writer.known(service, self.time - self.behind) if self._writer else 0

    @property
    def writer(self) -> str:
        """Which process wrote what is being applied; empty where none did."""
        return self._writer.name if self._writer else ""

    @property
    def author(self) -> str:
        """Whose request is being applied: the engine's, or somebody else's."""
        return self._author or "others"

    def image(self, name: str = "podinfo") -> str:
        """The image that a workload asks for; empty if it isn't there."""
        obj = self.get(self.workloads, name)
        return image(obj) if obj else ""

    @property
    def routed(self) -> bool:
        """Whether something routes users' requests beside the Services themselves."""
        canary = self.get(CANARIES, self.canaries[0])
        if canary is None:
            # What is gone had, and gets when it is made anew, what its manifest asks for.
            canary = next((one for one in self.manifests if one["kind"] == "Canary"), None)
        return canary is not None and canary["spec"].get("provider") != "kubernetes"

    def exists(self, name: str = "podinfo") -> bool:
        """Whether the Canary is there."""
        return self.get(CANARIES, name) is not None

    @staticmethod
    def ours(author: str) -> bool:
        """Whether ``author`` is the engine."""
        return author == USER
