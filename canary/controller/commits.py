"""Putting decisions on record: what a status write means for process, people and series."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from canary.controller.committer import Committer
from canary.controller.heralds import Heralds
from canary.controller.memory import Expectation, Memory
from canary.controller.notices import notices, shown
from canary.controller.projector import Projector
from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.controller.telemetry import Telemetry
from canary.kube.resources import CANARIES, Obj
from canary.kube.store import key_of
from canary.rollout.decide import Decision
from canary.rollout.record import Record
from canary.rollout.view import View

SLOW_COMMIT = 0.2
"""Seconds that lowering the canary's weight waits for the status write before it goes ahead."""


class Commits:
    """Writes records, remembers what the caches have yet to show, and starts the telling.

    All methods raise ApiError and Unreachable; ``lowered`` PromiseBroken as well.
    """

    def __init__(
        self,
        committer: Committer,
        projector: Projector,
        heralds: Heralds,
        telemetry: Telemetry,
        settings: Settings,
    ) -> None:
        self._committer = committer
        self._projector = projector
        self._heralds = heralds
        self._telemetry = telemetry
        self._settings = settings

    async def lowered(self, scene: Scene, view: View, decision: Decision, memory: Memory) -> None:
        """Less traffic for the canary never waits for the status write, nor for its success."""
        # No fall ends above a ceiling that stands already.
        memory.ceiling = decision.record.weight
        commit = asyncio.create_task(self.decided(scene, view.record, decision, memory))
        try:
            await asyncio.wait({commit}, timeout=SLOW_COMMIT)
            if not commit.done() or commit.exception() is not None:
                ahead = replace(view, record=decision.record, ceiling=memory.ceiling)
                await self._projector.carry_out(
                    scene, decision.record, ahead, memory, routes_only=True
                )
            await commit
        finally:
            commit.cancel()

    async def decided(
        self, scene: Scene, record: Record, decision: Decision, memory: Memory
    ) -> bool:
        """Commit the decision if it changes anything; whether it did."""
        told = notices(decision.record, scene, memory, self._settings)
        if decision.record == record and shown(scene.obj, told):
            return False
        await self.recorded(scene, record, decision.record, memory)
        return True

    async def recorded(self, scene: Scene, before: Record, record: Record, memory: Memory) -> None:
        """Commit ``record`` in the place of ``before``, and tell of it."""
        told = notices(record, scene, memory, self._settings)
        written = await self._committer.commit(scene.obj, record, told)
        memory.record = record
        _expect(memory, written)
        memory.forget_all_but({item.seq for item in record.outbox})
        if memory.ceiling is not None and record.weight <= memory.ceiling:
            memory.ceiling = None
        self._telemetry.moved(scene, before, record)
        self._heralds.announce(written, record, memory)

    async def blocked(self, obj: Obj, record: Record, memory: Memory, complaint: str) -> None:
        """A spec that was never readable: said on the object, traffic untouched."""
        blocked = replace(record, problem="InvalidSpec", hold=complaint)
        if record.hold != complaint:
            blocked = blocked.say(complaint, warning=True, error=True)
        told = notices(blocked, None, memory, self._settings)
        if not shown(obj, told):
            written = await self._committer.commit(obj, blocked, told)
            _expect(memory, written)
        else:
            self._heralds.announce(obj, blocked, memory)


def _expect(memory: Memory, written: Obj) -> None:
    version = str(written["metadata"]["resourceVersion"])
    memory.expects.append(Expectation(CANARIES, key_of(written), version))
