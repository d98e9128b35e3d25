"""Canaries that Flagger left behind, in each phase that it can be stopped in."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import CANARIES, CONTROLLER_REVISIONS
from simulation import acts, meddling
from simulation.scenario import at_rest, begin, reached, scenario, set_up, so
from simulation.scenarios_gates import hooked
from simulation.scenarios_strategies import iterated
from simulation.world import World

FLAGGER = "flagger"
OURS = ("engine", "observedGeneration")
"""What Flagger's typed client doesn't know of a status."""


async def left(world: World) -> None:
    """The engine goes; the cluster is as Flagger would have left it, and the engine comes back.

    There are no records and no pins, and what was generated was written by Flagger.
    """
    await world.fleet.stop()
    world.note("left as by Flagger")
    world.taken_over = world.time
    canary = world.get(CANARIES, "podinfo")
    if canary is not None:
        status = {k: v for k, v in (canary.get("status") or {}).items() if k not in OURS}
        status |= {"lastAppliedSpec": "5978589476", "lastPromotedSpec": "5978589476"}
        await world.user.update(CANARIES, {**canary, "status": status}, subresource="status")
    meddling.drop_pins(world)
    storage = world.cluster.server.storage
    for resource in list(storage.resources()):
        for key, obj in list(storage.all(resource)):
            managers = obj["metadata"].get("managedFields") or ()
            if any(entry["manager"] == "canary-engine" for entry in managers):
                storage.put(resource, key, _by_flagger(obj))
    world.fleet.start()


def _by_flagger(obj: dict[str, Any]) -> dict[str, Any]:
    fields = [
        {**entry, "manager": FLAGGER, "operation": "Update"}
        if entry["manager"] == "canary-engine"
        else entry
        for entry in obj["metadata"]["managedFields"]
    ]
    return {**obj, "metadata": {**obj["metadata"], "managedFields": fields}}


def pinned(world: World) -> bool:
    """Whether the takeover is done: what Flagger had promoted is pinned."""
    return any(world.cluster.server.storage.all(CONTROLLER_REVISIONS))


@scenario("takeover")
async def at_ease(world: World) -> None:
    """At rest; the next release is as ever."""
    await set_up(world)
    await left(world)
    await world.rest(20)
    await so(world, lambda: pinned(world), 60)
    acts.image("2.0.0")(world)
    await world.rest(5)
    await at_rest(world)


async def midway(world: World, phase: str, after: float = 0.0, **parts: Any) -> None:
    """A release, until the status has been in ``phase`` for ``after`` seconds."""
    await set_up(world, **parts)
    acts.image("2.0.0")(world)
    await reached(world, phase)
    await world.rest(after)
    await left(world)
    await world.rest(5)
    await at_rest(world)


@scenario("takeover-progressing", timed=True)
async def progressing(world: World) -> None:
    """At the second of its weights."""
    await midway(world, "Progressing", 16)


@scenario("takeover-bluegreen", timed=True)
async def iterating(world: World) -> None:
    await midway(world, "Progressing", 16, analysis=iterated(2))


@scenario("takeover-promoting", timed=True)
async def promoting(world: World) -> None:
    await midway(world, "Promoting", 0.5)


@scenario("takeover-finalising", timed=True)
async def finalising(world: World) -> None:
    await midway(world, "Finalising", 0.5)


@scenario("takeover-waiting", timed=True)
async def waiting(world: World) -> None:
    """Before the promotion, whose gate is closed and opens later."""
    await closed_gate(world, "confirm-promotion", "WaitingPromotion")


@scenario("takeover-unconfirmed", timed=True)
async def unconfirmed(world: World) -> None:
    """Before the rollout, whose gate is closed and opens later."""
    await closed_gate(world, "confirm-rollout", "Waiting")


async def closed_gate(world: World, kind: str, phase: str) -> None:
    """Flagger is stopped while the gates of one type are closed."""
    await set_up(world, analysis=hooked(kind))
    world.receivers.answers[kind] = 403
    acts.image("2.0.0")(world)
    await reached(world, phase, 120)
    await world.rest(3)
    await left(world)
    await world.rest(25)
    world.receivers.answers.pop(kind)
    await at_rest(world)


@scenario("takeover-failed", timed=True)
async def failed(world: World) -> None:
    """The rejected revision isn't tried again."""
    await set_up(world)
    acts.image("2.0.0-bad")(world)
    await world.rest(5)
    await at_rest(world)
    await left(world)
    await world.rest(20)
    await at_rest(world)


@scenario("takeover-initializing", timed=True)
async def initializing(world: World) -> None:
    """The primary has only just been made."""
    await begin(world)
    await world.rest(1.5)
    await left(world)
    await at_rest(world)
