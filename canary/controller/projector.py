"""Carrying a projection out: vetted, within the budget for drift, one object at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from canary.clock import Clock
from canary.controller.announcer import Announcer
from canary.controller.drift import corrected, may_correct, other_manager
from canary.controller.executor import Executor
from canary.controller.memory import Memory
from canary.controller.projected_exits import without_finalizer
from canary.controller.projection import project
from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.controller.telemetry import Telemetry
from canary.controller.vet import vet
from canary.controller.writes import Delete, Write, puts_weight
from canary.kube.errors import Unreachable
from canary.kube.resources import CANARIES, SERVICES, Obj
from canary.rollout.observed import Present
from canary.rollout.record import Record
from canary.rollout.view import View
from canary.workloads.managers import MANAGER

SERVED = 60.0
"""Seconds after which an API server has given up on a request (its ``--request-timeout``)."""


class PromiseBroken(Exception):
    """A write that was due would have broken a promise of ``docs/design.md``; it was not sent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``wake_at``: when a contested object may be corrected again (monotonic seconds)."""

    wrote: bool
    wake_at: float | None = None


class Projector:
    """Makes the cluster what the record says."""

    def __init__(
        self,
        executor: Executor,
        announcer: Announcer,
        telemetry: Telemetry,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._executor = executor
        self._announcer = announcer
        self._telemetry = telemetry
        self._settings = settings
        self._clock = clock

    async def carry_out(
        self, scene: Scene, record: Record, view: View, memory: Memory, *, routes_only: bool = False
    ) -> Outcome:
        """Send what is due; raises PromiseBroken, ApiError or Unreachable at the first failure."""
        writes = project(scene, record, view, self._settings)
        if routes_only:
            writes = tuple(write for write in writes if puts_weight(write) is not None)
        self._vetted(writes, record, view)
        wrote, later = False, []
        for write in writes:
            if write.resource == CANARIES and memory.expects_any(CANARIES):
                # The status was written just now: the next look has the version to write on.
                continue
            if write.waits and self._too_soon(view, memory):
                later += [memory.taken[1] + view.timing.settle] if memory.taken else []
                continue
            wait = await self._write(scene, write, memory)
            later += [wait] if wait else []
            wrote = wrote or not wait
        return Outcome(wrote, min(later, default=None))

    def _too_soon(self, view: View, memory: Memory) -> bool:
        """Whether proxies may not know yet what the live route names."""
        settle = view.timing.settle
        return memory.taken is None or self._clock.monotonic() < memory.taken[1] + settle

    async def let_go(self, obj: Obj, memory: Memory) -> None:
        """Take the engine's finalizer off a Canary that is being deleted."""
        write = without_finalizer(obj)
        expectation = await self._executor.carry_out(write, obj) if write else None
        if expectation is not None:
            memory.expects.append(expectation)

    def _vetted(self, writes: Sequence[Write], record: Record, view: View) -> None:
        violation = vet(writes, record, view)
        if violation is not None:
            raise PromiseBroken(f"refused to write ({violation.promise}): {violation.text}")

    async def _write(self, scene: Scene, write: Write, memory: Memory) -> float:
        """Send one write; gives 0, or the time from when it may be sent."""
        place = (write.resource, write.key.name)
        now = self._clock.monotonic()
        drift = memory.intent.get(place) == write.intent and not write.waits
        if drift:
            wait = may_correct(memory, write.resource, write.key.name, now)
            if wait:
                return wait
        try:
            expectation = await self._executor.carry_out(write, scene.obj)
        except Unreachable:
            if puts_weight(write) is not None:
                until = self._clock.monotonic() + SERVED
                route = (write.resource.plural, write.key.name)
                # Where fields are taken over first, it may be any of its requests, on any version.
                version = None if write.inherits else write.resource_version
                memory.unanswered[route] = (version, until)
            raise
        if write.intent:
            memory.intent[place] = write.intent
        elif isinstance(write, Delete):
            memory.intent.pop(place, None)
        if expectation is not None:
            memory.expects.append(expectation)
        if drift:
            corrected(memory, write.resource, write.key.name, now)
            await self._tell(scene, write)
        return 0.0

    async def _tell(self, scene: Scene, write: Write) -> None:
        live = _live(scene, write)
        who = other_manager(live, MANAGER) if live else "somebody"
        done = "changed" if live else "deleted"
        kind, version = write.resource.kind, write.resource_version or self._clock.monotonic()
        text = f"{kind} {write.key} was {done} by {who}: put right"
        await self._announcer.complain(
            scene.obj, text, key=f"drift/{kind}/{write.key.name}/{version}", error=False
        )
        self._telemetry.corrected(scene, kind)


def _live(scene: Scene, write: Write) -> Obj | None:
    """The object that a write was about, as it was found; None: it was not there."""
    name = write.key.name
    if write.resource in (SERVICES, scene.workloads):
        seen = scene.services.get(name) if write.resource == SERVICES else scene.primary
        return seen.value if isinstance(seen, Present) else None
    if scene.autoscaling and write.resource == scene.autoscaling.resource:
        seen = scene.autoscaling.primary
        return seen.value if isinstance(seen, Present) else None
    for (kind, route), live in scene.routes.items():
        if (kind.plural, route) == (write.resource.plural, name):
            return live
    return scene.copied.get((write.resource, name))
