"""What rules, the record and the status make of what isn't there, or not yet."""

from __future__ import annotations

from dataclasses import replace

import factory as make
import pytest

from canary.rollout.adopt import adopt
from canary.rollout.decide import decide
from canary.rollout.plan import Step, Traffic, plan
from canary.rollout.record import Record
from canary.rollout.rules.promotion import unpinned
from canary.rollout.rules.start import initialized
from canary.rollout.settled import settled
from canary.rollout.stage import Stage
from canary.rollout.status import present
from canary.rollout.verdict import Hold, Refuse
from canary.rollout.view import Held


def test_announcements_of_a_canary_that_nobody_ran_are_counted_from_nothing() -> None:
    """No former record can have counted any: it is no takeover."""
    steps = tuple(Step(weight) for weight in make.STEPS)
    record = adopt({}, make.world(make.at_rest()), steps, make.NOW)
    assert isinstance(record, Record)
    assert record.seq == 0


def test_a_record_without_revisions_shows_none() -> None:
    status = present(Record(), "Deployment", {}, make.WALL)
    assert status["phase"] == Stage.INITIALIZING.value
    assert not {"lastAppliedSpec", "lastPromotedSpec", "trackedConfigs"} & set(status)


@pytest.mark.parametrize("wanted", [3, None])
def test_a_primary_that_is_gone_has_carried_out_no_command(wanted: int | None) -> None:
    record = replace(make.at_rest(), scale_primary=wanted, primary_replicas=None)
    seen = settled(make.view(record, primary=make.GONE))
    assert (seen.scale_primary, seen.primary_replicas) == (wanted, None)


def test_a_canary_that_has_had_no_run_wakes_up_after_a_suspension() -> None:
    seen = make.view(make.at_rest(Stage.INITIALIZING, run=None), primary=make.GONE)
    decision = decide(replace(seen, held=Held("suspended", make.MONO, frozen=True)))
    assert decision.record.stage is Stage.INITIALIZING


def test_a_provider_that_can_mirror_does_so_only_when_asked() -> None:
    able = Traffic(mirror=True)
    assert not any(step.mirror for step in plan(make.canary(), able))
    assert plan(make.canary(analysis={"mirror": True}), able)[0].mirror


def test_a_promotion_whose_pin_and_primary_are_both_gone_fails() -> None:
    record = make.running(Stage.PROMOTING, 50)
    world = {"primary": make.GONE, "pins": frozenset[str]()}
    verdict = unpinned(make.view(record, target=make.target(make.NEWER), **world))
    assert isinstance(verdict, Refuse)


def test_the_target_is_looked_at_again_when_its_requests_have_drained() -> None:
    route = make.route(0, matched_at=make.MONO - make.DRAIN + 1)
    seen = make.view(make.at_rest(Stage.INITIALIZING), route=route)
    verdict = initialized(seen)
    assert isinstance(verdict, Hold)
    assert verdict.until == seen.drained_at == make.MONO + 1
