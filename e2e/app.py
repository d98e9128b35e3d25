"""One application with its Canary: how it is driven, and how its rollouts went."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from canary.kube.resources import CANARIES, DEPLOYMENTS, Resource
from e2e.entrances import cluster_ip, gateway
from e2e.manifests import NAME, application
from e2e.routes import Shift, place, shifts
from e2e.scene import Scene
from e2e.traffic import Traffic
from e2e.witness import Span

_T = TypeVar("_T")

PATIENCE = 400.0
"""Seconds that a rollout may take: about ten times what it needs on an idle machine."""
_ENDS = ("Initialized", "Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the Canary's status said from ``at`` on."""

    at: float
    phase: str
    weight: int
    failed: int
    epoch: int
    """How often a run in flight was taken over."""


@dataclass(frozen=True)
class Rollout:
    """One rollout, from the change of the image to its end. Times are Unix time."""

    app: App
    image: str
    began: float
    ended: float
    standings: Sequence[Standing]

    @property
    def shifts(self) -> list[Shift]:
        """What the route has carried since the rollout began: ask before the next one begins. The
        last shift may follow the last word of the status."""
        return [shift for shift in self.app.shifts if shift.at >= self.began]

    @property
    def revision(self) -> str:
        """As the application names itself."""
        return self.image.partition(":")[2]

    @property
    def phases(self) -> list[str]:
        """Phases in their order, each once."""
        return _steps([standing.phase for standing in self.standings])

    @property
    def weights(self) -> list[int]:
        """The canary's weights of record in their order."""
        return _steps([standing.weight for standing in self.standings])

    @property
    def routed(self) -> list[int]:
        """The canary's weights that the route carried, in their order."""
        return _steps([shift.weight for shift in self.shifts])


def _epoch(status: Mapping[str, Any]) -> int:
    return int((status.get("engine") or {}).get("epoch", 0))


def _steps(values: Sequence[_T]) -> list[_T]:
    return [value for n, value in enumerate(values) if n == 0 or value != values[n - 1]]


class App:
    """The application of ``manifests`` in a scene's namespace, reached by its namespace's name."""

    def __init__(
        self, scene: Scene, provider: str = "gatewayapi:v1", target: Resource = DEPLOYMENTS
    ) -> None:
        self.scene = scene
        self.provider = provider
        self.target = target
        self.host = f"{scene.namespace}.example"
        kind, self.route_name = place(provider)
        self.canaries = scene.timeline(CANARIES)
        self.routes = scene.timeline(kind)
        self.workloads = scene.timeline(target)

    async def create(self, **changes: Any) -> None:
        """Apply it; ``changes`` as for ``application``."""
        kind = self.target.kind
        await self.scene.apply(*application(self.host, self.provider, kind=kind, **changes))

    async def start(self, **changes: Any) -> None:
        """Apply it and wait until it is initialised."""
        await self.create(**changes)
        await self.until("Initialized")

    @property
    def has_gateway(self) -> bool:
        """Whether a proxy reads its routes; else users come by the apex Service."""
        return self.provider != "kubernetes"

    async def entrance(self) -> tuple[str, int]:
        """Where users come in: the provider's gateway, who is asked from now on what it has, or the
        apex Service itself."""
        if self.has_gateway:
            self.scene.cluster.witness(self.provider)
            return gateway(self.scene.stack.settings, self.provider)
        return await cluster_ip(self.scene.client, self.scene.namespace, NAME)

    async def traffic(self, rate: float = 20.0, *headers: str, visitors: int = 0) -> Traffic:
        """Users from now on, who are served; the rest as for ``Traffic``."""
        users = await self.scene.traffic(await self.entrance(), self.host, rate, headers, visitors)
        await users.reaches(self.image(f"{NAME}-primary").partition(":")[2])
        return users

    @property
    def status(self) -> Mapping[str, Any]:
        """The Canary's status as last seen."""
        return (self.canaries.get(NAME) or {}).get("status") or {}

    @property
    def phase(self) -> str:
        return str(self.status.get("phase", ""))

    @property
    def epoch(self) -> int:
        """The present one; see Standing."""
        return _epoch(self.status)

    def image(self, workload: str) -> str:
        """What the target or its primary runs."""
        obj = self.workloads.get(workload)
        return str(obj["spec"]["template"]["spec"]["containers"][0]["image"]) if obj else ""

    @property
    def shifts(self) -> list[Shift]:
        """The weights that the route has carried so far."""
        return shifts(self.provider, self.routes.of(self.route_name))

    @property
    def routed(self) -> int:
        """The canary's weight in the route."""
        return self.shifts[-1].weight if self.shifts else 0

    @property
    def spans(self) -> list[Span]:
        """What the gateway itself has carried since there are users; a ClusterIP has none."""
        if not self.has_gateway:
            return []
        return self.scene.cluster.witness(self.provider).spans(self.host)

    async def until(self, phase: str, *, since: float = 0.0) -> None:
        """Wait until the Canary is in this phase, or was in it at some time from ``since`` on.
        Raises AssertionError."""

        def reached() -> bool:
            passed = since and any(s.phase == phase for s in self.standings(since))
            return bool(passed) or self.phase == phase

        await self.canaries.until(reached, f"phase {phase}", PATIENCE)

    async def at_rest(self) -> None:
        """Wait until a Deployment's rollout has left nothing to do. Raises AssertionError."""

        def done() -> bool:
            workload, record = self.workloads.get(NAME) or {}, self.status.get("engine") or {}
            left = {"scaleTarget", "outbox"} & set(record)
            return not left and workload["spec"]["replicas"] == 0

        await self.workloads.until(done, "target without replicas", PATIENCE)
        await self.canaries.until(done, "record without commands", PATIENCE)

    def standings(self, since: float) -> list[Standing]:
        """The Canary's statuses from ``since`` on."""
        found = []
        for change in self.canaries.of(NAME, since):
            status = (change.obj or {}).get("status") or {}
            phase, failed = str(status.get("phase", "")), int(status.get("failedChecks", 0))
            weight, epoch = int(status.get("canaryWeight", 0)), _epoch(status)
            found.append(Standing(change.at, phase, weight, failed, epoch))
        return found

    async def set_image(self, image: str) -> float:
        """Change the target's image, as a person would; when that was."""
        now = time.time()
        container = {"name": "app", "image": image}
        change = {"spec": {"template": {"spec": {"containers": [container]}}}}
        await self.scene.patch(self.target, NAME, change)
        return now

    async def roll(self, image: str) -> Rollout:
        """Change the image and wait for what becomes of it."""
        return await self.ended(image, await self.set_image(image))

    async def ended(self, image: str, began: float) -> Rollout:
        """Wait for the end of the rollout that began then. Raises AssertionError."""

        def over() -> bool:
            phases = [standing.phase for standing in self.standings(began)]
            started = "Progressing" in phases
            return started and phases[-1] in _ENDS

        await self.canaries.until(over, f"end of {image}", PATIENCE)
        return Rollout(self, image, began, time.time(), self.standings(began))
