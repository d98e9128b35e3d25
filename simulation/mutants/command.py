"""``python -m simulation mutants``."""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from simulation.mutants import modules
from simulation.mutants.checks import (
    FREE,
    PARTS,
    REST,
    TESTS,
    UNITS,
    WHOLE,
    Check,
    of_plans,
    with_tests,
)
from simulation.mutants.equivalent import EQUIVALENT
from simulation.mutants.fates import DIRECTORY, Fate, Fates
from simulation.mutants.hunt import Order, every, hunted
from simulation.mutants.mutant import Mutant
from simulation.mutants.reach import hushed, surveyed


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="mutants whose name holds this text")
    parser.add_argument("--sample", type=int, default=0, help="so many of them; 0: all")
    parser.add_argument(
        "--budget",
        type=float,
        default=60.0,
        help="seconds for each mutant; 0: no end",
    )
    parser.add_argument("--resume", action="store_true", help="go on where a hunt was stopped")
    parser.add_argument("--living", action="store_true", help="then hunt again those that got away")
    parser.add_argument(
        "--rounds", type=int, default=3, help="1: tests of parts, 2: and runs without faults"
    )
    parser.add_argument(
        "--suites",
        nargs="+",
        type=suite,
        default=(*UNITS, *WHOLE),
        help="directories of tests that hunt, or single files in them",
    )
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="of fates (%(default)s)")
    parser.add_argument("--verbose", action="store_true", help="who caught each of them")


def suite(text: str) -> str:
    """A directory of tests that may hunt, or a file in one; raises ArgumentTypeError."""
    if text.split("/")[0] not in (*UNITS, *WHOLE) or not (TESTS / text).exists():
        known = ", ".join((*UNITS, *WHOLE))
        raise argparse.ArgumentTypeError(f"{text} is neither one of {known} nor a file in one")
    return text


def command(options: argparse.Namespace) -> int:
    """Hunt, say who caught what, and report those that live."""
    mutants = [mutant for mutant in every() if options.only in mutant.name]
    if options.sample and options.sample < len(mutants):
        step = len(mutants) / options.sample
        mutants = [mutants[int(index * step)] for index in range(options.sample)]
    options.directory.mkdir(parents=True, exist_ok=True)
    fates = Fates(options.directory / "fates.jsonl", goes_on=options.resume)
    began = time.perf_counter()

    def work(tests: Sequence[Check]) -> None:
        for number in (PARTS, FREE, REST)[: options.rounds]:
            checks = [check for check in tests if check.round == number]
            with hushed():
                checks += of_plans(number)
            _hunt(mutants, checks, fates, options)

    with_tests(work, options.suites)
    return _sum_up(mutants, fates, time.perf_counter() - began)


def _hunt(
    mutants: Sequence[Mutant], checks: Sequence[Check], fates: Fates, options: argparse.Namespace
) -> None:
    """Let the checks of one round loose on those that live."""
    number = checks[0].round
    left = [mutant for mutant in mutants if fates.open(mutant, number, living=options.living)]
    if not left:
        return
    began = time.perf_counter()
    file = options.directory / "reach.jsonl"
    passed = surveyed(checks, modules.ALL, options.jobs, file, afresh=not options.resume)
    for check in checks:
        if passed[check.name].wrong:
            print(f"not used: {check.name}: {passed[check.name].wrong}", flush=True)
    took = time.perf_counter() - began
    print(f"{len(checks)} checks looked at in {took:.0f} s; {len(left)} mutants", flush=True)
    for fate in hunted(left, Order(checks, passed), options.jobs, options.budget):
        fate.round = number
        fates.add(fate)
        if fate.caught and options.verbose:
            print(f"caught   {fate.name}\n         by {fate.check}: {fate.why}", flush=True)


def _sum_up(mutants: Sequence[Mutant], fates: Fates, seconds: float) -> int:
    found = fates.among(mutants)
    caught = [fate for fate in found if fate.caught]
    alive = [fate for fate in found if not fate.caught]
    same = [fate for fate in alive if fate.name in EQUIVALENT]
    for fate in alive:
        what = "equal" if fate.name in EQUIVALENT else "ALIVE"
        print(f"{what}    {fate.name}: {fate.tried} of {fate.reach} checks {fate.why}")
    for part, number in Counter(map(_catcher, caught)).most_common():
        print(f"{number:5} caught by {part}")
    spent = sum(fate.seconds for fate in found)
    print(
        f"{len(caught)} of {len(mutants) - len(same)} mutants caught ({len(same)} equivalent, "
        f"{len(alive) - len(same)} alive); {seconds:.0f} s, {spent / max(1, len(found)):.2f} s of "
        "processor time for each"
    )
    return 1 if len(alive) > len(same) else 0


def _catcher(fate: Fate) -> str:
    """The file of tests, or the check of the simulator."""
    if not fate.check.startswith("plan "):
        return fate.check.split("::")[0]
    words = fate.why.split(": ")
    return "simulation: " + next((word for word in words if word and " " not in word), words[0])
