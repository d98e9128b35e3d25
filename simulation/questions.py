"""Questions to the outside that are no API request: one boundary for whoever is asked.

Each of them (metric queries, probes, messages to chats, webhooks) has a name, a way to get the
honest answer, and for each kind of fault what the engine is told instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from analysis.interface import Connection
from analysis.outcome import FailureKind, NoValues, Outcome, QueryFailed, Values
from canary.api.hook_timeout import hook_timeout
from canary.api.hooks import Webhook
from canary.hooks import HookAnswer, Passed, Refused
from canary.notify.post import SendFailed
from simulation.plan import Boundary
from simulation.polled import Poll, last, subject

if TYPE_CHECKING:
    from simulation.process import Process

A = TypeVar("A")

SLOW = 15.0
"""Seconds until a slow answer comes: in time."""
HANG = 45.0
"""Seconds for which whoever asks waits."""


async def ask(
    process: Process,
    what: str,
    answer: Callable[[], Awaitable[A]],
    instead: Mapping[str, A],
    patience: float = HANG,
) -> A:
    """The answer to ``what``, or what the plan has ``process`` be told instead.

    ``patience`` is how many seconds it waits for an answer. One that is *overdue* was asked for,
    and whoever was asked has acted on it.
    """
    places = process.world.places
    await process.alive()
    fault = places.meet(Boundary.QUESTION, f"{what} ({process.name})")
    number = places.counts[Boundary.QUESTION]
    kind = fault.kind if fault else ""
    if kind == "crash-before":
        await process.die()
    await asyncio.sleep(places.latency("?", number))
    if kind == "overdue":
        await answer()
    if kind in ("slow", "hang", "overdue"):
        await asyncio.sleep(SLOW if kind == "slow" else patience)
    found = instead[kind] if kind in instead else await answer()
    if kind == "crash-after":
        await process.die()
    await process.alive()
    return found


REFUSED = "simulated: connection refused"
LIES: Mapping[str, Outcome] = {
    "down": QueryFailed(REFUSED, FailureKind.UNREACHABLE),
    "hang": QueryFailed("simulated: no answer in time", FailureKind.TIMEOUT),
    "overdue": QueryFailed("simulated: no answer in time", FailureKind.TIMEOUT),
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
        lies, before = dict(LIES), last(world.asked, subject(world.canaries, text))
        if before is not None:
            lies["stale"] = Values(before.values)
        began = asyncio.get_running_loop().time()
        told = await ask(self._process, "query", lambda: self._inner.query(text), lies)
        world.told(text, told, began, honest=told is not lies.get("stale"))
        return told

    async def online(self) -> str | None:
        """Why the server can't be used, or None."""
        lies: Mapping[str, str | None] = dict.fromkeys(("down", "hang", "overdue"), REFUSED)
        return await ask(self._process, "probe", self._inner.online, lies)


async def posted(process: Process, request: Any, deliver: Callable[[], Awaitable[None]]) -> None:
    """A message to a chat; raises like ``deliver`` when the plan loses it or its answer."""

    async def delivered() -> str:
        await deliver()
        return ""

    lies = dict.fromkeys(("down", "hang", "overdue"), REFUSED)
    failure = await ask(process, f"post {request.url}", delivered, lies)
    if failure:
        raise SendFailed(failure, again=True)


FLAPS = Refused("simulated: no this time", 500)
"""The answer of a webhook that says yes and no in turns from here on."""


async def called(process: Process, hook: Webhook, payload: bytes, key: str) -> HookAnswer:
    """A webhook as ``process`` reaches it; the world remembers what it was told."""
    world = process.world

    async def answered() -> HookAnswer:
        calls = world.flapping.get(hook.name)
        if calls is None or world.places.healed:
            return await world.receivers(hook, payload, key)
        world.flapping[hook.name] = calls + 1
        return FLAPS if calls % 2 else await world.receivers(hook, payload, key)

    silent = Refused("simulated: no answer in time", None)
    lies: Mapping[str, HookAnswer] = {
        "down": Refused(REFUSED, None),
        "hang": silent,
        "overdue": silent,
        "refuse": Refused("simulated: no", 500),
        "flap": FLAPS,
    }
    began = asyncio.get_running_loop().time()
    what = f"hook {hook.hook_type} {hook.name}"
    told = await ask(process, what, answered, lies, hook_timeout(hook))
    if told is FLAPS:
        world.flapping.setdefault(hook.name, 0)
    passed = isinstance(told, Passed)
    poll = Poll(process.name, hook.name, hook.hook_type, key, payload, began, world.time, passed)
    world.polled.append(poll)
    return told
