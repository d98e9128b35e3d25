"""What people ask for by hand, by annotation."""

from __future__ import annotations

import asyncio

from simulation import acts
from simulation.scenario import at_rest, reached, release, scenario, set_up
from simulation.world import World

LOOKS = 26.0
"""Seconds between two looks of somebody who approves."""


async def asked(world: World, *actions: str) -> None:
    """A release, and requests in its midst, one every 25 s."""
    await set_up(world)
    acts.image("2.0.0")(world)
    await world.rest(12)
    for action in actions:
        acts.ask(action)(world)
        await world.rest(25)
    await at_rest(world)


@scenario("aborted", timed=True)
async def aborted(world: World) -> None:
    await asked(world, "abort")


@scenario("promoted", timed=True)
async def promoted(world: World) -> None:
    await asked(world, "promote")


@scenario("paused", timed=True)
async def paused(world: World) -> None:
    await asked(world, "pause")
    await world.rest(10)
    await at_rest(world)


@scenario("retried", timed=True)
async def retried(world: World) -> None:
    await asked(world, "abort", "retry")


@scenario("aborted-late", timed=True)
async def aborted_late(world: World) -> None:
    """An abort that comes when the promotion has begun: too late, and it is told so."""
    await set_up(world)
    acts.image("2.0.0")(world)
    await reached(world, "Promoting")
    acts.ask("abort")(world)
    await world.rest(25)
    await at_rest(world)


@scenario("approved", timed=True)
async def approved(world: World) -> None:
    """Steps that somebody has to end, and who looks now and then whether it is time."""
    steps = [{"weight": 30, "approval": True}, {"weight": 60, "approval": True}]

    def look() -> None:
        if world.status().get("canaryWeight"):
            acts.request(world, "approve")
        asyncio.get_running_loop().call_later(LOOKS, look)

    look()
    await release(world, "2.0.0", analysis={"stepWeights": None, "engine": {"steps": steps}})
