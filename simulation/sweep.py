"""Running many plans on all cores, and summing up what became of them."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from simulation.plan import Plan
from simulation.run import judge, play

REPLAYED = 40
"""One plan of so many is run twice: the traces have to be the same, to the byte."""


@dataclass
class Verdict:
    """What a plan came to; ``mismatch``: its second run went another way."""

    plan: Plan
    safety: list[str]
    stuck: list[str]
    mismatch: bool = False

    @property
    def failed(self) -> bool:
        return bool(self.safety or self.stuck or self.mismatch)

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong, worst first."""
        return [*self.safety, *self.stuck, *["replay mismatch"] * self.mismatch]


@dataclass
class Summary:
    """The sum of a sweep."""

    plans: int = 0
    seconds: float = 0.0
    safety: int = 0
    stuck: int = 0
    mismatches: int = 0
    replayed: int = 0
    failed: list[Verdict] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """One more plan."""
        self.plans += 1
        self.safety += bool(verdict.safety)
        self.stuck += bool(verdict.stuck)
        self.mismatches += verdict.mismatch
        if verdict.failed:
            self.failed.append(verdict)


def quiet() -> None:
    """What a process that only simulates needs: no log lines, and garbage when it says so."""
    logging.disable(logging.CRITICAL)
    gc.disable()


def _one(task: tuple[int, Plan]) -> Verdict:
    number, plan = task
    try:
        result = judge(plan)
    except Exception as error:
        raise RuntimeError(f"the simulator itself failed under {plan}: {error!r}") from error
    found = Verdict(plan, result.safety, result.stuck)
    if number % REPLAYED == 0:
        found.mismatch = play(plan).trace != result.trace
    gc.collect()
    return found


def verdicts(plans: Iterable[Plan], jobs: int) -> Iterator[Verdict]:
    """The verdict on each plan, in their order."""
    tasks = enumerate(plans)
    # What is there now stays: only what a plan leaves behind is looked through after it, while it
    # is small and still in the processor's cache.
    gc.collect()
    gc.freeze()
    if jobs <= 1:
        yield from map(_one, tasks)
        return
    context = multiprocessing.get_context("fork")
    with context.Pool(jobs, maxtasksperchild=None) as pool:
        yield from pool.imap(_one, tasks, chunksize=8)


def sweep(
    plans: Iterable[Plan], jobs: int, told: Callable[[Verdict], None], *, most: int = 0
) -> Summary:
    """Run all ``plans``; stops after ``most`` failures, if that isn't 0. ``told`` hears of each
    failure when it comes."""
    summary, began = Summary(), time.perf_counter()
    for verdict in verdicts(plans, jobs):
        summary.add(verdict)
        if verdict.failed:
            told(verdict)
        if most and len(summary.failed) >= most:
            break
    summary.seconds = time.perf_counter() - began
    summary.replayed = (summary.plans + REPLAYED - 1) // REPLAYED
    return summary
