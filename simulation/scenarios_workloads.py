"""Targets beside a plain Deployment."""

from __future__ import annotations

from canary.sandbox.nodes import add_node
from simulation.scenario import release, scenario
from simulation.world import World
from tests.rig.manifests import autoscaled, daemon_setting


async def on_nodes(world: World, tag: str) -> None:
    """Three nodes, so that an update leaves some pod ready."""
    for number in (2, 3):
        add_node(world.cluster.server, f"node-{number}")
    await release(
        world,
        tag,
        make=daemon_setting,
        spec={"progressDeadlineSeconds": 60},
        target={"progressDeadlineSeconds": None},
    )


@scenario("daemon")
async def daemon(world: World) -> None:
    await on_nodes(world, "2.0.0")


@scenario("daemon-bad")
async def daemon_bad(world: World) -> None:
    await on_nodes(world, "2.0.0-bad")


@scenario("autoscaled")
async def autoscaled_target(world: World) -> None:
    await release(world, "2.0.0", make=autoscaled)
