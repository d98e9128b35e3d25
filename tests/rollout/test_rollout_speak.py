"""When a hold is announced, the outbox, and what leaves a record because it is done."""

from __future__ import annotations

from dataclasses import replace

import factory as make
import pytest

from canary.rollout.decide import decide
from canary.rollout.intent import Action, Request
from canary.rollout.moves.intents import hear
from canary.rollout.record import OUTBOX_LIMIT, Record
from canary.rollout.settled import settled
from canary.rollout.speak import hold, speaks_at
from canary.rollout.stage import Stage
from canary.rollout.verdict import Hear, Hold
from canary.rollout.view import Held, View
from canary.rollout.world import Waiting

WAIT = Hold("not ready", text="not ready")


def held(text: str = "", *, since: float, spoke: float | None = None) -> View:
    """A look at a hold that began ``since`` seconds ago and was announced ``spoke`` ago."""
    last = None if spoke is None else make.MONO - spoke
    seen = make.view(make.running(hold=text))
    return replace(seen, held=Held("canary_ready", make.MONO - since, last))


def said(record: Record) -> list[str]:
    return [item.text for item in record.outbox]


def test_a_wait_is_silent_for_its_first_interval() -> None:
    seen = held(since=make.INTERVAL - 1)
    assert said(hold(seen, WAIT)) == []
    assert speaks_at(seen, WAIT) == make.MONO + 1


def test_a_wait_that_lasted_an_interval_is_announced() -> None:
    record = hold(held(since=make.INTERVAL), WAIT)
    assert said(record) == ["not ready"]
    assert record.hold == "not ready"
    assert record.outbox[0].warning


def test_an_urgent_hold_is_announced_at_once() -> None:
    urgent = Hold("broken", text="broken", urgent=True)
    assert said(hold(held(since=0), urgent)) == ["broken"]


SUSPENDED = Hold("suspended", text="suspended", urgent=True, frozen=True)


def test_what_a_frozen_hold_broke_off_is_asked_again_as_another_poll() -> None:
    # S10: a receiver that knows the key would give the answer of before the hold
    seen = held(since=0)
    assert hold(seen, SUSPENDED).run == replace(seen.record.run, polls=seen.record.run.polls + 1)


@pytest.mark.parametrize(("kind", "polls"), [("confirm-rollout", 1), ("rollout", 0)])
def test_so_is_the_gate_of_a_rollout_that_has_not_begun(kind: str, polls: int) -> None:
    hooks = [{"name": "gate", "url": "http://gate.test", "type": kind}]
    canary = make.canary(analysis={"webhooks": hooks})
    seen = replace(make.view(make.at_rest(), canary=canary), held=Held("x", make.MONO, None))
    assert hold(seen, SUSPENDED).confirms == polls
    asked = Hear("why", Request("t", Action.ABORT))
    assert hear(seen, asked).confirms == polls


def test_the_same_text_is_announced_once() -> None:
    seen = held("not ready", since=10 * make.INTERVAL, spoke=9 * make.INTERVAL)
    assert hold(seen, WAIT) == seen.record
    assert speaks_at(seen, WAIT) is None


@pytest.mark.parametrize(("spoke", "texts"), [(29, []), (30, ["still not"])])
def test_a_changed_text_comes_at_most_once_an_interval(spoke: float, texts: list[str]) -> None:
    changed = Hold("still not", text="still not", urgent=True)
    assert said(hold(held("not ready", since=60, spoke=spoke), changed)) == texts


def test_a_hold_without_a_text_is_never_announced() -> None:
    seen = held(since=10 * make.INTERVAL)
    assert hold(seen, Hold("a step lasts")) == seen.record


def test_the_clock_of_a_wait_starts_once() -> None:
    waits = Hold("not ready", text="not ready", waits=True)
    first = hold(held(since=0), waits)
    assert first.run is not None
    assert first.run.waiting_since == make.WALL
    later = make.view(make.running(waiting_since=make.ago(60)))
    after = hold(later, waits)
    assert after.run is not None
    assert after.run.waiting_since == make.ago(60)


