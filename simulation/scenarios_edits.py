"""Edits of what a rollout is bound to: the provider, and the names of Services and routes."""

from __future__ import annotations

from typing import Any

from simulation import acts
from simulation.requests import edit
from simulation.scenario import at_rest, scenario, set_up
from simulation.scenarios_providers import NGINX, with_ingress
from simulation.scenarios_rollouts import GATEWAY
from simulation.world import World

MIDWAY = 16.0
"""Seconds from a release to its second weight."""
SHOP = {"service": {"name": "shop"}}


async def edited(world: World, change: dict[str, Any], after: float, **parts: Any) -> None:
    """An edit so long after a release; before it, where that is negative."""
    await set_up(world, **parts)
    if after < 0:
        edit(world, change)
        await world.rest(-after)
        acts.image("2.0.0")(world)
    else:
        acts.image("2.0.0")(world)
        await world.rest(after)
        edit(world, change)
    await world.rest(5)
    await at_rest(world)


async def renamed(world: World, after: float) -> None:
    """Another name of the apex Service and the route."""
    world.apexes["podinfo"].append("shop")
    await edited(world, SHOP, after)


@scenario("renamed", timed=True)
async def renamed_at_rest(world: World) -> None:
    await renamed(world, -20)


@scenario("renamed-midway", timed=True)
async def renamed_midway(world: World) -> None:
    await renamed(world, MIDWAY)


@scenario("moved", timed=True)
async def moved_at_rest(world: World) -> None:
    """From Istio to nginx."""
    await edited(world, NGINX, -20, make=with_ingress)


@scenario("moved-midway", timed=True)
async def moved_midway(world: World) -> None:
    await edited(world, NGINX, MIDWAY, make=with_ingress)


@scenario("moved-gateway", timed=True, gateway=True)
async def moved_to_gateway(world: World) -> None:
    """From Istio to Gateway API, in mid-rollout."""
    await edited(world, GATEWAY, MIDWAY)
