"""A sample of what ``make simulate`` runs: single faults of each scenario, and a small swarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.plan import Plan
from simulation.plans import every, sampled, swarm
from simulation.run import judge
from simulation.scenarios import SCENARIOS

FOUND = Path(__file__).with_name("found.txt")
"""Plans that found something; docs/simulation.md tells what."""
SINGLES, RANDOM = 2, 40
"""Single-fault plans of each scenario, and random plans."""


def under(plan: Plan) -> str:
    """What broke under a plan, with the command that replays it."""
    problems = judge(plan).problems
    return f"python -m simulation replay {plan}: {problems[:3]}" if problems else ""


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_single_faults(name: str) -> None:
    assert [text for plan in sampled(list(every(name)), SINGLES) if (text := under(plan))] == []


@pytest.mark.parametrize("part", range(4))
def test_random_plans(part: int) -> None:
    plans = list(swarm(RANDOM))[part::4]
    assert [text for plan in plans if (text := under(plan))] == []


@pytest.mark.parametrize("plan", FOUND.read_text("utf-8").splitlines())
def test_plans_that_broke_a_promise_once(plan: str) -> None:
    assert under(Plan.parse(plan.split())) == ""
