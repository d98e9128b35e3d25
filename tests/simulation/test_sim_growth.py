"""Nothing that a process remembers grows with every release that it has seen."""

from __future__ import annotations

from collections import Counter

from canary import virtualtime
from canary.controller.memory import Budget, Memory
from canary.kube.resources import DEPLOYMENTS
from simulation import acts
from simulation.oracles.growth import sizes
from simulation.plan import Plan
from simulation.scenario import at_rest, set_up
from simulation.scenarios import SCENARIOS
from simulation.world import World


async def _released(numbers: tuple[int, int]) -> list[Counter[str]]:
    """What a process holds after so many, and after so many more, releases."""
    world = World(Plan("rollout"), behaves=SCENARIOS["rollout"].behaves)
    found = []
    try:
        await set_up(world, analysis={"stepWeights": [60]})
        for number in range(1, max(numbers) + 1):
            acts.image(f"2.{number}.0")(world)
            await world.rest(3)
            assert await at_rest(world)
            assert world.image("podinfo-primary") == f"podinfo:2.{number}.0"
            if number in numbers:
                found.append(sizes(world.fleet.processes[0].controller))
    finally:
        await world.fleet.stop()
        await world.down()
    return found


def test_what_grows_is_seen_wherever_it_hangs() -> None:
    few, many = Memory(), Memory()
    many.budgets[DEPLOYMENTS, "podinfo"] = Budget(times=[1.0, 2.0])
    grown = sizes(many) - sizes(few)
    assert grown == {"Memory.budgets": 1, "Memory.budgets.*.times": 2}


def test_a_process_remembers_no_more_after_many_releases() -> None:
    few, many = virtualtime.run(_released((10, 13)))
    assert few["Controller._memories"] == 1
    assert {place: (few[place], many[place]) for place in many if many[place] > few[place]} == {}
