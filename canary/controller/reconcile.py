"""One reconcile of one Canary: observe, decide, commit, project, ask, announce."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from canary.clock import Clock
from canary.controller.admission import Admission
from canary.controller.asker import Asker
from canary.controller.commits import Commits
from canary.controller.committer import Committer
from canary.controller.evaluation import Evaluator
from canary.controller.gather import Gatherer
from canary.controller.heralds import Heralds
from canary.controller.inforce import bind
from canary.controller.memory import Expectation, Memory, Parsed
from canary.controller.observe import observe
from canary.controller.parsing import parsed
from canary.controller.projector import Projector
from canary.controller.records import Stored, imported, silence, stored
from canary.controller.remember import overtaken, remember
from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.controller.telemetry import Telemetry
from canary.controller.viewing import timing, view_of
from canary.kube.caches import Caches
from canary.kube.client import Client
from canary.kube.resources import Key, Obj
from canary.kube.store import key_of
from canary.rollout.decide import Decision, decide
from canary.rollout.observed import Absent, Unknown
from canary.rollout.questions import Question
from canary.rollout.record import Record
from canary.rollout.verdict import Rebind
from canary.rollout.view import Now, View
from canary.rollout.world import Problem, World


@dataclass(frozen=True, slots=True)
class Services:
    """What a reconcile works with."""

    client: Client
    caches: Caches
    settings: Settings
    clock: Clock
    gatherer: Gatherer
    committer: Committer
    projector: Projector
    evaluator: Evaluator
    asker: Asker
    heralds: Heralds
    telemetry: Telemetry
    admission: Admission
    wake_at: Callable[[Key, float], None]
    refer: Callable[[Key, Scene], None]


class Reconciler:
    """Brings one Canary a step further; whatever is left comes out at the next look."""

    def __init__(self, services: Services) -> None:
        self._do = services
        self._commits = Commits(
            services.committer,
            services.projector,
            services.heralds,
            services.telemetry,
            services.settings,
        )

    async def reconcile(self, obj: Obj, memory: Memory) -> None:
        """Raises ApiError, Unreachable or PromiseBroken; the caller then tries again later."""
        key = key_of(obj)
        if self._awaits(memory):
            return
        known = stored(obj, memory.record)
        if known.record is not None:
            overtaken(memory, known.record, self._do.clock.monotonic())
            memory.record = known.record
        found = parsed(obj, memory)
        if known.refused and not self._left(obj, known, found, memory):
            await self._do.heralds.complain(obj, known.refused)
            return
        if found.canary is None and "deletionTimestamp" in obj["metadata"]:
            # It never ran, so that there is nothing to give back.
            await self._do.projector.let_go(obj, memory)
            return
        if found.canary is None:
            before = known.record or known.before or Record()
            await self._commits.blocked(obj, before, memory, found.complaint)
            return
        # The spec is the last one that could be read.
        obj, record = {**obj, "spec": found.spec}, known.record or Record()
        scene = self._do.gatherer.gather(obj, found.canary, record)
        self._do.refer(key, scene)
        now = Now(self._do.clock.monotonic(), self._do.clock.now())
        world = self._world(scene, record, memory, found.complaint, now)
        if known.record is None:
            taken = await imported(self._do.client, scene, world, now, known.before)
            if isinstance(taken, Record):
                taken = bind(taken, scene.canary, self._do.settings.mesh_provider)
                await self._commits.recorded(scene, record, taken, memory)
            else:
                for problem in world.problems[:1]:
                    await self._do.heralds.complain(obj, problem.text)
            return
        if not memory.owned and await self._take_over(scene, record, world, memory):
            return
        await self._decide(scene, record, world, memory, now)

    def _left(self, obj: Obj, known: Stored, found: Parsed, memory: Memory) -> bool:
        """Whether the other writer of the status has been silent for long enough."""
        if known.before is None or found.canary is None:
            return False
        now, version = self._do.clock.monotonic(), str(obj["metadata"]["resourceVersion"])
        interval = timing(found.canary, self._do.settings).interval
        due = memory.unchanged_since(version, now) + silence(interval)
        if now >= due:
            return True
        self._do.wake_at(key_of(obj), due)
        return False

    def _awaits(self, memory: Memory) -> bool:
        """Whether the caches have yet to show a write of ours (read-your-writes)."""
        memory.expects = [e for e in memory.expects if not self._reached(e)]
        return bool(memory.expects)

    def _reached(self, expected: Expectation) -> bool:
        store = self._do.caches.store(expected.resource, expected.key.namespace)
        return store.reached(expected.key, expected.resource_version)

    def _world(
        self, scene: Scene, record: Record, memory: Memory, complaint: str, now: Now
    ) -> World:
        world = observe(scene, record, memory, self._do.settings, now.mono)
        if complaint:
            problem = Problem("InvalidSpec", complaint)
            world = replace(world, problems=(problem, *world.problems))
        return world

    async def _take_over(self, scene: Scene, record: Record, world: World, memory: Memory) -> bool:
        """Own the Canary: a run in flight gets this process's epoch before anything is decided.

        A live weight below the recorded one is the ceiling until the record has followed; a route
        that isn't there shows nothing of what users were served, and counts as 0. Not so after a
        failed promotion: there the canary has passed, and is what keeps users served.
        """
        if not record.stage.running and record.weight == 0:
            memory.owned = True
            return False
        if isinstance(world.route, Unknown):
            return False
        live = 0 if isinstance(world.route, Absent) else world.route.value.weight
        run = record.run
        if record.stage.running or record.falls:
            # One that isn't below means nothing, and is forgotten with this very write.
            memory.ceiling = live
        if run is not None and run.waiting_since is not None:
            # Nobody looked while no process led: the wait doesn't count against the workload.
            run = replace(run, waiting_since=self._do.clock.now())
        mine = replace(record, epoch=record.epoch + 1, run=run)
        mine = bind(mine, scene.canary, self._do.settings.mesh_provider)
        await self._commits.recorded(scene, record, mine, memory)
        memory.owned = True
        return True

    async def _decide(
        self, scene: Scene, record: Record, world: World, memory: Memory, now: Now
    ) -> None:
        view = self._view(scene, record, world, memory, now)
        decision = decide(view)
        self._do.admission.decided(key_of(scene.obj), decision)
        remember(memory, decision, record, now.mono)
        for problem in world.problems:
            if problem.passing and decision.record.problem != problem.reason:
                await self._do.heralds.complain(scene.obj, problem.text)
        self._do.telemetry.seen(scene, record, world)
        if decision.record.weight < record.weight:
            await self._commits.lowered(scene, view, decision, memory)
        elif not await self._commits.decided(scene, record, decision, memory):
            self._do.heralds.announce(scene.obj, record, memory)
        # Answers that were heard are told once, whatever becomes of the writes.
        self._do.asker.keep(memory, decision.asks)
        view = replace(view, record=decision.record, ceiling=memory.ceiling)
        # Other names stand for other objects, which the next look sees.
        if not decision.frozen and not isinstance(decision.verdict, Rebind):
            outcome = await self._do.projector.carry_out(scene, decision.record, view, memory)
            self._wake(scene, outcome.wake_at)
        self._ask(scene, memory, decision)
        self._wake(scene, decision.wake_at)

    def _wake(self, scene: Scene, at: float | None) -> None:
        """Look again then at the latest; of several times the queue keeps the earliest."""
        if at is not None:
            self._do.wake_at(key_of(scene.obj), at)

    def _view(self, scene: Scene, record: Record, world: World, memory: Memory, now: Now) -> View:
        turn = self._do.admission.turn(key_of(scene.obj), record)
        return replace(view_of(scene, record, world, memory, self._do.settings, now), turn=turn)

    def _ask(self, scene: Scene, memory: Memory, decision: Decision) -> None:
        async def answer(question: Question) -> object:
            started = self._do.clock.monotonic()
            value, checks = await self._do.evaluator.answer(scene, question)
            if checks:
                self._do.telemetry.checked(scene, checks, self._do.clock.monotonic() - started)
            return value

        ask: Callable[[Question], Awaitable[object]] = answer
        self._do.asker.pose(key_of(scene.obj), memory, decision.asks, ask)
