"""A run that waits for other Canaries."""

from __future__ import annotations

from dataclasses import replace

import factory as make
import pytest

from canary.rollout.decide import decide
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.turn import Turn
from canary.rollout.verdict import Hold, Queue, Start, Tidy
from canary.rollout.view import View
from canary.rollout.world import Dependency

READY = Dependency("cache.test")
BUSY = Dependency("db.test", "it is Progressing")
GONE = Dependency("db.test", "spec.engine.dependsOn[0]: Canary db.test ...", "DependencyMissing")


def look(record: Record, *dependencies: Dependency) -> View:
    """A look at a new revision."""
    return make.view(record, target=make.target(make.NEW), dependencies=dependencies)


@pytest.mark.parametrize("stage", [Stage.INITIALIZED, Stage.SUCCEEDED, Stage.FAILED, Stage.WAITING])
def test_one_that_is_not_at_rest_holds_and_is_told_once(stage: Stage) -> None:
    decision = decide(look(make.at_rest(stage), READY, BUSY))
    assert isinstance(decision.verdict, Hold)
    assert "it is Progressing" in decision.verdict.reason
    record = decision.record
    assert (record.stage, record.problem, record.run) == (stage, "", None)
    (said,) = record.outbox
    text = "Rollout of podinfo.test waits until canary db.test is at rest and promoted"
    assert (said.text, said.warning) == (text, False)
    # Whatever else becomes of the other: it is the same wait.
    failed = replace(BUSY, why="it is Failed")
    assert decide(look(record, READY, failed)).record == record


def test_all_at_rest_start_the_run() -> None:
    decision = decide(look(make.at_rest(hold="a wait"), READY, READY))
    assert isinstance(decision.verdict, Start)
    assert decision.record.hold == ""


def test_a_problem_is_named_and_stays_named() -> None:
    decision = decide(look(make.at_rest(), GONE))
    record = decision.record
    assert (record.problem, record.hold) == ("DependencyMissing", GONE.why)
    assert record.outbox[0].warning
    assert not decision.frozen
    assert decide(look(record, GONE)).record == record


def test_a_problem_that_is_gone_leaves_the_record() -> None:
    blocked = make.at_rest(problem="DependencyMissing", hold=GONE.why)
    decision = decide(look(blocked, READY))
    assert isinstance(decision.verdict, Tidy)
    assert decision.record.problem == ""
    # As it does when there is nothing to start any more.
    reverted = make.view(blocked, target=make.target(make.OLD), dependencies=(GONE,))
    assert decide(reverted).record.problem == ""


def test_who_waits_for_another_has_no_place_in_the_queue() -> None:
    seen = replace(look(make.at_rest(queued=make.ago(60)), BUSY), turn=Turn(False, 1, "1 run"))
    decision = decide(seen)
    assert not isinstance(decision.verdict, Queue)
    assert decision.record.queued is None


def test_a_run_in_flight_waits_for_nobody() -> None:
    with_it = replace(make.world(make.running()), dependencies=(BUSY, GONE))
    plain = make.view(make.running())
    assert decide(replace(plain, world=with_it)).record == decide(plain).record
