"""All scenarios of a run side by side: one cluster, one engine for those that bring none.

A scenario is a coroutine function of a Scene. They are started together, as many at a time as the
machine bears; the test of each one waits for it and raises what it raised.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from e2e.engine import Engine
from e2e.scene import Cluster, Scene

AT_ONCE = 8
"""Scenarios that run at the same time; they mostly wait."""
LIMIT = 1500.0
"""Seconds after which a scenario has failed, whatever it waits for."""
HOME = "canary-engine"
"""Namespace of the shared engine."""

Body = Callable[[Scene], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Scenario:
    """One scenario as declared. ``features`` are the parts of the cluster that it needs."""

    body: Body
    features: frozenset[str]
    own_engine: bool
    kubelet: bool
    long: bool
    last: bool

    @property
    def namespace(self) -> str:
        """The name of its test, as a namespace."""
        return self.body.__name__.removeprefix("test_").replace("_", "-")


def scenario(
    *features: str,
    own_engine: bool = False,
    kubelet: bool = True,
    long: bool = False,
    last: bool = False,
) -> Callable[[Body], Callable[..., Awaitable[None]]]:
    """Make a test of a scenario.

    ``own_engine``: it starts engines for its namespace itself. ``kubelet`` False: it runs without
    the process kubelet, on any cluster. ``long``: it begins among the first, so that nobody waits
    for it in the end. ``last``: it runs alone, after all others have ended.
    """

    def declare(body: Body) -> Callable[..., Awaitable[None]]:
        declared = Scenario(body, frozenset(features), own_engine, kubelet, long, last)

        async def test(suite: Suite) -> None:
            await suite.outcome(declared)

        test.__name__, test.__doc__, test.__module__ = body.__name__, body.__doc__, body.__module__
        test.scenario = declared  # type: ignore[attr-defined]
        return pytest.mark.asyncio(loop_scope="session")(test)

    return declare


def declared(item: pytest.Item) -> Scenario | None:
    """The scenario of a test, if it is one."""
    return getattr(getattr(item, "function", None), "scenario", None)


class Suite:
    """The scenarios that were selected, under way."""

    def __init__(
        self, cluster: Cluster, scenarios: Sequence[Scenario], say: Callable[[str], None]
    ) -> None:
        self.cluster = cluster
        self._scenarios = list(scenarios)
        self._say = say
        self._began = time.monotonic()
        self._engine: Engine | None = None
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> Suite:
        """Start the shared engine and every scenario."""
        shared = [s.namespace for s in self._scenarios if not s.own_engine]
        if shared:
            installation = await self.cluster.install(HOME, shared)
            self._engine = self.cluster.engine(installation)
            try:
                await self._engine.start(self.cluster.client)
            except BaseException:
                await self._engine.close()
                raise
            self._exit.push_async_callback(self._engine.close)
            self.say("engine", f"watches {len(shared)} namespaces")
        first = sorted((s for s in self._scenarios if not s.last), key=lambda s: not s.long)
        others = [self._start(s, ()) for s in first]
        for one in (s for s in self._scenarios if s.last):
            others.append(self._start(one, tuple(others)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values())
        await self._exit.aclose()

    def say(self, who: str, line: str) -> None:
        """One line of progress, with the seconds since the suite began."""
        self._say(f"{time.monotonic() - self._began:5.0f} s  {who}: {line}")

    async def outcome(self, which: Scenario) -> None:
        """Wait for a scenario's end and raise what it raised."""
        await self._tasks[which.namespace]

    async def everything(self) -> None:
        """Wait until all scenarios have ended, well or not."""
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    def _start(self, which: Scenario, after: Sequence[asyncio.Task[None]]) -> asyncio.Task[None]:
        assert which.namespace not in self._tasks, f"two scenarios are called {which.namespace}"
        task = asyncio.create_task(self._run(which, after), name=which.namespace)
        self._tasks[which.namespace] = task
        return task

    async def _run(self, which: Scenario, after: Sequence[asyncio.Task[None]]) -> None:
        if after:
            await asyncio.wait(after)
        async with self._gate:
            began = time.monotonic()
            name = which.namespace
            self.say(name, "begins")

            def say(line: str) -> None:
                self.say(name, line)

            try:
                async with asyncio.timeout(LIMIT):
                    async with Scene(self.cluster, name, self._engine, say) as scene:
                        await which.body(scene)
            except BaseException as error:
                self.say(name, f"FAILED after {time.monotonic() - began:.0f} s: {_first(error)}")
                raise
            self.say(name, f"passed after {time.monotonic() - began:.0f} s")


def _first(error: BaseException) -> str:
    return f"{type(error).__name__} {str(error).partition(chr(10))[0]}".strip()
