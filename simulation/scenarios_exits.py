"""Canaries that are suspended or deleted before they have come to rest; ``revertOnDeletion``."""

from __future__ import annotations

from simulation import acts
from simulation.scenario import at_rest, begin, scenario, set_up
from simulation.world import World

REVERT = {"revertOnDeletion": True}


@scenario("given-back", timed=True)
async def given_back(world: World) -> None:
    """Deleted at rest, with another image promoted than the one it began with."""
    await set_up(world, spec=REVERT)
    acts.image("2.0.0")(world)
    await world.rest(5)
    await at_rest(world)
    acts.ACTS["delete"](world)
    await at_rest(world)


@scenario("given-up", timed=True)
async def given_up(world: World) -> None:
    """Deleted in the midst of a rollout: the target gets back what was promoted."""
    await set_up(world, spec=REVERT)
    acts.image("2.0.0")(world)
    await world.rest(16)
    acts.ACTS["delete"](world)
    await at_rest(world)


@scenario("unborn", timed=True)
async def unborn(world: World) -> None:
    """Deleted while the primary starts for the first time."""
    await begin(world, spec=REVERT)
    await world.rest(1.5)
    acts.ACTS["delete"](world)
    await at_rest(world)


@scenario("delayed", timed=True)
async def delayed(world: World) -> None:
    """Suspended while the primary starts for the first time."""
    await begin(world)
    await world.rest(1.5)
    acts.ACTS["suspend"](world)
    await world.rest(40)
    await at_rest(world)
