"""What catches mutants: the unit tests of the project, and plans of the simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from simulation import plans
from simulation.comparison import compared
from simulation.plan import Plan
from simulation.result import Result
from simulation.run import play, undisturbed
from simulation.scenarios import SCENARIOS

PARTS, FREE, REST = range(3)
"""Rounds: tests of parts of the engine, runs without faults, and what costs more."""
UNITS = ("rollout", "controller", "kube", "workloads", "providers", "notify", "server", "cli")
"""Directories of tests that look at parts of the engine."""
WHOLE = ("badinput", "intents", "enginefields", "exits", "transcripts")
"""Those that run all of it, in the process of the test."""
TESTS = Path(__file__).parents[2] / "tests"
SINGLES, RANDOM = 2, 40
"""Single-fault plans of each scenario, and random plans."""


@dataclass(frozen=True)
class Check:
    """``run`` gives what is wrong, nothing if all is well. ``round``: when it is let loose."""

    name: str
    run: Callable[[], str]
    round: int


def of_plans(number: int) -> Iterator[Check]:
    """The plans of a round: runs of all scenarios without faults, or some under faults."""
    if number == FREE:
        found = [Plan(name) for name in sorted(SCENARIOS)]
    elif number == REST:
        found = [
            plan
            for name in sorted(SCENARIOS)
            for plan in plans.sampled(list(plans.every(name)), SINGLES)
        ]
        found += plans.swarm(RANDOM, seed=1)
    else:
        found = []
    for plan in found:
        undisturbed(plan.scenario)
        yield Check(f"plan {plan}", partial(_played, plan), number)


def _played(plan: Plan) -> str:
    """The runs without faults are those of the engine as it is, made before it was broken."""
    result = play(plan)
    base = undisturbed(plan.scenario)
    problems = result.problems or compared(result, base)
    if not plan.faults:
        problems = problems or _told_otherwise(result, base)
    return problems[0].split("v=")[-1] if problems else ""


def _told_otherwise(result: Result, base: Result) -> list[str]:
    """Whether a fault-free run went another way than that of the engine as it is."""
    if result.statuses != base.statuses:
        pairs = zip(result.statuses, base.statuses, strict=False)
        first = next((f"{one} instead of {two}" for one, two in pairs if one != two), "length")
        return [f"timeline: {first}"]
    if result.events != base.events:
        return [f"events: {(result.events - base.events) or (base.events - result.events)}"]
    return [] if result.writes == base.writes else [f"writes: {result.writes}, not {base.writes}"]


class _Loop:
    """A plugin of pytest: collects, and lets somebody else decide what is run."""

    def __init__(self, work: Callable[[Sequence[Check]], None]) -> None:
        self._work = work
        self._failure = ""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._work([self._check(item) for item in session.items])
        return True

    def _check(self, item: pytest.Item) -> Check:
        part = item.nodeid.split("/")[1] in UNITS
        return Check(item.nodeid, partial(self._run, item), PARTS if part else REST)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self._failure:
            self._failure = str(report.longrepr).strip().splitlines()[-1][:160] or "failed"

    def _run(self, item: pytest.Item) -> str:
        self._failure = ""
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return self._failure


def with_tests(work: Callable[[Sequence[Check]], None], suites: Sequence[str]) -> None:
    """Collect the tests of ``suites`` and call ``work`` with them: they can be run within it."""
    # What is drawn is the same each time, a busy machine is no failure, and whatever breaks a test
    # need not be the simplest that does.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile(
        "hunt", derandomize=True, database=None, deadline=None, phases=phases
    )
    hypothesis.settings.load_profile("hunt")
    words = [
        *(str(TESTS / suite) for suite in suites), "-o", "addopts=",
        "--rootdir", str(TESTS.parent), "-c", str(TESTS.parent / "pyproject.toml"),
        "-m", "not live and not kubectl", "-p", "no:terminal", "-p", "no:cacheprovider",
        "-p", "no:xdist", "--assert=plain", "--capture=no",
    ]  # fmt: skip
    status = pytest.main(words, plugins=[_Loop(work)])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError(f"the tests can't be collected: {status!r}")
