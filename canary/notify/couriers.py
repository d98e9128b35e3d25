"""Bringing messages to receivers: in order for each of them, none waiting for another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from canary.notify.receiver import NotSent

ATTEMPTS = 3
"""How often one message is sent to one receiver at most."""

PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before the second attempt (four times as long before each further one), and at most."""

Errand = Callable[[], Awaitable[None]]


async def persistently(attempt: Errand) -> None:
    """``attempt`` again while it raises NotSent that may pass; raises the last one."""
    retrying = AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, NotSent) and error.again),
        stop=stop_after_attempt(ATTEMPTS),
        wait=_pause,
        reraise=True,
    )
    # Not ``retrying(attempt)``: it awaits only what it can tell from its looks to be a coroutine
    # function.
    async for turn in retrying:
        with turn:
            await attempt()


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, NotSent) else 0.0
    usual: float = PAUSE * 4 ** (state.attempt_number - 1)
    return min(max(usual, asked), LONGEST_PAUSE)


class Couriers:
    """One for each receiver, by name; each has one errand at a time."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, receiver: str, errand: Errand) -> asyncio.Task[None]:
        """Run ``errand`` after all others to ``receiver``. It must not raise."""
        before = self._last.get(receiver)

        async def turn() -> None:
            if before is not None:
                await asyncio.wait({before})
            await errand()

        task = self._last[receiver] = asyncio.create_task(turn(), name=f"alert to {receiver}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def cancel(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._last.clear()
