"""Steps that are told one by one: how long, until approved, with how many pods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.rollout import stay
from canary.rollout.decide import Decision, decide
from canary.rollout.plan import fingerprint, plan
from canary.rollout.record import Measured, Record
from canary.rollout.rules import analysis, stays
from canary.rollout.stage import Stage
from canary.rollout.verdict import Advance, Count, Hold, Promote, Repeat, Scale
from canary.rollout.view import View
from canary.rollout.world import Stuck

PASSED = Measured("success rate", True, "100", "99")


def steps(*found: dict[str, Any]) -> Any:
    return make.told({"steps": list(found)})


LONG = steps({"weight": 10, "duration": "100s"}, {"weight": 50})
SIZED = steps({"weight": 10, "replicas": 1}, {"weight": 50, "replicas": 4})


def at(record: Record, spec: Any, *, live: float = 30, judged: float | None = None, **parts: Any):
    """A look at a weight that is live since ``live`` seconds and was judged ``judged`` ago."""
    seen = make.view(record, route=make.route(record.weight, matched_at=make.MONO - live), **parts)
    when = None if judged is None else make.MONO - judged
    return replace(seen, canary=spec, evaluated_at=when)


def judged(seen: View) -> Decision:
    return decide(make.answered(seen, make.passed(PASSED)))


def test_the_plan_of_told_steps() -> None:
    found = plan(steps({"weight": 5, "duration": "2m", "approval": True}, {"weight": 60}))
    assert [(s.weight, s.lasts, s.approval, s.replicas) for s in found] == [
        (5, 120.0, True, None),
        (60, None, False, None),
    ]


@pytest.mark.parametrize(
    ("stayed", "live", "evaluated", "until"),
    [
        # The interval is 30 s, the stay 100 s: judged at 30, 60, 90 and 100.
        (0.0, 0, None, 30),
        (30.0, 30, 0, 30),
        (90.0, 90, 0, 10),
        (90.0, 99, 9, 1),
        (90.0, 100, 10, None),
        # It is over, and the last check failed: again an interval on.
        (100.0, 100, 0, 30),
        (100.0, 130, 30, None),
        # A restart knows of 60 s: an interval anew, then the rest.
        (60.0, 0, None, 30),
    ],
)
def test_when_a_stay_is_judged(
    stayed: float, live: float, evaluated: float | None, until: float | None
) -> None:
    seen = at(make.running(stayed=stayed), LONG, live=live, judged=evaluated)
    verdict = analysis.paced(seen)
    if until is None:
        assert verdict is None
    else:
        assert isinstance(verdict, Hold)
        assert verdict.until == make.MONO + until


def test_a_pass_before_the_end_of_a_stay_moves_nothing() -> None:
    decision = judged(at(make.running(stayed=30.0, polls=4), LONG, live=60, judged=30))
    assert isinstance(decision.verdict, Repeat)
    run = decision.record.run
    assert run is not None
    assert (decision.record.weight, run.step, run.stayed, run.polls) == (10, 0, 60.0, 5)
    assert run.measured == (PASSED,)
    assert decision.record.outbox == ()
    assert decision.record.reason == "step 1 at weight 10 stays for 40 s more, checks pass"


def test_a_pass_at_the_end_earns_the_next_step_and_a_stay_of_its_own() -> None:
    decision = judged(at(make.running(stayed=90.0), LONG, live=100, judged=10))
    assert isinstance(decision.verdict, Advance)
    assert decision.record.run is not None
    assert (decision.record.weight, decision.record.run.stayed) == (50, 0.0)


def test_a_failed_check_counts_and_the_stay_goes_on() -> None:
    seen = at(make.running(stayed=30.0), LONG, live=60, judged=30)
    decision = decide(make.answered(seen, make.failed()))
    assert isinstance(decision.verdict, Count)
    assert decision.record.run is not None
    assert (decision.record.run.failed_checks, decision.record.run.stayed) == (1, 60.0)


def test_time_in_which_nobody_looked_does_not_count() -> None:
    # design.md: nobody looks, nothing counts
    seen = at(make.running(stayed=30.0), LONG, live=5000, judged=4000)
    assert stay.stayed(seen) == 60.0


def test_a_stay_is_never_shorter_than_the_floor() -> None:
    short = steps({"weight": 10, "duration": "1s"}, {"weight": 50})
    seen = at(make.running(), short, live=4)
    seen = replace(seen, timing=replace(seen.timing, floor=5.0))
    verdict = analysis.paced(seen)
    assert isinstance(verdict, Hold)
    assert verdict.until == make.MONO + 1


def test_a_step_without_a_duration_lasts_an_interval() -> None:
    decision = judged(at(make.running(weight=50), LONG, live=30))
    assert isinstance(decision.verdict, Promote)


def test_a_run_starts_with_the_pods_of_the_first_step() -> None:
    seen = make.view(make.at_rest(), target=make.target(make.NEW, replicas=0, pods=0))
    assert decide(replace(seen, canary=SIZED)).record.scale_target == 1


def test_the_pods_of_the_next_step_come_before_its_weight() -> None:
    record = make.running(polls=4)
    small = make.target(replicas=1, endpoints=1)
    decision = judged(at(record, SIZED, target=small))
    assert isinstance(decision.verdict, Scale)
    assert (decision.record.scale_target, decision.record.weight) == (4, 10)
    # Until the command is carried out nothing moves; then the step is judged once more.
    sent = judged(at(decision.record, SIZED, target=small))
    assert isinstance(sent.verdict, Hold)
    there = judged(at(decision.record, SIZED, target=make.target(replicas=4, endpoints=4)))
    assert isinstance(there.verdict, Advance)
    assert (there.record.scale_target, there.record.weight) == (None, 50)


def test_pods_are_changed_only_for_a_step_that_was_earned() -> None:
    seen = at(make.running(), SIZED, target=make.target(replicas=1))
    decision = decide(make.answered(seen, make.failed()))
    assert isinstance(decision.verdict, Count)
    assert decision.record.scale_target is None


def test_a_step_that_says_nothing_of_pods_keeps_them() -> None:
    seen = at(make.running(), LONG, target=make.target(replicas=7))
    assert stays.sized(seen) is None


def test_the_primary_keeps_its_size_where_the_steps_size_the_canary() -> None:
    record = make.running(weight=50, primary_replicas=3)
    seen = at(record, SIZED, target=make.target(replicas=4, endpoints=4))
    decision = judged(seen)
    assert isinstance(decision.verdict, Promote)
    assert (decision.record.scale_primary, decision.record.primary_replicas) == (None, 3)


def test_a_failed_promotion_serves_everybody_with_enough_pods() -> None:
    record = make.running(Stage.PROMOTING, 50, primary_replicas=6)
    stuck = make.primary(make.NEW.template, readiness=Stuck("stuck"))
    decision = decide(at(record, SIZED, target=make.target(replicas=4), primary=stuck))
    assert (decision.record.stage, decision.record.weight) == (Stage.FAILED, 100)
    assert decision.record.scale_target == 6
    plain = decide(at(record, LONG, target=make.target(replicas=4), primary=stuck))
    assert plain.record.scale_target is None


def test_a_target_that_is_given_back_is_not_sized_by_the_steps() -> None:
    seen = make.view(make.at_rest(), target=make.target(make.OLD, replicas=0, pods=0))
    assert replace(seen, canary=SIZED).first_replicas == 2


def test_the_size_of_a_target_that_is_gone_is_not_waited_for() -> None:
    sized = make.told({"steps": [{"weight": 10}, {"weight": 50, "replicas": 5}]})
    seen = replace(make.view(make.running(), target=make.GONE), canary=sized)
    assert stays.sized(seen) is None


def test_an_approval_is_asked_for_at_its_step_of_its_plan() -> None:
    plan_ = fingerprint(make.view(make.running()).steps)
    for step, of, awaited in ((0, plan_, True), (1, plan_, False), (0, "other", False)):
        seen = make.view(make.running(step=step, awaited_step=0, plan=of))
        assert stay.awaited(seen) is awaited


def test_before_the_first_traffic_there_is_no_step() -> None:
    assert stay.step_of(make.view(make.running(weight=0, step=-1))) is None


@pytest.mark.parametrize(
    ("route", "since"),
    [
        (make.route(10, confirmed=None, matched_at=100.0), 100.0 + make.SETTLE),
        (make.route(10, confirmed=True, matched_at=100.0), 100.0),
        (make.route(10, confirmed=False, matched_at=100.0), 100.0),
        (make.GONE, 0.0),
    ],
)
def test_a_weight_is_served_from_when_it_is_live_or_at_least_written(
    route: Any, since: float
) -> None:
    assert stay.served(make.view(make.running(), route=route)) == since


def test_a_step_that_lasts_an_interval_has_no_stay() -> None:
    seen = make.view(make.running(stayed=7.0))
    assert (stay.stayed(seen), stay.left(seen)) == (0.0, 0.0)


def test_what_is_left_of_a_stay_is_nothing_within_a_thousandth() -> None:
    short = make.told({"steps": [{"weight": 10, "duration": "1ms"}, {"weight": 50}]})
    just = make.view(make.running(), route=make.route(10, matched_at=make.MONO))
    assert stay.left(replace(just, canary=short)) == 0.0
