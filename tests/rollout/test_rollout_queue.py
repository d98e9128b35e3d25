"""A run that has to wait for its turn among others."""

from __future__ import annotations

from dataclasses import replace

import factory as make
import pytest

from canary.api.hooks import HookType
from canary.rollout.decide import decide
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.turn import Turn
from canary.rollout.verdict import Ask, Hold, Queue, Start, Tidy
from canary.rollout.view import View
from canary.rollout.world import Problem, Waiting

SECOND = Turn(False, 2, "1 run at a time")
FIRST = Turn(False, 1, "1 run at a time")
QUEUED = make.at_rest(queued=make.ago(60), reason="place 2 in the queue: 1 run at a time")


def look(record: Record, turn: Turn | None, **facts: object) -> View:
    """A look at a new revision."""
    facts = {"target": make.target(make.NEW), **facts}
    return replace(make.view(record, **facts), turn=turn)


@pytest.mark.parametrize("stage", [Stage.INITIALIZED, Stage.SUCCEEDED, Stage.FAILED, Stage.WAITING])
def test_a_new_revision_queues_and_says_so_once(stage: Stage) -> None:
    decision = decide(look(make.at_rest(stage), SECOND))
    assert isinstance(decision.verdict, Queue)
    record = decision.record
    assert (record.stage, record.queued, record.weight) == (stage, make.WALL, 0)
    assert record.reason == "place 2 in the queue: 1 run at a time"
    texts = [item.text for item in record.outbox]
    assert texts == ["Rollout of podinfo.test waits for its turn: 1 run at a time"]
    assert not record.outbox[0].warning
    assert decide(look(record, SECOND)).record == record


def test_the_place_follows_without_another_event() -> None:
    record = decide(look(QUEUED, FIRST)).record
    assert record.reason == "place 1 in the queue: 1 run at a time"
    assert (record.queued, record.outbox) == (make.ago(60), ())


def test_far_back_the_place_is_told_roughly() -> None:
    # Each move of the queue would be a write of each status in it.
    reasons = {
        place: decide(look(make.at_rest(), Turn(False, place, "1 run at a time"))).record.reason
        for place in (20, 21, 22)
    }
    assert reasons[20].startswith("place 20 in the queue")
    assert reasons[21] == reasons[22] == "place behind 20 in the queue: 1 run at a time"


@pytest.mark.parametrize("turn", [None, Turn()])
def test_its_turn_starts_the_run_and_empties_the_place(turn: Turn | None) -> None:
    decision = decide(look(QUEUED, turn))
    assert isinstance(decision.verdict, Start)
    assert decision.record.queued is None


def test_the_gate_is_asked_only_when_it_has_its_turn() -> None:
    webhook = {"name": "gate", "url": "http://gate", "type": HookType.CONFIRM_ROLLOUT.value}
    gated = make.canary(analysis={"webhooks": [webhook]})
    assert isinstance(decide(replace(look(QUEUED, SECOND), canary=gated)).verdict, Queue)
    asking = decide(replace(look(QUEUED, Turn()), canary=gated))
    assert isinstance(asking.verdict, Ask)
    assert asking.record.queued == make.ago(60)


def test_a_revert_leaves_the_queue() -> None:
    decision = decide(look(QUEUED, SECOND, target=make.target(make.OLD)))
    assert isinstance(decision.verdict, Tidy)
    assert decision.record.queued is None
    assert "queue for any more" in decision.record.reason


@pytest.mark.parametrize(
    "facts",
    [
        {"primary": make.primary(readiness=Waiting("not ready"))},
        {"problems": (Problem("Broken", "it is broken"),)},
    ],
    ids=["primary unready", "problem"],
)
def test_who_could_not_start_gives_up_the_place(facts: dict[str, object]) -> None:
    decision = decide(look(QUEUED, FIRST, **facts))
    assert isinstance(decision.verdict, Hold)
    assert decision.record.queued is None


@pytest.mark.parametrize(
    "facts", [{"target": make.target(make.UNSEEN)}, {"route": make.UNSEEN}], ids=["digest", "route"]
)
def test_what_can_not_be_seen_for_a_moment_costs_no_place(facts: dict[str, object]) -> None:
    # After a restart the digests of ConfigMaps have to be read first.
    decision = decide(look(QUEUED, FIRST, **facts))
    assert isinstance(decision.verdict, Hold)
    assert decision.verdict.blind
    assert decision.record == QUEUED


def test_a_run_in_flight_needs_no_turn() -> None:
    seen = replace(make.view(make.running()), turn=SECOND)
    assert not isinstance(decide(seen).verdict, Queue)
