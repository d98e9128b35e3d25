"""Hunting mutants: each lives in a process of its own until a check catches it."""

from __future__ import annotations

import fcntl
import gc
import json
import logging
import os
import select
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from simulation.mutants import modules, source, tables
from simulation.mutants.checks import Check
from simulation.mutants.fates import Fate
from simulation.mutants.mutant import Mutant
from simulation.mutants.reach import Passed, forget, hushed

PATIENCE, SLOWER = 20.0, 10
"""Seconds of processor time that a check may take at least, and how many times as long as with the
engine as it is: beyond, the mutant never comes to an end. On the clock it may be six times that."""
FAVOURITES = 12
"""Checks that caught others at the same place lately, and are tried first."""


def every() -> Iterator[Mutant]:
    """All mutants, those of the tables first."""
    yield from tables.of_rules()
    yield from tables.of_moves()
    yield from source.of_modules(modules.ALL)


class Order:
    """Which checks a mutant meets, and in which order: those that caught its neighbours, then the
    cheapest first."""

    def __init__(self, checks: Sequence[Check], passed: Mapping[str, Passed]) -> None:
        self._costs = {name: found.cost for name, found in passed.items()}
        sound = [check for check in checks if not passed[check.name].wrong]
        self._checks = sorted(sound, key=lambda check: (self._costs[check.name], check.name))
        self._by_mark: dict[str, set[str]] = defaultdict(set)
        for check in sound:
            for mark in passed[check.name].marks:
                self._by_mark[mark].add(check.name)
        self._caught: dict[str, Counter[str]] = defaultdict(Counter)

    def of(self, mutant: Mutant) -> list[tuple[Check, float]]:
        """Checks that pass the mutant's place, with what they cost."""
        names: set[str] = set().union(*(self._by_mark[mark] for mark in mutant.marks))
        known = self._caught[mutant.home] + self._caught[_module(mutant)]
        first = [name for name, _ in known.most_common() if name in names][:FAVOURITES]
        place = {name: number for number, name in enumerate(first)}
        found = [check for check in self._checks if check.name in names]
        found.sort(key=lambda check: place.get(check.name, FAVOURITES))
        return [(check, self._costs[check.name]) for check in found]

    def learn(self, mutant: Mutant, fate: Fate) -> None:
        """Who caught it may catch its neighbours, too."""
        if fate.caught:
            self._caught[mutant.home][fate.check] += 3
            self._caught[_module(mutant)][fate.check] += 1


def _module(mutant: Mutant) -> str:
    return mutant.home.rsplit("/", 1)[0]


def hunted(mutants: Sequence[Mutant], order: Order, jobs: int, budget: float) -> Iterator[Fate]:
    """The fate of each mutant, as it comes to be known. ``budget``: seconds of processor time after
    which no further check is tried; 0: all are."""
    gc.collect()
    gc.freeze()
    waiting, running = list(reversed(mutants)), dict[int, Mutant]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[_begin(mutant, order.of(mutant), budget)] = mutant
        done, _, _ = select.select(list(running), [], [])
        for pipe in done:
            mutant = running.pop(pipe)
            with os.fdopen(pipe, "rb") as answer:
                said = answer.read()
            os.wait()
            fate = Fate(**json.loads(said))
            order.learn(mutant, fate)
            yield fate


def _begin(mutant: Mutant, trials: Sequence[tuple[Check, float]], budget: float) -> int:
    """A process in which ``mutant`` lives; gives the pipe that its fate comes through."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        fcntl.fcntl(reading, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        return reading
    os.close(reading)
    fate = Fate(mutant.name, mutant.digest, reach=len(trials))

    def end(*_: object) -> None:
        try:
            os.write(writing, json.dumps(asdict(fate)).encode())
        finally:
            os._exit(0)

    def endless(*_: object) -> None:
        fate.why = "never comes to an end"
        end()

    signal.signal(signal.SIGVTALRM, endless)
    signal.signal(signal.SIGALRM, endless)
    try:
        with hushed():
            forget()
            mutant.apply()
            _meet(fate, trials, budget)
    except BaseException as error:  # noqa: BLE001 - a mutant may break anything at all
        fate.why = f"{type(error).__name__}: {error}"[:160]
    end()
    raise AssertionError("not reached")


def _meet(fate: Fate, trials: Sequence[tuple[Check, float]], budget: float) -> None:
    """Run one check after the other until one finds something wrong."""
    began = time.process_time()
    for check, cost in trials:
        if budget and fate.tried and fate.seconds + cost / 3 > budget:
            break
        limit = PATIENCE + SLOWER * cost
        signal.setitimer(signal.ITIMER_VIRTUAL, limit)
        signal.setitimer(signal.ITIMER_REAL, limit * 6)
        logging.disable(logging.CRITICAL if check.name.startswith("plan ") else logging.NOTSET)
        fate.tried += 1
        fate.check = check.name
        fate.why = check.run()
        fate.seconds = round(time.process_time() - began, 3)
        if fate.why:
            break
        fate.check = ""
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
