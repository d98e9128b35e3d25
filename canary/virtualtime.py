"""An asyncio loop in which time passes only when nothing is left to do.

Everything that waits on the loop's clock (``asyncio.sleep``, ``asyncio.timeout``, ``call_later``)
runs at once, in the order of its due times, and the same program gives the same trace every time.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Deadlock(RuntimeError):
    """Nothing is ready and nothing is scheduled: what the program waits for can't come."""


class _VirtualSelector(selectors.DefaultSelector):
    """Never blocks: instead of waiting for a timer it moves the loop's clock there."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.on_idle: Callable[[], None] | None = None
        self.woken: Callable[[], bool] = lambda: False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout == 0 and len(self.get_map()) == 1:
            # Nobody but another thread could have something: it waits for a moment of rest.
            return []
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.on_idle:
            self.on_idle()
            if self.woken():
                return []
        if timeout is None:
            raise Deadlock("nothing is ready and no timer is set")
        if timeout > 0:
            self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop; ``on_idle`` is called each time before its clock moves."""

    def __init__(self) -> None:
        self._virtual = _VirtualSelector()
        super().__init__(self._virtual)
        self._virtual.woken = self._has_ready
        # A resolution of 0 keeps timers apart that are microseconds apart.
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self._virtual.now

    @property
    def on_idle(self) -> Callable[[], None] | None:
        return self._virtual.on_idle

    @on_idle.setter
    def on_idle(self, callback: Callable[[], None] | None) -> None:
        self._virtual.on_idle = callback

    def _has_ready(self) -> bool:
        ready: Any = getattr(self, "_ready", ())
        return bool(ready)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end in virtual time, then cancel what it left running."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        try:
            leftover = asyncio.all_tasks(loop)
            for task in leftover:
                task.cancel()
            if leftover:
                loop.run_until_complete(asyncio.gather(*leftover, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()
