"""Many schedules of many candidates on a bad network: never two leaders at once."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from leaseapi import LeaseApi, Wire

from canary.clock import LoopClock
from canary.kube.client import Client
from canary.kube.lease import Elector, LeaseLost
from canary.virtualtime import run

LENGTH = 3000.0
"""Virtual seconds of one schedule."""


class Floor:
    """Who leads, watched at every change."""

    def __init__(self) -> None:
        self.leading: set[str] = set()
        self.turns: list[str] = []

    async def lead(self, identity: str, rng: random.Random) -> None:
        self.leading.add(identity)
        self.turns.append(identity)
        assert self.leading == {identity}, f"two leaders: {self.leading}"
        try:
            await asyncio.sleep(rng.choice((30.0, 300.0, 10_000.0)))
        finally:
            try:
                await asyncio.sleep(rng.choice((0.0, 1.0, 15.0)))
            finally:
                self.leading.discard(identity)


async def candidate(name: str, api: LeaseApi, floor: Floor, seed: str) -> None:
    """A process that is restarted for ever: it stops, is cut off, loses, and comes back."""
    rng = random.Random(seed)
    for life in range(1000):
        identity = f"{name}{life}"
        wire = Wire(api, rng)
        elector = Elector(
            Client(wire, timeout=5.0),
            LoopClock(datetime(2026, 1, 1, tzinfo=UTC)),
            "kube-system",
            identity,
            rng=rng,
        )

        async def lead(identity: str = identity) -> None:
            await floor.lead(identity, rng)

        task = asyncio.create_task(elector.hold(lead))
        await asyncio.wait({task}, timeout=rng.uniform(0, 400))
        wire.down = rng.random() < 0.5
        await asyncio.wait({task}, timeout=rng.uniform(0, 100))
        task.cancel()
        with suppress(asyncio.CancelledError, LeaseLost):
            await task
        await asyncio.sleep(rng.uniform(0, 30))


@pytest.mark.parametrize("seed", range(40))
def test_never_two_leaders(seed: int) -> None:
    floor = Floor()

    async def main() -> None:
        api = LeaseApi()
        tasks = {
            asyncio.create_task(candidate(name, api, floor, f"{seed}{name}")) for name in "abc"
        }
        done, _ = await asyncio.wait(tasks, timeout=LENGTH, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()

    run(main())
    # Liveness, and a sign that this schedule tested anything.
    assert len(floor.turns) >= 5
