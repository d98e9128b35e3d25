"""The strategies beside rising weights: Blue/Green, A/B, mirroring, session affinity."""

from __future__ import annotations

from typing import Any

from simulation.scenario import release, scenario
from simulation.world import World

MATCH = {"match": [{"headers": {"x-canary": {"exact": "insider"}}}]}


def iterated(number: int, **more: Any) -> dict[str, Any]:
    """An analysis of iterations instead of weights."""
    return {"stepWeights": None, "iterations": number, **more}


@scenario("bluegreen")
async def bluegreen(world: World) -> None:
    await release(world, "2.0.0", analysis=iterated(2))


@scenario("bluegreen-bad")
async def bluegreen_bad(world: World) -> None:
    """Nobody can tell before all traffic is on it: it fails at the last step."""
    await release(world, "2.0.0-bad", analysis=iterated(2))


@scenario("bluegreen-mirror")
async def bluegreen_mirror(world: World) -> None:
    await release(world, "2.0.0", analysis=iterated(2, mirror=True))


@scenario("abtest")
async def abtest(world: World) -> None:
    await release(world, "2.0.0", analysis=iterated(2, **MATCH))


@scenario("abtest-bad")
async def abtest_bad(world: World) -> None:
    await release(world, "2.0.0-bad", analysis=iterated(2, **MATCH))


@scenario("mirror")
async def mirror(world: World) -> None:
    await release(world, "2.0.0", analysis={"mirror": True})


@scenario("mirror-bad")
async def mirror_bad(world: World) -> None:
    """It fails on copies of requests: no user ever meets it."""
    await release(world, "2.0.0-bad", analysis={"mirror": True})


@scenario("sticky")
async def sticky(world: World) -> None:
    cookies = {"cookieName": "cc", "primaryCookieName": "pc"}
    await release(world, "2.0.0", analysis={"sessionAffinity": cookies})
