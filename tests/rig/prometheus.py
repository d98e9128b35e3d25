"""Metric servers that answer what a test says, behind the seam of ``analysis.interface``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable

from analysis.outcome import Outcome, Values


class Prometheus:
    """Answers every query with ``value`` (or what ``answers`` says) and remembers the queries."""

    def __init__(self, value: float = 100.0) -> None:
        self.value = value
        self.answers: Callable[[str], Outcome] | None = None
        self.offline: str | None = None
        self.delay = 0.0
        self.queries: list[str] = []

    def __call__(self, provider, secret, window) -> Connection:
        return Connection(self, provider.address)

    def outcome(self, text: str) -> Outcome:
        return self.answers(text) if self.answers else Values((self.value,))


class Connection:
    def __init__(self, server: Prometheus, address: str | None) -> None:
        self.server = server
        self.identity: Hashable = address

    async def query(self, text: str) -> Outcome:
        self.server.queries.append(" ".join(text.split()))
        if self.server.delay:
            await asyncio.sleep(self.server.delay)
        return self.server.outcome(text)

    async def online(self) -> str | None:
        return self.server.offline
