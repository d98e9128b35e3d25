"""Taking over what Flagger left (D8; design.md, the rule on the record)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import factory as make
import pytest

from canary.rollout.adopt import adopt
from canary.rollout.intent import Action, Request
from canary.rollout.observed import Absent, Observed, Unknown
from canary.rollout.plan import Step
from canary.rollout.record import Record, Revision
from canary.rollout.stage import Stage
from canary.rollout.world import ROUTE_KIND_MISSING, Problem, World

STEPS = tuple(Step(weight) for weight in make.STEPS)
FOREIGN = {"lastAppliedSpec": "85cdc89f59", "lastPromotedSpec": "85cdc89f59"}
"""Flagger's own hashes can't be compared with ours (D8)."""
PRIMARYS_OWN = Revision("e1-primary", {"configmap/app": "1"})


def status(phase: str, **fields: Any) -> dict[str, Any]:
    return {"phase": phase, "trackedConfigs": {"configmap/app": "1"}, **FOREIGN, **fields}


def found(*, same: bool, weight: int = 0, fresh: bool = False, **changes: Any) -> World:
    """A world that Flagger left, the target at NEW; ``same``: the primary is its copy."""
    seen = make.world(
        make.at_rest(),
        target=make.target(make.NEW, same_as_primary=same, fresh=fresh),
        route=make.route(weight),
    )
    return replace(seen, **changes)


def taken(left: dict[str, Any], world: World, before: Record | None = None) -> Record:
    record = adopt(left, world, STEPS, make.NOW, before)
    assert isinstance(record, Record)
    return record


@pytest.mark.parametrize("phase", ["", "Initializing", "Terminated"])
def test_nothing_was_initialised_yet(phase: str) -> None:
    record = taken({"phase": phase}, found(same=True))
    assert replace(record, seq=0) == Record()


@pytest.mark.parametrize(
    ("reason", "leaves", "waits"),
    [
        (ROUTE_KIND_MISSING, False, True),
        (ROUTE_KIND_MISSING, True, False),
        ("AnotherReason", False, False),
    ],
)
def test_what_users_are_served_has_to_be_seen_unless_the_canary_goes(
    reason: str, leaves: bool, waits: bool
) -> None:
    problem = Problem(reason, "virtualservices is not served")
    gap: Observed[Any] = Absent(problem.text)
    world = found(same=False, route=gap, problems=(problem,), deleted=leaves)
    record = adopt(status("Progressing", canaryWeight=60), world, STEPS, make.NOW)
    assert (record == Unknown(problem.text)) is waits
    assert isinstance(record, Record) is not waits


@pytest.mark.parametrize("phase", ["Initializing", "Initialized", "Progressing", "Failed"])
def test_no_announcement_bears_the_number_of_one_before_another_takeover(phase: str) -> None:
    """Flagger drops our record: who goes back to it and returns must not lose events by name."""
    first, later = make.NOW, replace(make.NOW, wall=make.NOW.wall + timedelta(seconds=60))
    numbers: set[int] = set()
    for now in (first, later):
        record = adopt(status(phase), found(same=True), STEPS, now)
        assert isinstance(record, Record)
        for text in ("one", "two", "three"):
            record = record.say(text)
        numbers |= {item.seq for item in record.outbox}
    assert len(numbers) == 6


@pytest.mark.parametrize("phase", ["Initialized", "Succeeded"])
def test_at_rest_with_a_primary_that_is_the_targets_copy_nothing_starts(phase: str) -> None:
    record = taken(status(phase), found(same=True))
    assert record.stage is Stage(phase)
    assert record.run is None
    assert record.applied == record.promoted == record.primary == make.NEW


@pytest.mark.parametrize("phase", ["Initialized", "Succeeded"])
def test_at_rest_with_another_primary_the_target_counts_as_a_change(phase: str) -> None:
    record = taken(status(phase), found(same=False))
    assert record.applied == record.promoted == record.primary == PRIMARYS_OWN
    assert make.NEW not in (record.applied, record.promoted)


def test_the_data_that_is_served_is_what_flagger_tracked() -> None:
    # lifecycle.md 8: configs changed if any checksum differs from trackedConfigs
    left = status("Succeeded", trackedConfigs={"configmap/app": "0"})
    assert taken(left, found(same=True)).promoted == Revision("e1-new", {"configmap/app": "0"})


def test_without_tracked_configs_the_present_data_is_what_is_served() -> None:
    left = status("Succeeded")
    del left["trackedConfigs"]
    assert taken(left, found(same=True)).promoted == make.NEW


def test_failed_without_a_newer_target_starts_no_run() -> None:
    record = taken(status("Failed"), found(same=False))
    assert record.stage is Stage.FAILED
    assert record.applied == make.NEW
    assert record.promoted == PRIMARYS_OWN


def test_failed_with_a_target_newer_than_the_status_leaves_it_a_change() -> None:
    # D1: a revision that came after the failure must still be analysed
    record = taken(status("Failed"), found(same=False, fresh=True))
    assert make.NEW not in (record.applied, record.promoted)


def test_failed_keeps_the_weight_that_a_failed_promotion_left() -> None:
    assert taken(status("Failed"), found(same=False, weight=100)).weight == 100


def test_a_run_goes_on_where_the_route_stands() -> None:
    left = status("Progressing", canaryWeight=50, failedChecks=2)
    record = taken(left, found(same=False, weight=10))
    assert record.stage is Stage.PROGRESSING
    assert record.weight == 10
    assert record.run is not None
    assert record.run.revision == record.applied == make.NEW
    assert (record.run.step, record.run.failed_checks, record.run.imported) == (0, 2, True)
    assert record.promoted == PRIMARYS_OWN


def test_a_run_without_a_route_has_no_weight() -> None:
    record = taken(status("Progressing"), found(same=False, route=Absent("not found")))
    assert record.weight == 0
    assert record.run is not None
    assert record.run.step == -1


@pytest.mark.parametrize("phase", ["Promoting", "Finalising"])
def test_a_promotion_goes_on_with_what_the_primary_was_given(phase: str) -> None:
    record = taken(status(phase), found(same=True, weight=50))
    assert record.stage is Stage(phase)
    assert record.run is not None
    assert record.run.revision == record.primary == make.NEW


@pytest.mark.parametrize("phase", ["Promoting", "Finalising"])
def test_a_target_that_changed_during_a_promotion_is_not_what_gets_promoted(phase: str) -> None:
    record = taken(status(phase), found(same=False, weight=50))
    assert record.run is not None
    assert record.run.revision == record.primary == PRIMARYS_OWN


@pytest.mark.parametrize("phase", ["Waiting", "WaitingPromotion"])
def test_a_gate_stays_a_gate(phase: str) -> None:
    assert taken(status(phase), found(same=False)).stage is Stage(phase)


@pytest.mark.parametrize("part", ["target", "primary", "route"])
@pytest.mark.parametrize("phase", ["Initialized", "Progressing", "Promoting", "Failed"])
def test_what_cannot_be_seen_is_not_taken_over(phase: str, part: str) -> None:
    world = found(same=True, **{part: make.UNSEEN})
    assert adopt(status(phase), world, STEPS, make.NOW) == make.UNSEEN


def test_a_digest_that_is_still_being_read_is_waited_for() -> None:
    unread = Unknown("Secret test/app is being read")
    world = found(same=True, target=make.target(unread))
    assert adopt(status("Succeeded"), world, STEPS, make.NOW) == unread


@pytest.mark.parametrize("part", ["target", "primary"])
def test_without_a_workload_everything_is_rebuilt(part: str) -> None:
    gone: Observed[Any] = make.GONE
    record = taken(status("Succeeded"), found(same=True, **{part: gone}))
    assert record.stage is Stage.INITIALIZING
    assert record.scale_target is None


@pytest.mark.parametrize("phase", ["", "Succeeded", "Progressing"])
def test_a_broken_seal_is_counted_and_the_counters_go_on(phase: str) -> None:
    before = make.running(seq=12, epoch=3, adoptions=1)
    record = taken(status(phase), found(same=True), before)
    assert (record.seq, record.epoch, record.adoptions) == (12, 3, 2)


def test_a_first_takeover_counts_no_breach() -> None:
    assert taken(status("Succeeded"), found(same=True)).adoptions == 0


@pytest.mark.parametrize("tested", [False, True])
def test_what_a_weight_is_of_is_taken_over_with_it(tested: bool) -> None:
    # Where an A/B test is edited into something else, its weight has to go.
    steps = tuple(Step(100, iteration=number, tested=tested) for number in (1, 2, 3))
    left = status("Progressing", canaryWeight=100, iterations=2)
    record = adopt(left, found(same=False, weight=100), steps, make.NOW, None)
    assert isinstance(record, Record) and record.run is not None
    assert record.run.tested == tested


ASKED = Request("t1", Action.PROMOTE)


@pytest.mark.parametrize("phase", ["Initializing", "Progressing", "Succeeded", "Failed"])
def test_a_request_that_may_have_been_done_long_ago_is_told_and_not_done(phase: str) -> None:
    record = taken(status(phase), found(same=False, request=ASKED))
    assert (record.heard, record.intent) == ("t1", None)
    (told,) = record.outbox
    assert told.text == "Ignoring promote: it is older than this takeover"


def test_a_request_that_our_own_record_does_not_know_is_new() -> None:
    before = Record(heard="t0")
    record = taken(status("Progressing"), found(same=False, request=ASKED), before)
    assert (record.heard, record.outbox) == ("t0", ())
