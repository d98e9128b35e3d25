"""A candidate under test, and what it does when it leads."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

import pytest
from leaseapi import Wire

from canary.clock import LoopClock
from canary.kube.client import Client
from canary.kube.lease import Elector

START = datetime(2026, 1, 1, tzinfo=UTC)


def elector(
    wire: Wire, identity: str, clock: LoopClock | None = None, *, patience: float = 5.0
) -> Elector:
    return Elector(
        Client(wire, timeout=patience),
        clock or LoopClock(START),
        "kube-system",
        identity,
        rng=random.Random(1),
    )


class Work:
    """What a leader does: nothing, but it shows."""

    def __init__(self, winding_up: float = 0.0) -> None:
        self.leads = asyncio.Event()
        self.since = self.until = -1.0
        self._winding_up = winding_up

    async def __call__(self) -> None:
        loop = asyncio.get_running_loop()
        self.since = loop.time()
        self.leads.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(self._winding_up)
            self.leads.clear()
            self.until = loop.time()


def now() -> float:
    return asyncio.get_running_loop().time()


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
