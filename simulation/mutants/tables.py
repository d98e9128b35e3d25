"""Mutants of the two tables: each rule dropped or swapped with the next, each move dropped or
swapped with another one of its stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from functools import partial
from itertools import pairwise
from typing import Any, cast

from canary.rollout.moves import MOVES
from canary.rollout.rules import RULES
from canary.rollout.stage import Stage
from canary.rollout.verdict import Verdict
from canary.rollout.view import View
from simulation.mutants.mutant import Mutant

Rules = tuple[Any, ...]


def of_rules() -> Iterator[Mutant]:
    """Each row without each of its rules, and with each pair of neighbours swapped.

    The last rule of a row always has a verdict: it can't be dropped. Where the first of two
    neighbours has none, their order means nothing.
    """
    for stage, rules in RULES.items():
        for index, rule in enumerate(rules[:-1]):
            home = f"rules/{stage.value}/{rule.__name__}"
            without = (*rules[:index], *rules[index + 1 :])
            yield _row(home, "dropped", partial(_set_rules, stage, without))
            after = rules[index + 1]
            swapped = (*rules[:index], after, rule, *rules[index + 2 :])
            mutant = partial(_set_rules, stage, swapped)
            yield _row(home, f"swapped with {after.__name__}", mutant)


def of_moves() -> Iterator[Mutant]:
    """Each move of each stage dropped: the verdict is heard and the record stays as it is."""
    for stage, moves in MOVES.items():
        for verdict, move in moves.items():
            if move.__name__ != "ask":
                home = f"moves/{stage.value}/{verdict.__name__}"
                yield _row(home, "dropped", partial(_set_move, stage, verdict, _stay))
        kinds = [kind for kind in moves if moves[kind].__name__ != "ask"]
        for one, other in pairwise(kinds):
            home = f"moves/{stage.value}/{one.__name__}"
            also = f"moves/{stage.value}/{other.__name__}"
            mutant = partial(_swap_moves, stage, one, other)
            yield _row(home, f"swapped with {other.__name__}", mutant, also)


def _row(home: str, change: str, apply: Callable[[], None], *also: str) -> Mutant:
    return Mutant(f"{home}: {change}", apply, frozenset((home, *also)), home, "")


def _stay(view: View, verdict: Verdict) -> Any:
    return view.record


def _set_rules(stage: Stage, rules: Rules) -> None:
    cast(MutableMapping[Stage, Rules], RULES)[stage] = rules


def _set_move(stage: Stage, verdict: type[Verdict], move: Any) -> None:
    cast(MutableMapping[Any, Any], MOVES)[stage] = {**MOVES[stage], verdict: move}


def _swap_moves(stage: Stage, one: type[Verdict], other: type[Verdict]) -> None:
    moves = MOVES[stage]
    changed = {**moves, one: moves[other], other: moves[one]}
    cast(MutableMapping[Any, Any], MOVES)[stage] = changed
