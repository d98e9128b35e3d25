"""Webhooks of every type: all open, and each of the gates closed for a while; and a chat."""

from __future__ import annotations

from typing import Any

from simulation import acts
from simulation.scenario import at_rest, reached, release, scenario, set_up
from simulation.world import World
from tests.rig.chat import NOTIFIED

TYPES = (
    "confirm-rollout",
    "pre-rollout",
    "rollout",
    "confirm-traffic-increase",
    "confirm-promotion",
    "post-rollout",
    "rollback",
    "event",
)
NO = 403


def hooked(*types: str) -> dict[str, Any]:
    """An analysis with one webhook of each type, called like it; slow answers are in time."""
    return {
        "webhooks": [
            {"name": kind, "type": kind, "url": f"http://hook.test/{kind}", "timeout": "20s"}
            for kind in types
        ]
    }


@scenario("hooked")
async def every_type(world: World) -> None:
    await release(world, "2.0.0", analysis=hooked(*TYPES))


@scenario("notified", settings=NOTIFIED)
async def notified(world: World) -> None:
    """A chat is told of what becomes of two releases."""
    await release(world, "2.0.0-bad")
    if world.phase() != "Failed":
        # The news of it came late: nothing had been done for so long that it looked like rest.
        await reached(world, "Failed")
        await at_rest(world)
    acts.image("3.0.0")(world)
    await world.rest(5)
    await at_rest(world)


async def closed(world: World, kind: str, *, answer: int = NO, opens: bool = True) -> None:
    """A release while the hooks of one type don't let it pass; most do after a while."""
    await set_up(world, analysis=hooked(*TYPES))
    world.receivers.answers[kind] = answer
    acts.image("2.0.0")(world)
    await world.rest(50)
    if opens:
        world.receivers.answers.pop(kind)
    await at_rest(world)


@scenario("shut-rollout", timed=True)
async def shut_rollout(world: World) -> None:
    await closed(world, "confirm-rollout")


@scenario("shut-traffic", timed=True)
async def shut_traffic(world: World) -> None:
    await closed(world, "confirm-traffic-increase")


@scenario("shut-promotion", timed=True)
async def shut_promotion(world: World) -> None:
    await closed(world, "confirm-promotion")


@scenario("fails-before")
async def fails_before(world: World) -> None:
    """The tests before the first traffic fail for good."""
    await closed(world, "pre-rollout", opens=False)


@scenario("fails-within")
async def fails_within(world: World) -> None:
    """The tests at each step fail for good."""
    await closed(world, "rollout", opens=False)


@scenario("fails-after")
async def fails_after(world: World) -> None:
    """What is called at the end fails: the end is the same."""
    await closed(world, "post-rollout", opens=False)


@scenario("called-back")
async def called_back(world: World) -> None:
    """A rollback hook says yes."""
    await closed(world, "rollback", answer=200, opens=False)
