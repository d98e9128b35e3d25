"""Questions to the outside that are no API request: one boundary for whoever is asked.

A metric query is the first of them. A hook is asked through ``Asked.ask`` too: it has a name, a way
to get the honest answer, and for each kind of fault what the engine is told instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from analysis.interface import Connection
from analysis.outcome import FailureKind, NoValues, Outcome, QueryFailed, Values
from canary.notify.post import SendFailed
from simulation.plan import Boundary

if TYPE_CHECKING:
    from simulation.process import Process

A = TypeVar("A")

SLOW = 15.0
HANG = 45.0
"""Seconds until a slow and a hanging answer come."""


async def ask(
    process: Process, what: str, answer: Callable[[], Awaitable[A]], instead: Mapping[str, A]
) -> A:
    """The answer to ``what``, or what the plan has ``process`` be told instead."""
    places = process.world.places
    await process.alive()
    fault = places.meet(Boundary.QUESTION, f"{what} ({process.name})")
    number = places.counts[Boundary.QUESTION]
    kind = fault.kind if fault else ""
    if kind == "crash-before":
        await process.die()
    await asyncio.sleep(places.latency("?", number))
    if kind in ("slow", "hang"):
        await asyncio.sleep(SLOW if kind == "slow" else HANG)
    found = instead[kind] if kind in instead else await answer()
    if kind == "crash-after":
        await process.die()
    await process.alive()
    return found


REFUSED = "simulated: connection refused"
LIES: Mapping[str, Outcome] = {
    "down": QueryFailed(REFUSED, FailureKind.UNREACHABLE),
    "hang": QueryFailed("simulated: no answer in time", FailureKind.TIMEOUT),
    "empty": NoValues(),
    # A NaN, and a series that is missing beside others, reach the engine as no value.
    "nan": NoValues(),
    "missing": NoValues("1 of 2 series: no values found"),
    "reset": Values((0.0,)),
}


class FaultyConnection:
    """A metrics server behind the question boundary."""

    def __init__(self, process: Process, inner: Connection) -> None:
        self._process, self._inner = process, inner
        self.identity: Hashable = inner.identity

    async def query(self, text: str) -> Outcome:
        """The server's answer; the world remembers what the engine was told."""
        world = self._process.world
        lies = dict(LIES)
        if world.last_answer is not None:
            lies["stale"] = world.last_answer
        began = asyncio.get_running_loop().time()
        told = await ask(self._process, "query", lambda: self._inner.query(text), lies)
        world.told(told, began)
        return told

    async def online(self) -> str | None:
        """Why the server can't be used, or None."""
        lies: Mapping[str, str | None] = dict.fromkeys(
            ("down", "hang"), "simulated: connection refused"
        )
        return await ask(self._process, "probe", self._inner.online, lies)


async def posted(process: Process, request: Any, deliver: Callable[[], Awaitable[None]]) -> None:
    """A message to a chat; raises like ``deliver`` when the plan loses it or its answer."""

    async def delivered() -> str:
        await deliver()
        return ""

    lies = dict.fromkeys(("down", "hang"), REFUSED)
    failure = await ask(process, f"post {request.url}", delivered, lies)
    if failure:
        raise SendFailed(failure, again=True)
