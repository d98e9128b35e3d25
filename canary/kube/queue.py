"""A work queue of keys: no key runs twice at once, none is forgotten, nothing polls."""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

FIRST_BACKOFF, LAST_BACKOFF = 0.1, 60.0
"""Seconds before the first and at most before any further retry of a key."""


class WorkQueue(Generic[K]):
    """Keys in the order of their arrival, each at most once.

    A key that is added while it runs comes again when it is done. ``add_at`` keeps the earliest of
    several times.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._ready: OrderedDict[K, None] = OrderedDict()
        self._running: set[K] = set()
        self._again: set[K] = set()
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._failures: dict[K, int] = {}
        self._arrived = asyncio.Semaphore(0)
        """Wakes one of those that wait whenever a key arrives."""

    def __len__(self) -> int:
        return len(self._ready)

    def add(self, key: K) -> None:
        """Run ``key`` as soon as possible."""
        self._cancel_timer(key)
        if key in self._running:
            self._again.add(key)
        else:
            # One that waits already keeps its place.
            self._ready[key] = None
            self._arrived.release()

    def add_at(self, key: K, when: float) -> None:
        """Run ``key`` at ``when`` (loop time) at the latest."""
        loop = asyncio.get_running_loop()
        if when <= loop.time():
            self.add(key)
            return
        timer = self._timers.get(key)
        if timer is not None:
            if timer.when() <= when:
                return
            timer.cancel()
        self._timers[key] = loop.call_at(when, self._due, key)

    def retry(self, key: K, at_least: float = 0.0) -> float:
        """Run ``key`` again after its backoff, with jitter; gives the delay in seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        delay: float = min(LAST_BACKOFF, FIRST_BACKOFF * 2 ** min(failures, 20))
        delay = max(at_least, delay * (0.5 + self._rng.random() / 2))
        self.add_at(key, asyncio.get_running_loop().time() + delay)
        return delay

    def succeeded(self, key: K) -> None:
        """The next retry of ``key`` starts with the first backoff again."""
        self._failures.pop(key, None)

    def forget(self, key: K) -> None:
        """Drop ``key`` and all that is planned for it."""
        self._cancel_timer(key)
        self._ready.pop(key, None)
        self._again.discard(key)
        self._failures.pop(key, None)

    async def get(self) -> K:
        """The next key; call ``done`` when its work has ended."""
        await self._arrived.acquire()
        while not self._ready:  # forgotten meanwhile, or added twice
            await self._arrived.acquire()
        key, _ = self._ready.popitem(last=False)
        self._running.add(key)
        return key

    def done(self, key: K) -> None:
        """The work on ``key`` has ended."""
        self._running.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.add(key)

    def close(self) -> None:
        """Cancel all timers."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _due(self, key: K) -> None:
        self._timers.pop(key, None)
        self.add(key)

    def _cancel_timer(self, key: K) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
