"""Plans as texts, what they mean, and what a sweep makes of them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from simulation.kinds import KINDS, blind, kind_of, transparent
from simulation.plan import Boundary, Fault, Plan
from simulation.plans import every, pairs, singles, swarm
from simulation.run import judge, play, undisturbed
from simulation.scenarios import SCENARIOS
from simulation.shrink import shrunk

TEXT = "rollout seed=7 503@api:20*3 drop@watch:4"


def test_a_plan_is_its_text() -> None:
    faults = (Fault(Boundary.API, 20, "503", 3), Fault(Boundary.WATCH, 4, "drop"))
    assert Plan.parse(TEXT.split()) == Plan("rollout", 7, faults)
    assert str(Plan("rollout", 7, faults)) == TEXT


WRONG = ("rollout", "rollout seed=x", "rollout seed=1 crash", "x seed=1 a@b:1")


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Plan.parse(text.split())


def test_a_kind_that_a_boundary_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="knows crash-before"):
        kind_of(Fault(Boundary.WATCH, 1, "503"))


def test_faults_of_the_world_may_change_the_end_and_those_of_the_machine_may_not() -> None:
    assert transparent((Fault(Boundary.API, 1, "500"), Fault(Boundary.WATCH, 1, "late")))
    assert not transparent((Fault(Boundary.API, 1, "500"), Fault(Boundary.QUESTION, 1, "down")))
    assert blind((Fault(Boundary.WATCH, 1, "late", 2),)) == 40


def test_every_fault_has_its_place_in_the_exhaustive_plans() -> None:
    found = {(p.faults[0].boundary, p.faults[0].kind) for p in every("elected")}
    known = {(boundary, kind) for boundary, kinds in KINDS.items() for kind in kinds}
    assert known - found == {(Boundary.API, "rival")}
    assert len({str(plan) for plan in every("rollout")}) == len(list(every("rollout")))


def test_the_places_of_a_set_up_are_struck_in_one_of_the_scenarios_that_begin_with_it() -> None:
    alike, others = ("rollout", "bad", "deleted"), ("gateway", "delayed")
    assert len({undisturbed(name).set_up for name in alike}) == 1
    within = {
        (name, plan.faults)
        for name in alike
        for plan in singles(name, alike + others)
        if plan.faults[0].at <= undisturbed(name).met[plan.faults[0].boundary]
    }
    standing = {name for name, _ in within}
    assert len(standing) == 1
    assert {faults for _, faults in within} == {
        plan.faults
        for plan in every("rollout")
        if plan.faults[0].at <= undisturbed("rollout").met[plan.faults[0].boundary]
    }
    for name in alike:
        left = {plan.faults for plan in every(name)} - {p.faults for p in singles(name, alike)}
        assert left == ({faults for _, faults in within} if name not in standing else set())
    for name in others:
        assert list(singles(name, alike + others)) == list(every(name))


def test_swarms_are_drawn_by_their_seed() -> None:
    assert list(swarm(20, 3)) == list(swarm(20, 3))
    assert list(swarm(20, 3)) != list(swarm(20, 4))
    assert {plan.scenario for plan in swarm(400)} == set(SCENARIOS)
    assert all(len(plan.faults) == 2 for plan in pairs("rollout", 10))


def test_the_same_plan_gives_the_same_trace_in_every_process() -> None:
    # Hash order differs from process to process; nothing of it may show.
    plan = "elected seed=11 crash-after@api:40 late@watch:30 409@api:50*2 label@act:20"
    code = "import sys; from simulation.run import play; from simulation.plan import Plan; "
    code += "print(play(Plan.parse(sys.argv[1:])).trace)"
    traces = set()
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd()}
        command = [sys.executable, "-c", code, *plan.split()]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        traces.add(done.stdout)
    assert traces == {play(Plan.parse(plan.split())).trace + "\n"}


def test_another_seed_gives_another_schedule() -> None:
    assert play(Plan("rollout", 1)).trace != undisturbed("rollout").trace


def test_a_plan_is_shrunk_to_what_is_needed() -> None:
    needed = Fault(Boundary.API, 9, "500")
    faults = (Fault(Boundary.API, 2, "404", 4), needed, Fault(Boundary.WATCH, 1, "drop"))
    plan = Plan("rollout", 5, faults)
    assert shrunk(plan, lambda plan: needed in plan.faults) == Plan("rollout", 0, (needed,))


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_the_fault_free_run_keeps_every_promise(name: str) -> None:
    assert judge(Plan(name)).problems == []
