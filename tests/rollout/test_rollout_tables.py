"""The tables of rules and moves fit each other, and the diagram shows them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.api.hooks import HookType
from canary.rollout.decide import decide
from canary.rollout.diagram import leads_to, render
from canary.rollout.moves import MOVES
from canary.rollout.questions import Known, Replies, Reply
from canary.rollout.record import Record
from canary.rollout.rules import RULES
from canary.rollout.rules.gates import gate
from canary.rollout.stage import Stage
from canary.rollout.verdict import Verdict
from canary.rollout.view import View
from canary.rollout.world import Stuck

RULES_PACKAGE = "canary.rollout.rules"


def kinds(function: Callable[..., Any], seen: set[Any] | None = None) -> set[type[Verdict]]:
    """The kinds of verdict that ``function`` names, itself or in the functions that it calls."""
    seen = set() if seen is None else seen
    if function in seen:
        return set()
    seen.add(function)
    found: set[type[Verdict]] = set()
    scope = vars(sys.modules[function.__module__])
    for name in function.__code__.co_names:
        thing = scope.get(name)
        if isinstance(thing, type) and issubclass(thing, Verdict) and thing is not Verdict:
            found.add(thing)
        elif callable(thing) and getattr(thing, "__module__", "").startswith(
            "canary.rollout.rules"
        ):
            found |= kinds(thing, seen)
    return found


def stages_of(table: Any) -> set[Stage]:
    return set(table)


@pytest.mark.parametrize("table", [RULES, MOVES], ids=["rules", "moves"])
def test_every_stage_has_its_row(table: Any) -> None:
    assert stages_of(table) == set(Stage)
    assert all(table[stage] for stage in Stage)


@pytest.mark.parametrize("stage", Stage)
def test_every_verdict_of_a_stage_has_a_move(stage: Stage) -> None:
    for rule in RULES[stage]:
        named = kinds(rule)
        assert named, rule.__name__
        assert named <= set(MOVES[stage]), rule.__name__


def test_the_diagram_shows_each_way_that_is_gone_and_no_other() -> None:
    """Each arrow into another stage is walked by a view made for it."""
    gone = set()
    for view in WALKS:
        decision, stage = decide(view), view.record.stage
        move = MOVES[stage][type(decision.verdict)].__name__
        assert decision.record.stage in leads_to(stage, move)
        gone.add((stage, move, decision.record.stage))
    shown = {
        (stage, move.__name__, to)
        for stage, moves in MOVES.items()
        for move in moves.values()
        for to in leads_to(stage, move.__name__)
        if to is not stage
    }
    assert shown <= gone


def hooked(view: View, hook: HookType) -> View:
    """``view`` of a Canary with one webhook of that type."""
    webhook = {"name": "gate", "url": "http://gate", "type": hook.value}
    return replace(view, canary=make.canary(analysis={"webhooks": [webhook]}))


def closed(record: Record, hook: HookType) -> View:
    """A run whose gate says no."""
    view = hooked(make.answered(make.view(record), make.passed()), hook)
    said = Known(Replies(no=(Reply("gate", "not yet"),)), make.MONO)
    return replace(view, answers={**view.answers, gate(view, hook): said})


def deleted(stage: Stage, *, reverts: bool = False) -> View:
    """A Canary that is being deleted, and waits for its finalizer."""
    runs = stage.running
    record = make.running(stage) if runs else make.at_rest(stage)
    view = make.view(record, deleted=True, finalizer=True)
    return replace(view, canary=make.canary(revertOnDeletion=reverts))


def gated(stage: Stage) -> View:
    """A new revision that isn't confirmed."""
    view = hooked(
        make.view(make.at_rest(stage), target=make.target(make.NEW)), HookType.CONFIRM_ROLLOUT
    )
    said = Known(Replies(no=(Reply("gate", "not yet"),)), make.MONO)
    return replace(view, answers={gate(view, HookType.CONFIRM_ROLLOUT, make.NEW): said})


