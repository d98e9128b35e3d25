"""Users: a steady stream of requests through the gateway, and what became of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp

NO_ANSWER = 0
"""The status of a request that got no answer."""
_PATIENCE = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Tally:
    """Requests by (revision, status); the revision is empty where no application answered."""

    counts: Counter[tuple[str, int]]

    @property
    def total(self) -> int:
        """All requests."""
        return self.counts.total()

    @property
    def failed(self) -> int:
        """Those that users saw fail: no answer, or a status of 500 and above."""
        return sum(n for (_, status), n in self.counts.items() if not 0 < status < 500)

    def of(self, revision: str) -> int:
        """Answers of one revision."""
        return sum(n for (who, _), n in self.counts.items() if who == revision)

    def since(self, earlier: Tally) -> Tally:
        """What was added after ``earlier``."""
        return Tally(self.counts - earlier.counts)


class Load:
    """``rate`` requests a second, spread evenly over ``targets`` ((host, path) pairs).

    A request is sent when it is due, whether or not those before it have been answered.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: str,
        rate: float,
        targets: Callable[[], Sequence[tuple[str, str]]],
    ) -> None:
        self._session, self._address = session, address
        self._rate, self._targets = rate, targets
        self._counts: Counter[tuple[str, int]] = Counter()
        self._open: set[asyncio.Task[None]] = set()

    def tally(self) -> Tally:
        """What became of the requests so far."""
        return Tally(Counter(self._counts))

    async def run(self) -> None:
        """Send until cancelled; requests that are under way are then given up uncounted."""
        loop = asyncio.get_running_loop()
        due, sent = loop.time(), 0
        try:
            while True:
                targets = self._targets()
                if targets:
                    host, path = targets[sent % len(targets)]
                    sent += 1
                    task = asyncio.create_task(self._one(host, path))
                    self._open.add(task)
                    task.add_done_callback(self._open.discard)
                # After a pause of the machine the stream goes on; it doesn't catch up.
                due = max(due + 1 / self._rate, loop.time() - 1)
                await asyncio.sleep(due - loop.time())
        finally:
            for task in list(self._open):
                task.cancel()

    async def _one(self, host: str, path: str) -> None:
        headers = {"Host": host}
        url = self._address + path
        try:
            async with self._session.get(url, headers=headers, timeout=_PATIENCE) as response:
                await response.read()
                found = (response.headers.get("X-Revision", ""), response.status)
        except (aiohttp.ClientError, TimeoutError):
            found = ("", NO_ANSWER)
        self._counts[found] += 1
