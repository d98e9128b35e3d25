"""Canaries with weights: rollouts that pass, fail, are changed, and are taken over."""

from __future__ import annotations

from canary.controller.settings import Settings
from simulation import acts
from simulation.scenario import at_rest, release, scenario, set_up
from simulation.world import World

GATEWAY = {
    "provider": "gatewayapi:v1",
    "service": {"gatewayRefs": [{"name": "gateway", "namespace": "test"}]},
}


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


@scenario("secret")
async def secret(world: World) -> None:
    """As ``data``, of a Secret."""
    await set_up(world)
    acts.ACTS["secret"](world)
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


@scenario("deleted", timed=True)
async def deleted(world: World) -> None:
    await set_up(world)
    acts.image("2.0.0")(world)
    await world.rest(16)
    acts.ACTS["delete"](world)
    await world.rest(30)
