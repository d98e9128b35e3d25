"""What a gateway itself says that it carries, asked again and again while users are served.

A route that was written isn't one that users are led by: a proxy is told later, on a loaded machine
much later. Only the proxy knows, so that only its own word says which requests measure a weight.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import aiohttp


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A gateway's answer for one host: asked at ``asked``, there at ``answered`` (Unix time).

    ``shares`` are the canary's percent by each of the host's routes, the one for everybody last.
    Without any the gateway doesn't know the host.
    """

    asked: float
    answered: float
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """From ``begin`` to ``end`` (Unix time) at least the gateway carried ``shares``."""

    begin: float
    end: float
    shares: tuple[int, ...]

    @property
    def weight(self) -> int:
        """The canary's percent of users whom no match names."""
        return self.shares[-1]


def spans(glimpses: Sequence[Glimpse]) -> list[Span]:
    """What it carried, one after another.

    A span begins with its first answer and ends with its last question: what was sent and answered
    in between was led by those shares, however late the questions came.
    """
    seen = [glimpse for glimpse in glimpses if glimpse.shares]
    found = []
    for shares, group in itertools.groupby(seen, lambda glimpse: glimpse.shares):
        first, *others = group
        end = others[-1].asked if others else first.answered
        found.append(Span(first.answered, end, shares))
    return found


class Witness:
    """Keeps asking ``shares``, as Glimpse has them, for as long as the context is open, with
    ``period`` seconds between two questions."""

    def __init__(
        self, shares: Callable[[], Awaitable[tuple[int, ...]]], *, period: float = 0.3
    ) -> None:
        self._shares, self._period = shares, period
        self._glimpses: list[Glimpse] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Witness:
        self._task = asyncio.create_task(self._look(), name="witness")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait({self._task})

    @property
    def spans(self) -> list[Span]:
        """What it has seen so far. Raises whatever ended it."""
        if self._task is not None and self._task.done():
            self._task.result()
        return spans(self._glimpses)

    async def _look(self) -> None:
        while True:
            asked = time.time()
            try:
                shares = await self._shares()
            except (aiohttp.ClientError, OSError, TimeoutError):
                pass  # A gateway may be down; what isn't seen isn't measured.
            else:
                self._glimpses.append(Glimpse(asked, time.time(), shares))
            await asyncio.sleep(self._period)
