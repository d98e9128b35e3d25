"""Targets beside a plain Deployment."""

from __future__ import annotations

import copy
from typing import Any

from canary.kube.resources import DEPLOYMENTS
from canary.sandbox.nodes import add_node
from simulation import acts, meddling
from simulation.requests import drop
from simulation.requests import release as redo
from simulation.scenario import at_rest, release, scenario, set_up
from simulation.world import World
from tests.rig.manifests import autoscaled, daemon_setting, service_setting


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


@scenario("keda")
async def scaled_object(world: World) -> None:
    await release(world, "2.0.0", make=keda)


def keda(**parts: Any) -> list[dict[str, Any]]:
    """The setting with a ScaledObject of KEDA's."""
    return autoscaled("ScaledObject", **parts)


VERSIONS = ("1.0.0", "2.0.0", "2.0.0-bad", "3.0.0", "3.0.0-bad", "3.0.0-broken", "9.0.0")
"""What stands behind a Service that is the target: every version that users may turn to."""


def selecting(target: dict[str, Any], **parts: Any) -> list[dict[str, Any]]:
    """A Service as target, and a Deployment for each version that it may select."""
    first, _, service, canary = service_setting(**parts)
    found = []
    for version in VERSIONS:
        one = copy.deepcopy(first)
        one["metadata"]["name"] = f"version-{version.replace('.', '-')}"
        labels = {"app": "podinfo", "version": version}
        one["spec"] |= {"replicas": 1, "selector": {"matchLabels": labels}}
        one["spec"]["template"]["metadata"]["labels"] = labels
        one["spec"]["template"]["spec"]["containers"][0]["image"] = f"podinfo:{version}"
        found.append(one)
    return [*found, service, canary]


@scenario("service")
async def service_target(world: World) -> None:
    await release(world, "2.0.0", make=selecting)


@scenario("service-bad")
async def service_target_bad(world: World) -> None:
    await release(world, "2.0.0-bad", make=selecting)


@scenario("asleep", timed=True)
async def asleep(world: World) -> None:
    """Users take the pods from target and primary for a while, and release afterwards."""
    await set_up(world)
    for size in (0, 2):
        for name in (meddling.TARGET, meddling.PRIMARY):
            acts.scaled(name, size)(world)
        await world.rest(25)
    acts.image("2.0.0")(world)
    await world.rest(5)
    await at_rest(world)


@scenario("emptied", timed=True)
async def emptied(world: World) -> None:
    """The canary loses its pods in mid-rollout, and gets them back."""
    await set_up(world)
    acts.image("2.0.0")(world)
    await world.rest(14)
    acts.scaled(meddling.TARGET, 0)(world)
    await world.rest(20)
    acts.scaled(meddling.TARGET, 2)(world)
    await world.rest(5)
    await at_rest(world)


@scenario("regrown", timed=True)
async def regrown(world: World) -> None:
    """The target is deleted at rest, and comes back as another release."""
    await set_up(world)
    drop(world, DEPLOYMENTS, meddling.TARGET)
    await world.rest(25)
    redo(world, "2.0.0")
    await world.rest(5)
    await at_rest(world)


@scenario("regrown-midway", timed=True)
async def regrown_midway(world: World) -> None:
    """The target is deleted in mid-rollout, and comes back."""
    await set_up(world)
    acts.image("2.0.0")(world)
    await world.rest(14)
    drop(world, DEPLOYMENTS, meddling.TARGET)
    await world.rest(25)
    redo(world, "2.0.0")
    await world.rest(5)
    await at_rest(world)
