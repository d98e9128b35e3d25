"""What people ask for by hand, by annotation."""

from __future__ import annotations

from simulation import acts
from simulation.scenario import at_rest, scenario, set_up
from simulation.world import World


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
