"""The safety list of design.md, on whatever a record and a world may look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import factory as make
from hypothesis import given, settings
from rollout_strategies import unseen, views

from canary.rollout.decide import Decision, decide
from canary.rollout.diagram import leads_to
from canary.rollout.moves import MOVES
from canary.rollout.observed import Present, Unknown
from canary.rollout.plan import fingerprint
from canary.rollout.questions import Known
from canary.rollout.rules.analysis import question
from canary.rollout.stage import Stage
from canary.rollout.verdict import (
    Advance,
    Ask,
    Done,
    Fall,
    Hold,
    Lower,
    Pin,
    Promote,
    Queue,
    Refuse,
    Rollback,
    Scale,
    Start,
)
from canary.rollout.view import View

UPWARDS = (Advance, Promote, Start, Refuse)
"""Verdicts that can bring a backend traffic, or a revision closer to it."""


PROMISES: list[Callable[[View, Decision], None]] = []


def promise(check: Callable[[View, Decision], None]) -> Callable[[View, Decision], None]:
    """All are checked on the same views: making these up takes longer than all checks."""
    PROMISES.append(check)
    return check


def weight_gain(view: View, decision: Decision) -> int:
    return decision.record.weight - view.record.weight


@promise
def a_rise_is_a_passed_step_or_a_failed_promotion(view: View, decision: Decision) -> None:
    assert 0 <= decision.record.weight <= 100
    if weight_gain(view, decision) > 0:
        assert isinstance(decision.verdict, (Advance, Refuse))


@promise
def s3_an_advance_is_one_planned_step(view: View, decision: Decision) -> None:
    if not isinstance(decision.verdict, Advance):
        return
    ahead = [weight for weight in make.STEPS if weight > view.record.weight]
    assert decision.record.weight == ahead[0]
    if view.record.weight > 0:
        assert view.live_at is not None
        answer = view.answers[question(view)]
        assert isinstance(answer, Known)
        assert answer.value.failure is None


@promise
def a_step_is_left_when_its_stay_is_over_and_approved(view: View, decision: Decision) -> None:
    onwards = isinstance(decision.verdict, (Advance, Promote)) and not view.skip
    if not onwards or view.record.weight == 0:
        return
    run = view.run
    for stay in view.canary.spec.analysis.stays:
        if stay.weight == view.record.weight:
            given = run.approved_step == run.step and run.plan == fingerprint(view.steps)
            assert given or not stay.approval
            assert run.stayed + make.INTERVAL >= (stay.seconds or 0)


@promise
def the_pods_of_a_step_are_there_before_its_weight(view: View, decision: Decision) -> None:
    stays = view.canary.spec.analysis.stays
    if not isinstance(decision.verdict, Advance) or not stays:
        return
    wanted = stays[decision.verdict.step].replicas
    assert isinstance(view.world.target, Present)
    assert wanted in (None, view.world.target.value.replicas)


@promise
def who_has_no_turn_does_not_start(view: View, decision: Decision) -> None:
    if isinstance(decision.verdict, Start):
        assert view.turn is None or view.turn.free
        assert not any(dependency.why for dependency in view.world.dependencies)
    if decision.record.queued is not None:
        assert isinstance(decision.verdict, (Queue, Ask)) or view.record.queued is not None
        assert not decision.record.stage.running


@promise
def s2_more_traffic_needs_endpoints(view: View, decision: Decision) -> None:
    if weight_gain(view, decision) > 0:
        assert view.world.canary_endpoints > 0


@promise
def s4_the_primary_gets_what_passed_or_was_promoted_before(view: View, decision: Decision) -> None:
    before, after = view.record.primary, decision.record.primary
    if after == before or after is None:
        return
    verdict = decision.verdict
    assert isinstance(verdict, (Promote, Pin, Scale, Done))
    if isinstance(verdict, Scale):
        assert after == view.record.promoted
    if isinstance(verdict, Promote):
        assert view.record.run is not None
        assert after == view.record.run.revision
        assert view.skip or _passed_the_last_step(view)
        assert after.template in view.world.pins


def _passed_the_last_step(view: View) -> bool:
    answer = view.answers.get(question(view))
    done = view.record.weight >= make.STEPS[-1]
    return done and isinstance(answer, Known) and answer.value.failure is None


@promise
def s6_after_a_failure_the_weight_never_rises(view: View, decision: Decision) -> None:
    if view.record.stage is Stage.FAILED:
        assert weight_gain(view, decision) <= 0


@promise
def a_fall_ends_at_what_the_route_carries_already_or_below(view: View, decision: Decision) -> None:
    if view.ceiling is not None and weight_gain(view, decision) < 0:
        assert decision.record.weight <= view.ceiling


@promise
def a_failed_canary_falls_by_steps_that_are_served_or_at_once(
    view: View, decision: Decision
) -> None:
    if not isinstance(decision.verdict, (Fall, Rollback)):
        return
    by, fell = view.canary.spec.analysis.rollback_step_weight, -weight_gain(view, decision)
    assert fell >= 0
    run = decision.record.run
    assert run is not None
    assert run.falling is (decision.record.weight > 0)
    if run.falling:
        lower = view.ceiling is not None and view.ceiling <= decision.record.weight
        assert fell == by or (lower and fell > by)
        assert not view.world.canary_is_dead
        assert decision.record.scale_target != 0
    if isinstance(decision.verdict, Fall) and run.falling:
        assert view.drained
        assert view.world.primary_endpoints > 0


@promise
def s7_what_is_unknown_never_counts_as_a_pass(view: View, decision: Decision) -> None:
    if not unseen(view.world) or view.record.stage.leaving:
        # A Canary that goes needs no route, and what is gone can't be waited for.
        return
    assert not isinstance(decision.verdict, (*UPWARDS, Done, Pin, Ask))
    assert weight_gain(view, decision) <= 0
    # Checks that have failed already end a run without any further look; a canary that loses its
    # weight waits for no promotion any more.
    if isinstance(decision.verdict, Lower) and view.record.stage is Stage.WAITING_PROMOTION:
        assert decision.record.stage is Stage.PROGRESSING
    elif not isinstance(decision.verdict, Rollback):
        assert decision.record.stage is view.record.stage


@promise
def s7_an_unknown_revision_starts_and_promotes_nothing(view: View, decision: Decision) -> None:
    target = view.world.target
    if not isinstance(target, Present):
        return
    blind = replace(target.value, revision=Unknown("a digest is being read"))
    view = replace(view, world=replace(view.world, target=Present(blind)))
    decision = decide(view)
    assert not isinstance(decision.verdict, (Advance, Promote, Start, Pin))
    assert weight_gain(view, decision) <= 0


@promise
def s8_going_to_zero_comes_with_weight_0(view: View, decision: Decision) -> None:
    if decision.record.scale_target == 0 and view.record.scale_target != 0:
        assert decision.record.weight == 0


@promise
def a_hold_keeps_weight_stage_and_revisions(view: View, decision: Decision) -> None:
    if not isinstance(decision.verdict, (Hold, Ask)):
        return
    before, after = view.record, decision.record
    assert (after.stage, after.weight) == (before.stage, before.weight)
    assert (after.applied, after.promoted, after.primary) == (
        before.applied,
        before.promoted,
        before.primary,
    )
    assert after.scale_target == before.scale_target


@promise
def s5_no_evidence_goes_over_to_another_run(view: View, decision: Decision) -> None:
    before, after = view.record.run, decision.record.run
    if before is None or after is None or before.id == after.id:
        return
    assert (after.failed_checks, after.polls, after.measured, after.step) == (0, 0, (), -1)
    assert decision.record.weight == 0


@promise
def a_deleted_or_suspended_canary_is_not_touched(view: View, decision: Decision) -> None:
    if not (view.world.deleted or view.canary.spec.suspend):
        return
    if view.record.stage.leaving:
        return
    assert decision.frozen
    assert weight_gain(view, decision) == 0


@promise
def who_changes_nothing_does_not_look_again_at_once(view: View, decision: Decision) -> None:
    if decision.wake_at is not None and decision.record == view.record:
        assert decision.wake_at > view.now.mono


@promise
def deciding_twice_on_the_same_view_is_the_same(view: View, decision: Decision) -> None:
    assert decide(view) == decision


@promise
def a_move_leads_where_the_diagram_says(view: View, decision: Decision) -> None:
    stage = view.record.stage
    move = MOVES[stage][type(decision.verdict)]
    assert decision.record.stage in leads_to(stage, move.__name__)


@given(views())
@settings(max_examples=1000)
def test_every_promise_is_kept(view: View) -> None:
    decision = decide(view)
    for check in PROMISES:
        check(view, decision)
