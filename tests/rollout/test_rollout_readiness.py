"""Rules on the health of the workloads, and how long a wait may last (lifecycle.md 9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import factory as make
import pytest

from canary.rollout.decide import decide
from canary.rollout.rules import readiness
from canary.rollout.stage import Stage
from canary.rollout.verdict import Hold, Refuse, Rollback, Scale, Tidy, Verdict
from canary.rollout.view import View
from canary.rollout.world import Ready, Stuck, Waiting

Rule = Callable[[View], Verdict | None]

WAITING, STUCK = Waiting("1 of 2 updated replicas are available"), Stuck("exceeded its deadline")
RULES = [(readiness.primary_ready, "primary"), (readiness.canary_ready, "target")]


def unready(part: str, state: object = WAITING, waited: float | None = None) -> View:
    since = None if waited is None else make.ago(waited)
    made = make.primary if part == "primary" else make.target
    return make.view(make.running(waiting_since=since), **{part: made(readiness=state)})


@pytest.mark.parametrize(("rule", "part"), RULES)
def test_a_healthy_workload_passes(rule: Rule, part: str) -> None:
    assert rule(unready(part, Ready())) is None


@pytest.mark.parametrize(("rule", "part"), RULES)
def test_an_unready_workload_holds_uncounted(rule: Rule, part: str) -> None:
    verdict = rule(unready(part))
    assert isinstance(verdict, Hold)
    assert verdict.waits
    assert verdict.text == WAITING.text
    decision = decide(unready(part))
    assert decision.record.run is not None
    assert decision.record.run.failed_checks == 0
    assert decision.record.run.waiting_since == make.WALL


@pytest.mark.parametrize(("rule", "part"), RULES)
def test_a_wait_ends_with_its_deadline(rule: Rule, part: str) -> None:
    # D6: measured from the moment the wait began
    in_time = rule(unready(part, waited=make.DEADLINE))
    assert isinstance(in_time, Hold)
    assert in_time.until == pytest.approx(make.MONO, abs=0.01)
    assert isinstance(rule(unready(part, waited=make.DEADLINE + 1)), Rollback)


@pytest.mark.parametrize(("rule", "part"), RULES)
def test_the_look_after_a_deadline_finds_it_over(rule: Rule, part: str) -> None:
    held = rule(unready(part, waited=100))
    assert isinstance(held, Hold)
    assert held.until is not None
    slept = held.until - make.MONO
    assert isinstance(rule(unready(part, waited=100 + slept)), Rollback)


@pytest.mark.parametrize(("rule", "part"), RULES)
def test_a_workload_that_gave_up_ends_the_run_and_says_why(rule: Rule, part: str) -> None:
    verdict = rule(unready(part, STUCK))
    assert isinstance(verdict, Rollback)
    # D5: emit that event, with the reason
    assert verdict.texts == (
        STUCK.text,
        f"Rolling back podinfo.test progress deadline exceeded {STUCK.text}",
    )


@pytest.mark.parametrize(("rule", "part"), RULES)
def test_no_endpoint_is_not_ready_whatever_the_status_says(rule: Rule, part: str) -> None:
    # D20
    made = make.primary if part == "primary" else make.target
    seen = make.view(make.running(weight=0), **{part: made(endpoints=0)})
    verdict = rule(seen)
    assert isinstance(verdict, Hold)
    assert "no ready endpoints" in verdict.text


@pytest.mark.parametrize(("rule", "part"), RULES)
def test_a_workload_that_is_gone_is_waited_for(rule: Rule, part: str) -> None:
    assert isinstance(rule(make.view(make.running(), **{part: make.GONE})), Hold)


def test_the_texts_name_workload_and_namespace() -> None:
    # lifecycle.md 9: prefixes
    canary = readiness.canary_readiness(make.view(make.running(), target=make.GONE))
    assert isinstance(canary, Waiting)
    assert canary.text.startswith("canary deployment podinfo.test not ready: ")
    primary = readiness.primary_readiness(make.view(make.running(), primary=make.GONE))
    assert isinstance(primary, Waiting)
    assert primary.text.startswith("podinfo-primary.test not ready: ")


def test_skip_analysis_ignores_the_primarys_health_but_not_the_canarys() -> None:
    # lifecycle.md 6.4
    skip = make.canary(skipAnalysis=True)
    assert readiness.primary_ready(replace(unready("primary"), canary=skip)) is None
    assert isinstance(readiness.canary_ready(replace(unready("target"), canary=skip)), Hold)


@pytest.mark.parametrize(
    ("copied_at", "until"),
    [(None, None), (make.MONO - make.SETTLE, None), (make.MONO - 0.5, make.MONO + 1.5)],
)
def test_the_endpoints_of_a_service_follow_its_change_a_moment_later(
    copied_at: float | None, until: float | None
) -> None:
    seen = make.target(copied_at=copied_at)
    verdict = readiness.canary_ready(make.view(make.running(), target=seen))
    assert (verdict.until if isinstance(verdict, Hold) else verdict) == until


def test_the_next_wait_has_a_clock_of_its_own() -> None:
    waited = make.view(make.running(waiting_since=make.ago(500)))
    assert isinstance(readiness.recovered(waited), Tidy)
    record = decide(waited).record
    assert record.run is not None
    assert record.run.waiting_since is None
    assert readiness.recovered(make.view(record)) is None


def test_before_the_first_step_the_wait_goes_on() -> None:
    seen = make.view(make.running(weight=0, step=-1, waiting_since=make.ago(500)))
    assert readiness.recovered(seen) is None


UNREADY = Waiting("it is not ready")
PROMOTING = make.running(Stage.PROMOTING, 50)


def test_the_primary_must_run_the_pinned_template() -> None:
    for primary in (make.primary(""), make.primary(make.OLD.template), make.GONE):
        verdict = readiness.primary_promoted(make.view(PROMOTING, primary=primary))
        assert isinstance(verdict, Hold)
    assert readiness.primary_promoted(make.view(PROMOTING)) is None


def test_the_primary_must_be_ready_with_it() -> None:
    primary = make.primary(make.NEW.template, readiness=WAITING)
    verdict = readiness.primary_promoted(make.view(PROMOTING, primary=primary))
    assert isinstance(verdict, Hold)
    assert verdict.waits
    assert verdict.text == WAITING.text


@pytest.mark.parametrize(("size", "passes"), [(None, True), (2, True), (5, False)])
def test_the_primary_must_have_its_new_size(size: int | None, passes: bool) -> None:
    record = replace(PROMOTING, scale_primary=size)
    verdict = readiness.primary_promoted(make.view(record))
    assert (verdict is None) is passes


@pytest.mark.parametrize(("state", "waited"), [(STUCK, 0), (WAITING, 601)])
@pytest.mark.parametrize("stage", [Stage.PROMOTING, Stage.FINALISING])
def test_a_primary_that_stays_unready_fails_the_promotion(
    stage: Stage, state: Stuck | Waiting, waited: float
) -> None:
    record = make.running(stage, 50, waiting_since=make.ago(waited))
    primary = make.primary(make.NEW.template, readiness=state)
    verdict = readiness.primary_promoted(make.view(record, primary=primary))
    assert verdict == Refuse(state.text, cause=state.text)


RECYCLING = make.running(weight=0, step=-1, revision=make.DATA, recycle=True)


def test_pods_with_old_data_go_through_zero_before_they_are_judged() -> None:
    pods = decide(make.view(RECYCLING))
    assert pods.record.scale_target == 0
    ending = make.view(pods.record, target=make.target(make.DATA, replicas=0, pods=1))
    assert isinstance(readiness.recycled(ending), Hold)
    gone = make.view(pods.record, target=make.target(make.DATA, replicas=0, pods=0))
    after = decide(gone).record
    assert after.scale_target == 2, "as many as the primary has"
    assert after.run is not None
    assert not after.run.recycle
    assert after.run.waiting_since == make.WALL


def test_pods_are_not_replaced_before_their_traffic_has_drained() -> None:
    for route in (make.route(10), make.route(0, matched_at=make.MONO - make.DRAIN + 1), make.GONE):
        assert isinstance(readiness.recycled(make.view(RECYCLING, route=route)), Hold)


def test_at_least_one_pod_starts_with_the_new_data() -> None:
    seen = make.view(
        RECYCLING,
        primary=make.primary(replicas=0),
        target=make.target(make.DATA, replicas=0, pods=0),
    )
    verdict = readiness.recycled(seen)
    assert isinstance(verdict, Scale)
    assert verdict.replicas == 1


def test_a_new_template_needs_no_recycling() -> None:
    assert readiness.recycled(make.view(make.running(weight=0))) is None


def test_what_a_target_without_endpoints_waits_for_is_said_in_its_own_words() -> None:
    pulling = make.view(make.running(), target=make.target(endpoints=0, readiness=UNREADY))
    assert readiness.canary_readiness(pulling) == UNREADY


def test_pods_are_replaced_once_they_have_drained_and_none_is_meant_to_be_there() -> None:
    seen = make.view(RECYCLING, target=make.target(make.DATA, pods=0, replicas=2))
    scale = readiness.recycled(seen)
    assert isinstance(scale, Scale)
    assert scale.replicas == 0
    assert readiness.recycled(make.view(RECYCLING, target=make.GONE)) is None
    draining = make.view(RECYCLING, route=make.route(0, matched_at=make.MONO - 1))
    hold = readiness.recycled(draining)
    assert isinstance(hold, Hold)
    assert hold.until == make.MONO - 1 + make.DRAIN


def test_a_promotion_waits_until_its_deadline_also_without_a_primary_of_record() -> None:
    waiting = make.view(PROMOTING, primary=make.primary(readiness=UNREADY))
    nothing = make.view(replace(PROMOTING, primary=None))
    for seen in (waiting, nothing):
        hold = readiness.primary_promoted(seen)
        assert isinstance(hold, Hold)
        assert hold.until == pytest.approx(make.MONO + make.DEADLINE, abs=0.01)


def test_a_primary_that_can_still_become_ready_keeps_its_template() -> None:
    failed = make.running(Stage.FAILED, 100, primary=make.NEW)
    assert readiness.restored(make.view(failed)) is None


@pytest.mark.parametrize(("rule", "part"), RULES)
def test_a_wait_that_begins_in_the_future_begins_anew(rule: Rule, part: str) -> None:
    # The wall clock went back by an hour: without this the wait lasts an hour more (simulation).
    seen = unready(part, waited=-3600)
    assert isinstance(rule(seen), Hold)
    decision = decide(seen)
    assert decision.record.run is not None
    assert decision.record.run.waiting_since == make.WALL


def test_answers_of_before_a_wait_are_not_those_after_it() -> None:
    # S10: what is asked once all is ready again has a key of its own (found by simulation).
    seen = make.view(make.running(waiting_since=make.ago(60), polls=4))
    decision = decide(seen)
    assert isinstance(decision.verdict, Tidy)
    assert decision.record.run is not None
    assert (decision.record.run.waiting_since, decision.record.run.polls) == (None, 5)
