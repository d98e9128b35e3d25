"""What a scenario is, and what their scripts share.

They are short (steps of 10 s), and their scripts don't depend on how a rollout goes, so that they
can be played under any fault: users act, and wait until the Canary is at rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from canary.controller.settings import Settings
from canary.kube.resources import DAEMON_SETS, DEPLOYMENTS, SERVICES
from canary.sandbox.pods import Behaviour
from simulation import acts
from simulation.requests import apply
from simulation.world import World
from tests.rig.manifests import merge, setting

IDLE = ("Initialized", "Succeeded", "Failed")
WINDOW = "20s"
_ANALYSIS: dict[str, Any] = {
    "interval": "10s",
    "threshold": 2,
    "stepWeight": None,
    "maxWeight": None,
    "stepWeights": [30, 60],
    "metrics": [
        {"name": "request-success-rate", "interval": WINDOW, "thresholdRange": {"min": 99}}
    ],
}
WORKLOADS = {resource.kind: resource for resource in (DEPLOYMENTS, DAEMON_SETS, SERVICES)}
"""What can be a target."""
_TARGET: dict[str, Any] = {"progressDeadlineSeconds": 60}


def behaves(template: Mapping[str, Any]) -> Behaviour:
    """Pods start within 2 s; ``broken`` images never do, ``half`` ones not as the primary."""
    found = str(template["spec"]["containers"][0]["image"])
    primary = str(template["metadata"]["labels"]["app"]).endswith("-primary")
    if "broken" in found or ("half" in found and primary):
        return Behaviour(starts_in=None)
    return Behaviour(starts_in=2.0)


@dataclass(frozen=True)
class Scenario:
    """``play`` is what users do; ``epilogue``: a last good release and the deletion follow it;
    ``timed``: they act at fixed times, so that a delay may rightly lead to another end."""

    play: Callable[[World], Awaitable[None]]
    behaves: Callable[[Mapping[str, Any]], Behaviour] = behaves
    gateway: bool = False
    processes: int = 1
    settings: Settings = field(default_factory=Settings)
    canaries: tuple[str, ...] = ("podinfo",)
    epilogue: bool = True
    timed: bool = False


SCENARIOS: dict[str, Scenario] = {}
PATIENCE = 1800.0
"""Seconds that users wait for an idle Canary before they release anything: for each of some twenty
crashes as long as a Lease lasts."""


def scenario(name: str, **parts: Any) -> Callable[[Callable[[World], Awaitable[None]]], Any]:
    """Register a scenario under ``name``."""

    def register(play: Callable[[World], Awaitable[None]]) -> Any:
        SCENARIOS[name] = Scenario(play, **parts)
        return play

    return register


async def set_up(
    world: World,
    spec: dict[str, Any] | None = None,
    analysis: dict[str, Any] | None = None,
    target: dict[str, Any] | None = None,
    make: Callable[..., list[dict[str, Any]]] = setting,
) -> None:
    """A setting of ``tests.rig``, with short steps, up to an idle Canary."""
    await begin(world, spec, analysis, target, make)
    await at_rest(world, PATIENCE)
    world.set_up = len(world.journal.lines), Counter(world.places.counts)


async def begin(
    world: World,
    spec: dict[str, Any] | None = None,
    analysis: dict[str, Any] | None = None,
    target: dict[str, Any] | None = None,
    make: Callable[..., list[dict[str, Any]]] = setting,
) -> None:
    """As ``set_up``, but the engine has only just been started."""
    await world.up()
    parts = {"analysis": merge(_ANALYSIS, analysis or {}), "target": merge(_TARGET, target or {})}
    world.manifests = make(spec=spec, **parts)
    kinds = {manifest["kind"] for manifest in world.manifests}
    if "ScaledObject" in kinds:
        await world.keda()
    for manifest in world.manifests:
        if manifest["kind"] == "Canary":
            world.workloads = WORKLOADS[manifest["spec"]["targetRef"]["kind"]]
    for manifest in world.manifests:
        apply(world, manifest)
    world.fleet.start()


async def at_rest(world: World, limit: float = 600.0) -> bool:
    """Wait until all Canaries have been at rest for a while; whether it came to that."""
    end, since = world.time + limit, world.time
    while world.time < end:
        living = [name for name in world.canaries if world.exists(name)]
        if not living:
            return True
        if busy(world) or any(world.phase(name) not in IDLE for name in living):
            since = world.time
        if world.time - since >= 12.0:
            return True
        await world.rest(1.0)
    return False


def busy(world: World) -> bool:
    """Whether the engine has written something lately."""
    return bool(world.written) and world.written[-1][0] > world.time - 10.0


async def reached(world: World, phase: str, limit: float = 300.0) -> bool:
    """Wait until the status shows ``phase``, for a while at most; whether it did."""
    return await so(world, lambda: world.phase() == phase, limit)


async def so(world: World, holds: Callable[[], bool], limit: float) -> bool:
    """Wait until something ``holds``, for a while at most; whether it did."""
    end = world.time + limit
    while world.time < end and not holds():
        await world.rest(0.25)
    return holds()


async def release(world: World, tag: str, **parts: Any) -> None:
    """Set up, then a new image, until it has come to an end."""
    await set_up(world, **parts)
    acts.image(tag)(world)
    await world.rest(5)
    await at_rest(world)