def waiting(record: Record, hook: HookType) -> View:
    """A revision that waits, and a hook that says yes."""
    view = hooked(make.view(record, target=make.target(make.NEW)), hook)
    said = Known(Replies(yes=(Reply("gate"),)), make.MONO)
    return replace(view, answers={gate(view, hook, make.NEW): said})


STUCK = make.primary(make.NEW.template, readiness=Stuck("stuck"))

WALKS = (
    make.view(make.at_rest(Stage.INITIALIZING)),
    make.view(make.at_rest(Stage.INITIALIZED), target=make.target(make.NEW)),
    make.view(make.at_rest(Stage.SUCCEEDED), target=make.target(make.NEW)),
    make.view(make.at_rest(Stage.FAILED), target=make.target(make.NEW)),
    make.answered(make.view(make.running(weight=50)), make.passed()),
    make.view(make.running(failed_checks=3)),
    make.view(make.running(), target=make.target(make.OLD)),
    make.view(make.running(Stage.PROMOTING, weight=50)),
    replace(
        make.view(make.running(Stage.PROMOTING, weight=50)),
        canary=make.canary(analysis={"stepWeightPromotion": 20}),
    ),
    *(
        make.view(
            make.at_rest(stage), primary=make.GONE, target=make.target(make.NEW), pins=frozenset()
        )
        for stage in Stage
        if stage.idle
    ),
    make.view(make.running(Stage.PROMOTING), primary=STUCK),
    make.view(make.running(Stage.FINALISING, weight=0), primary=STUCK),
    make.view(make.running(Stage.FINALISING, weight=0)),
    *(deleted(stage) for stage in Stage if not stage.leaving),
    *(deleted(stage, reverts=True) for stage in Stage if not stage.leaving),
    make.view(make.at_rest(Stage.TERMINATING), target=make.GONE),
    *(gated(stage) for stage in (Stage.INITIALIZED, Stage.SUCCEEDED, Stage.FAILED)),
    closed(make.running(weight=0, step=-1, unconfirmed=True), HookType.CONFIRM_ROLLOUT),
    closed(make.running(weight=50), HookType.CONFIRM_PROMOTION),
    waiting(make.at_rest(Stage.WAITING), HookType.CONFIRM_ROLLOUT),
    waiting(make.at_rest(Stage.WAITING), HookType.ROLLBACK),
    make.view(make.at_rest(Stage.WAITING), target=make.target(make.OLD)),
    make.answered(make.view(make.running(Stage.WAITING_PROMOTION, weight=50)), make.passed()),
    make.view(make.running(Stage.WAITING_PROMOTION, failed_checks=3)),
    make.view(make.running(Stage.WAITING_PROMOTION), target=make.target(make.OLD)),
    make.view(make.running(Stage.WAITING_PROMOTION), target=make.target(make.NEWER)),
    make.view(make.running(Stage.WAITING_PROMOTION), ceiling=0),
)


def test_the_diagram_names_every_rule_and_every_stage() -> None:
    lines = render().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "  [*] --> Initializing"]
    for stage, rules in RULES.items():
        names = ", ".join(rule.__name__ for rule in rules)
        assert f"  %% {stage.value}: {names}" in lines


def test_the_diagram_shows_the_moves_of_a_run() -> None:
    lines = render().splitlines()
    assert "  Progressing --> Promoting: Promote (promote)" in lines
    assert "  Progressing --> Failed: Rollback (rollback)" in lines
    assert "  Finalising --> Succeeded: Done (succeeded)" in lines
    assert "  Succeeded --> Progressing: Start (start)" in lines


def test_the_diagram_has_no_arrow_where_nothing_moves() -> None:
    """Each stage can hold, ask and tidy up: that would hide the ways through."""
    still = (": Hold (", ": Ask (", ": Tidy (")
    assert not [line for line in render().splitlines() if any(move in line for move in still)]
