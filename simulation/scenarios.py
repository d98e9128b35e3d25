"""The base scenarios. One entry is all that a strategy, workload, gate or exit needs to join in.

They are short (steps of 10 s), and their scripts don't depend on how a rollout goes, so that they
can be played under any fault: users act, and wait until the Canary is at rest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from canary.controller.settings import Settings
from canary.kube.resources import CANARIES, DEPLOYMENTS, SERVICES
from canary.sandbox.pods import Behaviour
from simulation import acts
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
_TARGET: dict[str, Any] = {"progressDeadlineSeconds": 60}
GATEWAY = {
    "provider": "gatewayapi:v1",
    "service": {"gatewayRefs": [{"name": "gateway", "namespace": "test"}]},
}


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
    epilogue: bool = True
    timed: bool = False


SCENARIOS: dict[str, Scenario] = {}


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
) -> None:
    """The setting of ``tests.rig``, with short steps, up to an idle Canary."""
    await world.up()
    world.manifests = setting(spec, merge(_ANALYSIS, analysis or {}), merge(_TARGET, target or {}))
    for manifest in world.manifests:
        acts.apply(world, manifest)
    world.start()
    await at_rest(world)


async def at_rest(world: World, limit: float = 600.0) -> bool:
    """Wait until the Canary has been at rest for a while; whether it came to that."""
    end, since = world.time + limit, world.time
    while world.time < end:
        if not world.exists():
            return True
        if world.phase() not in IDLE or busy(world):
            since = world.time
        if world.time - since >= 12.0:
            return True
        await world.rest(1.0)
    return False


def busy(world: World) -> bool:
    """Whether the engine has written something lately."""
    return bool(world.written) and world.written[-1][0] > world.time - 10.0


async def release(world: World, tag: str, **parts: Any) -> None:
    """Set up, then a new image, until it has come to an end."""
    await set_up(world, **parts)
    acts.image(tag)(world)
    await world.rest(5)
    await at_rest(world)


@scenario("rollout")
async def rollout(world: World) -> None:
    await release(world, "2.0.0")


@scenario("gateway", gateway=True)
async def gateway(world: World) -> None:
    await release(world, "2.0.0", spec=GATEWAY)


@scenario("bad")
async def bad(world: World) -> None:
    await release(world, "2.0.0-bad")


@scenario("broken")
async def broken(world: World) -> None:
    await release(world, "2.0.0-broken")


@scenario("half", timed=True)
async def half(world: World) -> None:
    """The promotion fails: the canary that passed keeps serving, until its users revert."""
    await release(world, "2.0.0-half")
    acts.image("1.0.0")(world)
    await world.rest(5)
    await at_rest(world)


@scenario("stepped")
async def stepped(world: World) -> None:
    await release(world, "2.0.0", analysis={"stepWeightPromotion": 40})


@scenario("told")
async def told(world: World) -> None:
    """Steps one by one: how long, and with how many pods."""
    steps = [{"weight": 30, "duration": "24s", "replicas": 1}, {"weight": 60, "replicas": 3}]
    await release(world, "2.0.0", analysis={"stepWeights": None, "engine": {"steps": steps}})


@scenario("falling")
async def falling(world: World) -> None:
    """A failed canary whose traffic goes back by steps."""
    engine = {"rollbackStepWeight": 10}
    await release(world, "2.0.0-bad", analysis={"engine": engine})


@scenario("skipped")
async def skipped(world: World) -> None:
    await release(world, "2.0.0", spec={"skipAnalysis": True})


@scenario("superseded", timed=True)
async def superseded(world: World) -> None:
    await set_up(world)
    acts.image("2.0.0")(world)
    await world.rest(16)
    acts.image("2.5.0")(world)
    await at_rest(world)


@scenario("reverted", timed=True)
async def reverted(world: World) -> None:
    await set_up(world)
    acts.image("2.0.0")(world)
    await world.rest(16)
    acts.image("1.0.0")(world)
    await world.rest(5)
    await at_rest(world)


@scenario("data")
async def data(world: World) -> None:
    """Only data changes: pods go through zero before they are judged."""
    await set_up(world)
    acts.ACTS["config"](world)
    await world.rest(10)
    await at_rest(world)


@scenario("suspended", timed=True)
async def suspended(world: World) -> None:
    await set_up(world)
    acts.image("2.0.0")(world)
    await world.rest(14)
    acts.ACTS["suspend"](world)
    await world.rest(40)
    await at_rest(world)


@scenario("elected", processes=2, settings=Settings(leader_election=True))
async def elected(world: World) -> None:
    await release(world, "2.0.0")


@scenario("takeover")
async def takeover(world: World) -> None:
    """Flagger left a status of its own: the record is gone, the objects are there."""
    await set_up(world)
    await world.stop()
    canary = world.get(CANARIES, "podinfo")
    if canary is not None:
        status = {k: v for k, v in (canary.get("status") or {}).items() if k != "engine"}
        await world.user.update(CANARIES, {**canary, "status": status}, subresource="status")
    world.start()
    await world.rest(20)
    acts.image("2.0.0")(world)
    await world.rest(5)
    await at_rest(world)


@scenario("deleted", timed=True)
async def deleted(world: World) -> None:
    await set_up(world)
    acts.image("2.0.0")(world)
    await world.rest(16)
    acts.ACTS["delete"](world)
    await world.rest(30)


__all__ = ["DEPLOYMENTS", "SCENARIOS", "SERVICES", "Scenario", "at_rest", "scenario"]
