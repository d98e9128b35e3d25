"""Hunting mutants: each lives in a process of its own until a check catches it."""

from __future__ import annotations

import argparse
import fcntl
import os
import pickle
import select
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from simulation import plans
from simulation.comparison import compared
from simulation.mutants import source, tables
from simulation.mutants.equivalent import EQUIVALENT
from simulation.mutants.mutant import Mutant
from simulation.plan import Plan
from simulation.result import Result
from simulation.run import play, undisturbed
from simulation.scenarios import SCENARIOS
from simulation.sweep import quiet

BATTERY = 120
"""Plans under faults that a mutant meets when no fault-free run caught it."""
PATIENCE = 240
"""Seconds of processor time after which a mutant counts as caught: it never comes to an end."""


def every() -> Iterator[Mutant]:
    """All mutants, those of the tables first."""
    yield from tables.of_rules()
    yield from tables.of_moves()
    yield from source.of_modules((*source.ENGINE, *source.PROJECTION, *source.RUNTIME))


def battery() -> list[Plan]:
    """What each mutant has to go through, cheap and telling plans first."""
    free = [Plan(name) for name in SCENARIOS]
    singles = [
        plan
        for name in ("rollout", "bad", "half", "gateway", "data")
        for plan in plans.sampled(list(plans.singles(name)), BATTERY // 10)
    ]
    return free + singles + list(plans.swarm(BATTERY // 2, seed=1))


@dataclass
class Fate:
    """What became of a mutant; ``by`` and ``plan`` are empty for one that lives."""

    name: str
    by: str = ""
    plan: str = ""

    @property
    def caught(self) -> bool:
        return bool(self.by)


def fate(mutant: Mutant, trials: Iterable[Plan]) -> Fate:
    """Apply ``mutant`` to this process and run plans until one catches it."""
    mutant.apply()
    for plan in trials:
        result = play(plan)
        # The runs without faults are those of the engine as it is, made before it was broken.
        problems = result.problems or compared(result, undisturbed(plan.scenario))
        if not plan.faults:
            problems = problems or told_otherwise(result, undisturbed(plan.scenario))
        if problems:
            return Fate(mutant.name, problems[0].split("v=")[-1], str(plan))
    return Fate(mutant.name)


def told_otherwise(result: Result, base: Result) -> list[str]:
    """Whether a fault-free run went another way than that of the engine as it is."""
    if result.statuses != base.statuses:
        pairs = zip(result.statuses, base.statuses, strict=False)
        first = next((f"{one} instead of {two}" for one, two in pairs if one != two), "length")
        return [f"timeline: {first}"]
    if result.events != base.events:
        return [f"events: {(result.events - base.events) or (base.events - result.events)}"]
    return [] if result.writes == base.writes else [f"writes: {result.writes}, not {base.writes}"]


def hunted(mutants: list[Mutant], jobs: int) -> Iterator[Fate]:
    """The fate of each mutant, as it comes to be known."""
    trials = battery()
    for name in SCENARIOS:
        undisturbed(name)
    waiting = list(reversed(mutants))
    running: dict[int, Mutant] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[_begin(mutant, trials)] = mutant
        done, _, _ = select.select(list(running), [], [])
        for pipe in done:
            mutant = running.pop(pipe)
            with os.fdopen(pipe, "rb") as answer:
                said = answer.read()
            os.wait()
            endless = Fate(mutant.name, "never comes to an end")
            yield pickle.loads(said) if said else endless


def _begin(mutant: Mutant, trials: list[Plan]) -> int:
    """A process in which ``mutant`` lives; gives the pipe that its fate comes through."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        fcntl.fcntl(reading, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        return reading
    os.close(reading)
    signal.signal(signal.SIGVTALRM, lambda number, frame: os._exit(1))
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    quiet()
    try:
        found = fate(mutant, trials)
    except Exception as error:  # noqa: BLE001 - a mutant may break anything at all
        found = Fate(mutant.name, f"crash: {type(error).__name__}: {error}"[:120])
    os.write(writing, pickle.dumps(found)[: select.PIPE_BUF * 8])
    os._exit(0)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="mutants whose name holds this text")
    parser.add_argument("--sample", type=int, default=0, help="so many of them; 0: all")
    parser.add_argument("--verbose", action="store_true", help="who caught each of them")


def command(options: argparse.Namespace) -> int:
    """Hunt, say who caught what, and report those that live."""
    mutants = [mutant for mutant in every() if options.only in mutant.name]
    if options.sample and options.sample < len(mutants):
        step = len(mutants) / options.sample
        mutants = [mutants[int(index * step)] for index in range(options.sample)]
    began, by, alive = time.perf_counter(), Counter[str](), []
    for found in hunted(mutants, options.jobs):
        if found.caught:
            by[_check(found.by)] += 1
            if options.verbose:
                print(
                    f"caught   {found.name}\n         by {found.by[:150]} in {found.plan}",
                    flush=True,
                )
        else:
            alive.append(found.name)
            print(f"{'equal' if found.name in EQUIVALENT else 'ALIVE'}    {found.name}", flush=True)
    same = [name for name in alive if name in EQUIVALENT]
    for check, number in by.most_common():
        print(f"{number:5} caught by {check}")
    print(
        f"{sum(by.values())} of {len(mutants) - len(same)} mutants caught ({len(same)} equivalent, "
        f"{len(alive) - len(same)} alive) in {time.perf_counter() - began:.0f} s"
    )
    return 1 if len(alive) > len(same) else 0


def _check(text: str) -> str:
    """The name of the check in a problem's text."""
    words = text.split(": ")
    return next(
        (word for word in words if word.split(" ")[0].isalnum() and " " not in word), words[0]
    )
