"""What a move makes of the record, beyond the stage and the weight."""

from __future__ import annotations

from dataclasses import replace

import factory as make
import pytest

from canary.rollout.decide import decide
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.view import View


def texts(record: Record) -> list[str]:
    return [item.text for item in record.outbox]


def started(record: Record, **world: object) -> Record:
    """``record`` after its target has become NEW."""
    facts = {"target": make.target(make.NEW, replicas=0, pods=0), **world}
    return decide(make.view(record, **facts)).record


def test_a_start_brings_the_target_to_the_primarys_size() -> None:
    record = started(make.at_rest(), primary=make.primary(replicas=5))
    assert record.scale_target == 5
    assert record.applied == make.NEW
    assert record.promoted == make.OLD
    # lifecycle.md 6.1
    assert texts(record) == ["New revision detected! Scaling up podinfo.test"]


def test_a_start_brings_up_at_least_one_pod() -> None:
    skip = make.canary(skipAnalysis=True)
    seen = make.view(make.at_rest(), target=make.target(replicas=0), primary=make.GONE)
    assert decide(replace(seen, canary=skip)).record.scale_target == 1


def test_a_target_that_already_has_pods_keeps_its_scale() -> None:
    assert started(make.at_rest(), target=make.target(make.NEW)).scale_target is None


def test_a_run_starts_with_empty_counters() -> None:
    run = started(make.at_rest(Stage.FAILED, run=make.running(failed_checks=3).run)).run
    assert run is not None
    assert (run.revision, run.step, run.failed_checks, run.measured) == (make.NEW, -1, 0, ())
    assert run.started == run.waiting_since == make.WALL


def test_a_failed_revision_that_comes_again_is_another_run() -> None:
    # S5: evidence belongs to (revision, attempt)
    before = make.running(failed_checks=3)
    rolled_back = decide(make.view(before)).record
    assert rolled_back.stage is Stage.FAILED
    back = decide(make.view(rolled_back, target=make.target(make.OLD))).record
    again = started(back)
    assert before.run is not None
    assert again.run is not None
    assert (again.run.attempt, again.run.id) == (2, "e1-new-2")
    assert again.run.id != before.run.id


def test_a_run_knows_when_the_canary_traffic_before_it_ended() -> None:
    ended = make.ago(20)
    assert quiet_since(started(make.at_rest(traffic_ended=ended))) == ended
    # After a failed promotion the canary serves until this very start.
    serving = make.at_rest(Stage.FAILED, weight=100, applied=make.NEW, primary=make.NEW)
    seen = make.view(serving, target=make.target(make.NEWER), primary=make.primary("e1-new"))
    record = decide(seen).record
    assert record.stage is Stage.PROGRESSING
    assert quiet_since(record) == make.WALL
    assert record.weight == 0


def quiet_since(record: Record) -> object:
    assert record.run is not None
    return record.run.quiet_since


def superseded(record: Record) -> Record:
    return decide(make.view(record, target=make.target(make.NEWER))).record


def test_a_restart_begins_at_weight_0_with_empty_counters() -> None:
    record = superseded(make.running(weight=50, failed_checks=2, polls=7))
    assert record.weight == 0
    assert record.applied == make.NEWER
    assert record.run is not None
    assert (record.run.revision, record.run.step) == (make.NEWER, -1)
    assert (record.run.failed_checks, record.run.polls) == (0, 0)
    assert quiet_since(record) == make.WALL
    # lifecycle.md 6.2
    assert texts(record) == ["New revision detected! Restarting analysis for podinfo.test"]
    assert record.scale_target is None


def test_a_restart_before_any_traffic_keeps_the_time_of_the_run_before() -> None:
    record = superseded(make.running(weight=0, step=-1, quiet_since=make.ago(15)))
    assert quiet_since(record) == make.ago(15)


def test_the_first_step_announces_the_analysis() -> None:
    record = decide(make.view(make.running(weight=0, step=-1))).record
    assert texts(record) == [
        "Starting canary analysis for podinfo.test",
        "Advance podinfo.test canary weight 10",
    ]


def test_a_rollback_takes_all_traffic_away_and_says_so() -> None:
    record = decide(make.view(make.running(weight=50, failed_checks=3))).record
    assert (record.stage, record.weight, record.scale_target) == (Stage.FAILED, 0, 0)
    assert record.traffic_ended == make.WALL
    # lifecycle.md 6.5
    assert texts(record) == [
        "Rolling back podinfo.test failed checks threshold reached 3",
        "Canary failed! Scaling down podinfo.test",
    ]
    assert all(item.warning for item in record.outbox)


def test_a_lowered_run_earns_its_steps_again_with_a_new_question() -> None:
    seen = make.view(make.running(weight=50, failed_checks=1, polls=4))
    record = decide(replace(seen, ceiling=10)).record
    assert record.weight == 10
    assert record.run is not None
    assert (record.run.step, record.run.polls, record.run.failed_checks) == (0, 5, 1)


def test_a_canary_that_died_gets_a_deadline() -> None:
    record = decide(make.view(make.running(weight=50), target=make.target(endpoints=0))).record
    assert record.run is not None
    assert (record.run.step, record.run.waiting_since) == (-1, make.WALL)
    assert record.traffic_ended == make.WALL


def promoting(view: View) -> Record:
    record = decide(view).record
    assert record.stage is Stage.PROMOTING
    return record


def test_a_promotion_gives_the_primary_the_targets_size() -> None:
    # lifecycle.md 2.3
    seen = make.view(make.running(weight=50), target=make.target(make.NEW, replicas=7))
    record = promoting(make.answered(seen, make.passed()))
    assert (record.scale_primary, record.primary_replicas) == (7, 7)
    assert (record.primary, record.promoted, record.weight) == (make.NEW, make.OLD, 50)
    # lifecycle.md 6.3
    assert texts(record) == ["Copying podinfo.test template spec to podinfo-primary.test"]


def test_a_target_of_size_0_does_not_shrink_the_primary() -> None:
    # A canary at zero by hand has endpoints for a moment more.
    skip = make.canary(skipAnalysis=True)
    seen = make.view(make.running(weight=50), target=make.target(make.NEW, replicas=0))
    record = promoting(replace(seen, canary=skip))
    assert (record.scale_primary, record.primary_replicas) == (None, 2)


def test_a_skipped_analysis_takes_the_traffic_away_first() -> None:
    # lifecycle.md 6.4
    skip = make.canary(skipAnalysis=True)
    record = promoting(replace(make.view(make.running(weight=50)), canary=skip))
    assert record.weight == 0
    assert record.run is not None
    assert record.run.skipped
    assert texts(record) == ["Copying podinfo.test template spec to podinfo-primary.test"]
    after = decide(make.view(record, route=make.route(0))).record
    assert after.stage is Stage.FINALISING
    assert texts(after) == texts(record)


@pytest.mark.parametrize("seqs", [frozenset(), frozenset({1}), frozenset({1, 2})])
def test_a_move_drops_what_was_delivered(seqs: frozenset[int]) -> None:
    record = make.running(weight=50, failed_checks=3).say("one").say("two")
    after = decide(replace(make.view(record), delivered=seqs)).record
    left = [item.seq for item in after.outbox]
    assert left == [seq for seq in (1, 2, 3, 4) if seq not in seqs]


def test_a_move_ends_the_hold() -> None:
    record = make.running(weight=0, step=-1, hold="not ready")
    after = decide(make.view(record)).record
    assert after.hold == ""
    assert after.reason == "e1-new is ready"
