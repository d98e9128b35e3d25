"""Mutants: what is generated breaks what it says, and what is listed as equivalent exists."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from canary.rollout.moves import MOVES
from canary.rollout.rules import RULES
from simulation.mutants.changes import changes, mutate
from simulation.mutants.command import suite
from simulation.mutants.equivalent import EQUIVALENT
from simulation.mutants.hunt import every

SOURCE = """
def subject(a: int, b: int, obj: dict) -> bool:
    if a < b:
        return obj.get("known") and a > 0
    return a == b
"""
OTHER = """
def subject(since, interval, write, items):
    hold(until=since + interval)
    send(str(write["uid"]), resource_version=write.version)
    return min(since, interval), [item for item in items if item], write.name or ""
"""


def mutants(source: str) -> dict[str, Callable[[], ast.AST]]:
    """Each mutant of the function in ``source``, by what it says."""
    found = {}
    for change in changes(ast.parse(source).body[0]):

        def made(change: Any = change) -> ast.AST:
            function = ast.parse(source).body[0]
            mutate(function, change)
            return function

        found[change.text] = made
    return found


@pytest.mark.parametrize(
    ("text", "a", "b", "known", "before", "after"),
    [
        ("if a < b: never", 1, 2, True, True, False),
        ("if a < b: always", 2, 1, True, False, True),
        ("a < b: off by one", 1, 1, False, True, False),
        ("a > 0: off by one", 0, 1, True, False, True),
        ("obj.get('known') and a > 0: without obj.get('known')", 1, 2, False, False, True),
        ("obj.get('known') and a > 0: without a > 0", 0, 1, True, False, True),
        ("return a == b: always yes", 2, 1, True, False, True),
        ("return a == b: always no", 1, 1, True, True, False),
    ],
)
def test_a_mutant_breaks_what_it_says(
    text: str, a: int, b: int, known: bool, before: bool, after: bool
) -> None:
    def answer(function: ast.AST) -> bool:
        scope: dict[str, Any] = {}
        module = ast.Module([function], type_ignores=[])  # type: ignore[list-item]
        exec(compile(ast.fix_missing_locations(module), "", "exec"), scope)
        return bool(scope["subject"](a, b, {"known": known}))

    assert answer(ast.parse(SOURCE).body[0]) is before
    assert answer(mutants(SOURCE)[text]()) is after


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("since + interval as until: dropped", "hold(until=None)"),
        ("since + interval: the other way round", "hold(until=since - interval)"),
        ("str(write['uid']) of send(...): dropped",
         "send('', resource_version=write.version)"),
        ("write.version as resource_version: dropped",
         "send(str(write['uid']), resource_version='')"),
        ("min(since, interval): the other way round", "max(since, interval)"),
        ("for ... if item: always", "[item for item in items]"),
    ],
)  # fmt: skip
def test_waits_and_preconditions_are_broken(text: str, left: str) -> None:
    assert left in ast.unparse(mutants(OTHER)[text]())


def test_a_default_is_no_condition() -> None:
    assert not [text for text in mutants(OTHER) if "without ''" in text]


@cache
def names() -> tuple[str, ...]:
    return tuple(mutant.name for mutant in every())


def test_each_row_of_the_tables_has_its_mutants() -> None:
    for stage, rules in RULES.items():
        for rule in rules[:-1]:
            assert f"rules/{stage.value}/{rule.__name__}: dropped" in names()
    for stage, moves in MOVES.items():
        for kind, move in moves.items():
            if move.__name__ != "ask":
                assert f"moves/{stage.value}/{kind.__name__}: dropped" in names()


def test_no_name_stands_for_two_and_what_is_equivalent_is_there() -> None:
    assert len(names()) == len(set(names()))
    assert set(EQUIVALENT) <= set(names())
    assert all(len(argument) > 20 for argument in EQUIVALENT.values())


@pytest.mark.parametrize("text", ["kube", "kube/test_queue.py"])
def test_tests_that_hunt_are_directories_or_files(text: str) -> None:
    assert suite(text) == text


@pytest.mark.parametrize("text", ["simulation", "simulation/test_sim_plans.py", "kube/none.py"])
def test_others_are_refused_by_name(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"{text} is neither one of rollout, "):
        suite(text)