def test_a_step_that_lasts_starts_no_such_clock() -> None:
    record = hold(held(since=0), Hold("a step lasts"))
    assert record.run is not None
    assert record.run.waiting_since is None


def test_the_outbox_keeps_the_newest() -> None:
    record = Record()
    for number in range(1, OUTBOX_LIMIT + 4):
        record = record.say(f"text {number}")
    assert len(record.outbox) == OUTBOX_LIMIT
    assert record.outbox[0].text == "text 4"
    assert [item.seq for item in record.outbox] == list(range(4, OUTBOX_LIMIT + 4))


def test_what_was_delivered_leaves_and_its_number_is_not_used_again() -> None:
    record = Record().say("one").say("two").delivered(frozenset({2}))
    assert said(record) == ["one"]
    assert record.say("three").outbox[-1].seq == 3


def test_a_command_leaves_once_it_is_seen_to_be_carried_out() -> None:
    record = make.at_rest(scale_target=0, scale_primary=5)
    seen = make.view(record, target=make.target(make.OLD, replicas=0))
    assert settled(seen).scale_target is None
    assert settled(seen).scale_primary == 5
    done = make.view(record, primary=make.primary(replicas=5))
    assert (settled(done).scale_target, settled(done).scale_primary) == (0, None)


@pytest.mark.parametrize(("replicas", "left"), [(2, None), (0, 2), (1, None)])
def test_a_command_to_scale_up_leaves_when_there_are_pods(replicas: int, left: int | None) -> None:
    record = make.at_rest(scale_target=2)
    seen = make.view(record, target=make.target(make.OLD, replicas=replicas))
    assert settled(seen).scale_target == left


@pytest.mark.parametrize("part", [make.GONE, make.UNSEEN])
def test_a_command_for_a_workload_that_is_not_seen_stays(part: object) -> None:
    record = make.at_rest(scale_target=0, scale_primary=5)
    assert settled(make.view(record, target=part, primary=part)) == record


def test_a_hold_is_timed_by_the_decisions_that_follow_each_other() -> None:
    unready = make.target(readiness=Waiting("1 of 2"))
    begun = decide(make.view(make.running(), target=unready))
    assert begun.held == Held("canary_ready", make.MONO)
    now = replace(make.NOW, mono=make.MONO + make.INTERVAL)
    seen = make.view(begun.record, target=unready)
    spoken = decide(replace(seen, held=begun.held, now=now))
    assert said(spoken.record) == ["1 of 2"]
    assert spoken.held == Held("canary_ready", make.MONO, now.mono)


def test_another_rule_begins_a_hold_of_its_own() -> None:
    seen = make.view(make.running(), route=make.route(0))
    decision = decide(replace(seen, held=Held("canary_ready", 0.0, 10.0)))
    assert decision.held == Held("live", make.MONO)


def test_a_move_ends_the_hold() -> None:
    seen = make.answered(make.view(make.running()), make.passed())
    assert decide(replace(seen, held=Held("paced", 0.0, 10.0))).held == Held()


@pytest.mark.parametrize(
    ("record", "frozen", "polls", "confirms"),
    [
        (make.running(polls=3), True, 4, 0),
        (make.running(polls=3), False, 3, 0),
        (make.running(Stage.FAILED, polls=3), True, 3, 1),
        (make.at_rest(), True, None, 1),
        (make.at_rest(), False, None, 0),
        (make.at_rest(Stage.PROGRESSING), True, None, 1),
    ],
)
def test_what_is_asked_after_a_freeze_is_another_poll(
    record: Record, frozen: bool, polls: int | None, confirms: int
) -> None:
    webhook = {"name": "gate", "url": "http://gate.test", "type": "confirm-rollout"}
    seen = replace(make.view(record), canary=make.canary(analysis={"webhooks": [webhook]}))
    seen = replace(seen, held=Held("suspended", make.MONO))
    told = hold(seen, Hold("suspended", text="suspended", urgent=True, frozen=frozen))
    assert said(told) == ["suspended"]
    assert (told.run.polls if told.run else None) == polls
    assert told.confirms == confirms
