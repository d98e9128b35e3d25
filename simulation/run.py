"""Playing one plan to its end, and judging it."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from canary import virtualtime
from canary.kube.resources import CANARIES
from simulation import acts
from simulation.comparison import compared
from simulation.endstate import end_state
from simulation.kinds import blind, transparent
from simulation.oracles.clusters import Clusters
from simulation.oracles.foreign import Foreign
from simulation.oracles.meter import Meter
from simulation.oracles.order import Order
from simulation.oracles.polls import Polls
from simulation.oracles.safety import Safety
from simulation.oracles.traffic import Traffic
from simulation.plan import Plan
from simulation.polled import RESTING
from simulation.requests import drop, release
from simulation.result import Result, digest
from simulation.scenario import Scenario, at_rest
from simulation.scenarios import SCENARIOS
from simulation.world import World
from tests.rig.stage import resource_of

LAST = "9.0.0"
"""The release of every epilogue."""
QUIET = 130.0
"""Seconds without any write at the fixed point."""
WAIT = 900.0
"""Seconds within which everything comes to rest once faults have stopped."""
MOST_BLIND = 2400.0
"""Seconds that a view can be behind at most, however many faults keep it so."""
RETRY = 75.0
"""Seconds after which an announcement that was refused has been sent again."""
LEASE = 90.0
"""Seconds within which another process leads, whatever became of the one that did."""


@cache
def undisturbed(scenario: str, seed: int = 0) -> Result:
    """The fault-free run of a scenario."""
    return play(Plan(scenario, seed))


def play(plan: Plan) -> Result:
    """Run ``plan`` in virtual time, without comparing it to anything."""
    result = Result(plan)
    try:
        virtualtime.run(_play(plan, SCENARIOS[plan.scenario], result))
    except RuntimeError:
        if not result.spun:
            raise
        result.stuck.append(f"L1: livelock: {result.journal[-1]}")
    return result


def judge(plan: Plan) -> Result:
    """Run ``plan`` and compare it with the fault-free run."""
    result = play(plan)
    base = undisturbed(plan.scenario)
    if plan.faults and not result.problems:
        result.stuck += compared(result, base)
    return result


async def _play(plan: Plan, scenario: Scenario, result: Result) -> None:
    world = World(
        plan,
        behaves=scenario.behaves,
        gateway=scenario.gateway,
        processes=scenario.processes,
        settings=scenario.settings,
        canaries=scenario.canaries,
    )
    safeties = [Safety(world, name) for name in world.canaries]
    traffic, polls, foreign, order = Traffic(world), Polls(world), Foreign(world), Order(world)
    clusters = Clusters(world)
    Meter(world)
    result.journal = world.journal.lines
    result.methods, result.struck = world.places.methods, world.places.struck
    try:
        result.stuck += [text async for text in _course(world, scenario, result)]
        await world.fleet.stop()
        await world.down()
    finally:
        length, result.met = world.set_up
        result.set_up = digest(world.journal.lines[:length]) if length else ""
        result.spun, result.statuses = world.journal.spinning, safeties[0].history
        result.safety = [text for safety in safeties for text in safety.violations]
        result.safety += world.blunders.found
        result.safety += foreign.violations + order.violations
        result.safety += [f"traffic: {text}" for text in (*traffic.lost, *clusters.lost)]
        result.safety += [f"vet: {text}" for text in _refused(world)] + polls.broken()


async def _course(world: World, scenario: Scenario, result: Result) -> Any:
    """The scenario, healing, and what has to work afterwards; gives what doesn't."""
    try:
        await scenario.play(world)
    except (TimeoutError, AssertionError) as error:
        if transparent(world.plan.faults):
            yield f"the script found no end: {type(error).__name__} {error}"
    result.counts = Counter(world.places.counts)
    heal(world)
    behind = min(blind(world.plan.faults), MOST_BLIND) + LEASE * (scenario.processes > 1)
    await world.rest(max(behind, world.undone - world.time))
    await _spoken(world)
    if not await at_rest(world, WAIT) and not unstartable(world):
        yield f"L1: not at rest {WAIT:g} s after healing: {standing(world)}"
        return
    result.ends.append(end_state(world))
    result.tally(world)
    if scenario.epilogue:
        async for text in _epilogue(world):
            yield text
    result.ends.append(end_state(world))
    writes = len(world.written)
    await world.rest(QUIET)
    if len(world.written) > writes:
        yield f"S12: writes at the fixed point: {world.written[writes:][:5]}"
    if scenario.epilogue:
        async for text in _deletion(world):
            yield text


async def _spoken(world: World) -> None:
    """What failed under faults is sent again after a while; until then nothing is written."""
    end = world.time + RETRY
    while world.time < end and any(_untold(world, name) for name in world.canaries):
        await world.rest(1.0)


def _untold(world: World, name: str) -> bool:
    return bool((world.status(name).get("engine") or {}).get("outbox"))


async def _epilogue(world: World) -> Any:
    """A last release, applied by a GitOps tool, leaves Failed and is promoted (L2)."""
    release(world, LAST)
    end = world.time + WAIT
    while world.time < end:
        done = all(world.phase(name) in ("Succeeded", "Initialized") for name in world.canaries)
        images = {world.image(f"{name}-primary") for name in world.canaries}
        if done and images == {f"podinfo:{LAST}"}:
            await at_rest(world)
            return
        await world.rest(1.0)
    yield f"L2: the last release was not promoted in {WAIT:g} s: {standing(world)}"


async def _deletion(world: World) -> Any:
    """Deletion completes, and takes what was generated along (L3)."""
    for name in world.canaries:
        drop(world, CANARIES, name)
    await world.rest(60)
    for manifest in world.manifests:
        resource, name = resource_of(manifest), manifest["metadata"]["name"]
        if manifest["kind"] != "Canary" and world.get(resource, name) is None:
            yield f"L3: {resource.plural}/{name} went with a Canary"
    for name in world.canaries:
        if world.exists(name):
            yield f"L3: Canary {name} is still there"
        if world.get(world.workloads, f"{name}-primary") is not None:
            yield f"L3: {name}-primary outlived its Canary"


def heal(world: World) -> None:
    """Nothing goes wrong from now on, and what people broke in passing works again."""
    world.note("healed")
    world.places.healed = True
    world.receivers.answers = dict(RESTING)
    acts.recover(world)


def unstartable(world: World) -> bool:
    """A first image that never starts can't be initialised: the Canary waits for another one."""
    return world.phase() == "Initializing" and "broken" in world.image("podinfo-primary")


def standing(world: World) -> str:
    """Where the Canary stands, for people."""
    status = world.status()
    engine = status.get("engine") or {}
    why = engine.get("hold") or engine.get("reason")
    return f"{status.get('phase')} at {status.get('canaryWeight')} %, {why}"


def _refused(world: World) -> list[str]:
    return [text for _, text in world.events() if text.startswith("refused to write")]


__all__ = ["Result", "judge", "play", "undisturbed"]
