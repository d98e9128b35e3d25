"""Playing a scenario while the controller is killed at one of its writes."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from canary import virtualtime
from canary.api.hooks import HookType
from canary.kube.transport import Request, Response, Stream, Transport
from simulation.comparison import passing
from simulation.endstate import end_state
from tests.rig.chat import NOTIFIED
from tests.rig.receiver import HookCall
from tests.rig.safety import Safety
from tests.rig.stage import Stage
from tests.transcripts.played import SCENARIOS
from tests.transcripts.script import Script


@dataclass(frozen=True)
class Crash:
    """Die at the ``at``-th write (from 1), before it is sent or after it was applied."""

    at: int
    before: bool

    def __str__(self) -> str:
        return f"{'before' if self.before else 'after'} write {self.at}"


class Guillotine:
    """A transport that counts writes and lets the chosen one be the last."""

    def __init__(
        self, inner: Transport, crash: Crash | None, fell: asyncio.Event, writes: list[str]
    ) -> None:
        self._inner, self._crash, self._fell = inner, crash, fell
        self.writes = writes

    async def request(self, request: Request) -> Response:
        if request.method == "GET":
            return await self._inner.request(request)
        self.writes.append(f"{request.method} {request.path}")
        dies = self._crash is not None and len(self.writes) == self._crash.at
        if dies and self._crash and self._crash.before:
            await self._die()
        response = await self._inner.request(request)
        if dies:
            await self._die()
        return response

    async def _die(self) -> None:
        self._fell.set()
        await asyncio.Future()

    def stream(self, request: Request) -> AbstractAsyncContextManager[Stream]:
        return self._inner.stream(request)

    async def close(self) -> None:
        await self._inner.close()


@dataclass
class Result:
    """What a run came to."""

    writes: list[str]
    violations: list[str]
    end: dict[str, Any]
    events: set[str]
    later_writes: int
    alerts: list[str] = field(default_factory=list)
    """What a chat was told, repeats under the same key left out."""
    hooks: list[HookCall] = field(default_factory=list)
    """Calls of webhooks that are asked or called at an end, those of events left out."""
    story: str = ""
    broken: str = ""
    crashed: bool = field(default=False)


def play(name: str, crash: Crash | None = None) -> Result:
    """Run scenario ``name`` under virtual time."""
    return virtualtime.run(_play(name, crash))


async def _play(name: str, crash: Crash | None) -> Result:
    scenario = SCENARIOS[name]
    stage = Stage(behaves=scenario.behaves, settings=NOTIFIED)
    fell = asyncio.Event()
    writes: list[str] = []

    def wrap(transport: Transport) -> Transport:
        return Guillotine(transport, crash if not fell.is_set() else None, fell, writes)

    stage.wrap = wrap
    safety = Safety(stage)
    undertaker = asyncio.create_task(_restart(stage, fell))
    broken = ""
    try:
        try:
            await scenario.play(Script(stage))
        except (AssertionError, TimeoutError) as error:
            broken = f"{type(error).__name__}: {error}"
        await stage.rest(700)
        quiet = len(writes)
        await stage.rest(300)
        return Result(
            writes=writes,
            violations=safety.violations,
            end=end_state(stage),
            events={text for _, text in stage.events() if not passing(text)},
            later_writes=len(writes) - quiet,
            alerts=sorted(text for _, text in {(m.key, m.text) for m in stage.chat.messages}),
            hooks=[c for c in stage.receivers.calls if c.type is not HookType.EVENT],
            story=stage.story(),
            broken=broken,
            crashed=fell.is_set(),
        )
    finally:
        undertaker.cancel()
        safety.close()
        await stage.down()


async def _restart(stage: Stage, fell: asyncio.Event) -> None:
    await fell.wait()
    await stage.stop()
    await asyncio.sleep(1)
    stage.start()
