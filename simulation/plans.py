"""Making plans: every single fault, sampled pairs, and swarms of random ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache

from simulation.kinds import KINDS
from simulation.plan import Boundary, Fault, Plan
from simulation.result import Result
from simulation.run import undisturbed
from simulation.scenarios import SCENARIOS

SEEDS = 1000
"""Schedules that swarms draw from."""


def every(scenario: str) -> Iterator[Plan]:
    """Every kind of fault at every place of ``scenario`` at which it can happen."""
    base = undisturbed(scenario)
    for boundary, kinds in KINDS.items():
        for place in range(1, base.counts[boundary] + 1):
            for kind in kinds:
                if applies(base, boundary, place, kind):
                    yield Plan(scenario, 0, (Fault(boundary, place, kind),))


def singles(scenario: str, among: Sequence[str] | None = None) -> Iterator[Plan]:
    """Every single fault that no other of the scenarios ``among`` which it is (all) stands for.

    Many scenarios begin with the same set-up, to the byte of their journals: its places are struck
    in one of them only.
    """
    base = undisturbed(scenario)
    if _stand_in(base.set_up, tuple(among or SCENARIOS)) in ("", scenario):
        yield from every(scenario)
        return
    for plan in every(scenario):
        if plan.faults[0].at > base.met[plan.faults[0].boundary]:
            yield plan


@cache
def _stand_in(set_up: str, among: tuple[str, ...]) -> str:
    """Which of the scenarios that begin with ``set_up`` stands for all of them there: the shortest
    one that has a last release. Empty for a scenario without a set-up."""
    alike = [name for name in among if set_up and undisturbed(name).set_up == set_up]
    order = {n: (not SCENARIOS[n].epilogue, len(undisturbed(n).journal), n) for n in alike}
    return min(alike, key=order.__getitem__, default="")


def crashes(scenario: str) -> Iterator[Plan]:
    """A crash before and after every single write."""
    for plan in every(scenario):
        fault = plan.faults[0]
        method = undisturbed(scenario).methods.get(fault.at, "GET")
        if fault.boundary is Boundary.API and fault.kind.startswith("crash") and method != "GET":
            yield plan


def applies(base: Result, boundary: Boundary, place: int, kind: str) -> bool:
    """Whether ``kind`` can happen at a place of the fault-free run."""
    found = KINDS[boundary][kind]
    if kind == "rival" and SCENARIOS[base.plan.scenario].processes > 1:
        return False
    if boundary is not Boundary.API or not found.only:
        return True
    return base.methods[place] in found.only


def sampled(plans: list[Plan], number: int) -> list[Plan]:
    """``number`` of ``plans``, spread evenly; all of them for 0."""
    if not number or number >= len(plans):
        return plans
    return [plans[(index * len(plans)) // number] for index in range(number)]


def share(plans: list[Plan], number: int, shares: int) -> list[Plan]:
    """The ``number``-th of so many ``shares`` of ``plans``, spread evenly."""
    return plans[number - 1 :: shares]


def pairs(scenario: str, number: int, seed: int = 0) -> Iterator[Plan]:
    """``number`` plans of two faults each."""
    draw, known = random.Random(f"pairs/{scenario}/{seed}"), list(every(scenario))
    for _ in range(number):
        one, other = draw.sample(known, 2)
        yield Plan(scenario, 0, tuple(sorted((one.faults[0], other.faults[0]))))


def swarm(number: int, seed: int = 0, only: Sequence[str] | None = None) -> Iterator[Plan]:
    """``number`` random plans: one scenario, one schedule, 1 to 6 faults of 1 to 4 kinds."""
    names = sorted(only or SCENARIOS)
    for index in range(number):
        draw = random.Random(f"swarm/{seed}/{index}")
        yield random_plan(draw, draw.choice(names))


def random_plan(draw: random.Random, scenario: str) -> Plan:
    """One random plan: a few kinds, so that a run isn't drowned in all of them at once."""
    base = undisturbed(scenario)
    known = [
        (boundary, kind)
        for boundary in KINDS
        for kind in KINDS[boundary]
        if base.counts[boundary] and not (kind == "rival" and SCENARIOS[scenario].processes > 1)
    ]
    kinds = draw.sample(known, draw.randint(1, 4))
    faults = set()
    for _ in range(draw.randint(1, 6)):
        boundary, kind = draw.choice(kinds)
        times = draw.choice((1, 1, 1, 2, 5)) if boundary is not Boundary.ACT else 1
        faults.add(Fault(boundary, draw.randint(1, base.counts[boundary]), kind, times))
    return Plan(scenario, draw.randrange(SEEDS), tuple(sorted(faults)))
