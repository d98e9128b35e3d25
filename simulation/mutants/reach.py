"""Which checks pass which places: only those can catch what is broken there."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from canary.rollout.decide import Decision, decide
from simulation.mutants import source
from simulation.mutants.checks import Check

PRODUCT = ("canary", "analysis", "providers")


@dataclass(frozen=True)
class Passed:
    """What one check passes; ``cost``: seconds of processor time, ``wrong``: what it found wrong
    with the engine as it is."""

    cost: float
    marks: frozenset[str]
    wrong: str = ""


class Tracer:
    """Notes the marks of the lines of some modules that are executed."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._lines: dict[str, dict[int, str]] = {}
        for name in modules:
            module = importlib.import_module(name)
            self._lines[str(module.__file__)] = dict(_marks(module))
        self._known: dict[CodeType, Any] = {}
        self._seen: set[tuple[str, int]] = set()
        self._fired: set[str] = set()
        self._known[decide.__code__] = self._deciding(decide.__code__.co_filename)

    def follow(self, check: Check) -> Passed:
        """Run a check and note what it passes."""
        self._seen.clear()
        self._fired.clear()
        began = time.process_time()
        sys.settrace(self._called)
        try:
            wrong = check.run()
        finally:
            sys.settrace(None)
        cost = time.process_time() - began
        lines = {self._lines[file].get(line, "") for file, line in self._seen}
        return Passed(cost, frozenset(lines - {""} | self._fired), wrong)

    def _called(self, frame: FrameType, event: str, arg: object) -> Any:
        code = frame.f_code
        try:
            return self._known[code]
        except KeyError:
            file = code.co_filename
            inner = self._noting(file) if file in self._lines else None
            self._known[code] = inner
            return inner

    def _noting(self, file: str) -> Callable[[FrameType, str, object], Any]:
        note = self._seen.add

        def noted(frame: FrameType, event: str, arg: object) -> Any:
            note((file, frame.f_lineno))
            return noted

        return noted

    def _deciding(self, file: str) -> Callable[[FrameType, str, object], Any]:
        """Also notes the rows of the tables that a decision comes from."""
        note, fired = self._seen.add, self._fired

        def noted(frame: FrameType, event: str, arg: object) -> Any:
            note((file, frame.f_lineno))
            if event == "return" and isinstance(arg, Decision):
                stage = frame.f_locals["stage"].value
                fired.add(f"rules/{stage}/{arg.rule}")
                fired.add(f"moves/{stage}/{type(arg.verdict).__name__}")
            return noted

        return noted


def _marks(module: Any) -> Iterator[tuple[int, str]]:
    home = module.__name__.removeprefix("canary.")
    for qualified, function in source.functions(source.tree_of(module)):
        first, last = getattr(function, "lineno", 0), getattr(function, "end_lineno", 0)
        for line in range(first, last + 1):
            yield line, source.mark(f"{home}/{qualified}", function, line)


def forget() -> None:
    """Empty the product's caches: what they remember was found by the engine as it was."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in PRODUCT:
            for thing in list(vars(module).values()):
                clear = getattr(thing, "cache_clear", None)
                if clear is not None and not isinstance(thing, type):
                    clear()


@contextmanager
def hushed() -> Iterator[None]:
    """Nothing is printed meanwhile, whoever tries."""
    sys.stdout.flush()
    kept = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        for number, copy in enumerate(kept, 1):
            os.dup2(copy, number)
            os.close(copy)


def surveyed(
    checks: Sequence[Check], modules: Sequence[str], jobs: int, file: Path, *, afresh: bool
) -> Mapping[str, Passed]:
    """What each check passes: as ``file`` has it, unless ``afresh``, the rest by running them."""
    parts = [file.with_suffix(f".{number}") for number in range(jobs)]
    known: dict[str, Passed] = {}
    for old in (file, *parts):
        known |= _read(old)
    names = {check.name for check in checks} if afresh else {}
    known = {name: found for name, found in known.items() if name not in names and not found.wrong}
    _write(file, known.items())
    new = [check for check in checks if check.name not in known]
    children = [_fork(new[number::jobs], modules, part) for number, part in enumerate(parts) if new]
    for child in children:
        os.waitpid(child, 0)
    for part in parts[: len(children)]:
        known |= _read(part)
        part.unlink(missing_ok=True)
    _write(file, known.items())
    lost = [check.name for check in checks if check.name not in known]
    if lost:
        raise RuntimeError(f"{len(lost)} checks didn't come to an end: {lost[:3]}")
    return known


def _fork(checks: Sequence[Check], modules: Sequence[str], file: Path) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        with hushed():
            tracer = Tracer(modules)
            _write(file, _followed(tracer, checks))
        status = 0
    finally:
        os._exit(status)


def _followed(tracer: Tracer, checks: Iterable[Check]) -> Iterator[tuple[str, Passed]]:
    for check in checks:
        forget()
        logging.disable(logging.CRITICAL if check.name.startswith("plan ") else logging.NOTSET)
        yield check.name, tracer.follow(check)


def _write(file: Path, found: Iterable[tuple[str, Passed]]) -> None:
    with file.open("w") as out:
        for name, passed in found:
            row = [name, round(passed.cost, 4), passed.wrong, sorted(passed.marks)]
            print(json.dumps(row), file=out, flush=True)


def _read(file: Path) -> dict[str, Passed]:
    found: dict[str, Passed] = {}
    if file.exists():
        for line in file.read_text().splitlines(keepends=True):
            if not line.endswith("\n"):
                # Whoever wrote it was stopped.
                break
            name, cost, wrong, marks = json.loads(line)
            found[name] = Passed(cost, frozenset(map(sys.intern, marks)), wrong)
    return found
