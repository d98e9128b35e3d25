"""What a gateway itself says that it carries, asked again and again while users are served.

A route that was written isn't one that users are led by: a proxy is told later, on a loaded machine
much later. Only the proxy knows, so that only its own word says which requests measure a weight.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import aiohttp

Shares = tuple[int, ...]
"""The canary's percent by each route of a host, the one for everybody last."""
Ask = Callable[[], Awaitable[Mapping[str, Shares]]]
"""Asks a gateway for the shares of all hosts that it knows. Raises aiohttp.ClientError, OSError,
TimeoutError."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A gateway's answer: asked at ``asked``, there at ``answered`` (Unix time)."""

    asked: float
    answered: float
    shares: Mapping[str, Shares]


@dataclass(frozen=True, slots=True)
class Span:
    """From ``begin`` to ``end`` (Unix time) at least the gateway had ``shares`` for a host."""

    begin: float
    end: float
    shares: Shares

    @property
    def weight(self) -> int:
        """The canary's percent of users whom no match names."""
        return self.shares[-1]


def spans(glimpses: Sequence[Glimpse], host: str) -> list[Span]:
    """What it had for ``host``, one after another.

    A span begins with its first answer and ends with its last question: what was sent and answered
    in between was led by those shares, however late the questions came.
    """
    seen = [glimpse for glimpse in glimpses if glimpse.shares.get(host)]
    found = []
    for shares, group in itertools.groupby(seen, lambda glimpse: glimpse.shares[host]):
        first, *others = group
        end = others[-1].asked if others else first.answered
        found.append(Span(first.answered, end, shares))
    return found


class Witness:
    """Keeps asking one gateway until ``close``, with ``period`` seconds between two questions.
    ``asking`` opens the way to it."""

    def __init__(self, asking: AbstractAsyncContextManager[Ask], *, period: float = 0.3) -> None:
        self._period = period
        self._glimpses: list[Glimpse] = []
        self._task = asyncio.create_task(self._look(asking), name="witness")

    def spans(self, host: str) -> list[Span]:
        """What it has seen so far. Raises whatever ended it."""
        if self._task.done():
            self._task.result()
        return spans(self._glimpses, host)

    async def close(self) -> None:
        """Ask no more."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _look(self, asking: AbstractAsyncContextManager[Ask]) -> None:
        async with asking as ask:
            while True:
                asked = time.time()
                try:
                    shares = await ask()
                except (aiohttp.ClientError, OSError, TimeoutError):
                    pass  # A gateway may be down; what isn't seen isn't measured.
                else:
                    self._glimpses.append(Glimpse(asked, time.time(), shares))
                await asyncio.sleep(self._period)
