"""What it takes to move a step: a live weight, its time, and a passed evaluation."""

from __future__ import annotations

from dataclasses import replace

import factory as make
import pytest

from canary.rollout.decide import decide
from canary.rollout.observed import Present
from canary.rollout.questions import Evaluation, Known
from canary.rollout.record import Measured, Record
from canary.rollout.rules import analysis
from canary.rollout.verdict import Advance, Ask, Count, Hold, Promote, Repeat, Rollback
from canary.rollout.view import Now, View
from canary.rollout.world import Route

RUN = make.running(weight=10)
HELD_BACK = "the metric window still holds traffic of the run before"


@pytest.mark.parametrize(
    ("route", "live"),
    [
        (make.route(10), True),
        (make.route(10, matched_at=make.MONO), True),
        (make.route(10, confirmed=None, matched_at=make.MONO - make.SETTLE), True),
        (make.route(10, confirmed=None, matched_at=make.MONO - make.SETTLE + 0.1), False),
        (make.route(10, confirmed=False), False),
        (make.route(0), False),
        (make.route(50), False),
        (make.GONE, False),
    ],
)
def test_evidence_counts_from_when_the_weight_is_live(route: object, live: bool) -> None:
    # providers.md D4 and 24.2; the settle time where nothing confirms
    assert (analysis.live(make.view(RUN, route=route)) is None) is live


def test_a_route_that_stays_unconfirmed_says_why() -> None:
    why = "HTTPRoute podinfo.test parent gw is not ready"
    verdict = analysis.live(make.view(RUN, route=make.route(10, confirmed=False, why=why)))
    assert isinstance(verdict, Hold)
    assert verdict.text == why


def test_the_first_step_needs_no_check() -> None:
    seen = make.view(make.running(weight=0))
    assert analysis.paced(seen) is None
    assert analysis.checks(seen) is None
    verdict = analysis.step(seen)
    assert isinstance(verdict, Advance)
    assert (verdict.step, verdict.measured) == (0, ())


def paced(*, live: float, evaluated: float | None = None, record: Record = RUN) -> View:
    """A look at a step that is live since ``live`` seconds, last evaluated ``evaluated`` ago."""
    seen = make.view(record, route=make.route(10, matched_at=make.MONO - live))
    at = None if evaluated is None else make.MONO - evaluated
    return replace(seen, evaluated_at=at)


@pytest.mark.parametrize(
    ("live", "evaluated", "until"),
    [(0, None, 30), (29, None, 1), (30, None, None), (90, 29, 1), (90, 30, None), (29, 60, 1)],
)
def test_a_step_and_each_evaluation_lasts_an_interval(
    live: float, evaluated: float | None, until: float | None
) -> None:
    verdict = analysis.paced(paced(live=live, evaluated=evaluated))
    if until is None:
        assert verdict is None
    else:
        assert isinstance(verdict, Hold)
        assert verdict.until == make.MONO + until


@pytest.mark.parametrize(("quiet", "left"), [(0, 30), (40, 20), (59, 1), (60, None), (900, None)])
def test_a_window_that_reaches_into_the_run_before_holds(quiet: float, left: float | None) -> None:
    # S5; the window is 60 s, the step has been live for 30
    record = make.running(quiet_since=make.ago(quiet))
    verdict = analysis.paced(paced(live=30, record=record))
    if left is None:
        assert verdict is None
    else:
        assert isinstance(verdict, Hold)
        assert verdict.reason == HELD_BACK
        assert verdict.until == make.MONO + left


def test_a_wall_clock_that_was_set_back_makes_no_endless_wait() -> None:
    record = make.running(quiet_since=make.ago(-100_000))
    verdict = analysis.paced(paced(live=40, record=record))
    assert isinstance(verdict, Hold)
    assert verdict.until == make.MONO + 20
    assert analysis.paced(paced(live=60, record=record)) is None


@pytest.mark.parametrize("number", range(40))
def test_a_wait_is_over_when_it_said_it_would_be(number: int) -> None:
    # Found by simulation: a rest too small to add to the clock was waited for without end.
    record = make.running(quiet_since=make.ago(-100_000))
    since = 124.0 + number / 7
    carried = make.route(10, matched_at=since)
    for looked in (30.1, 41.7):
        early = Now(since + looked, make.WALL)
        verdict = analysis.paced(make.view(record, now=early, route=carried))
        assert isinstance(verdict, Hold)
        assert verdict.until is not None
        due = Now(verdict.until, make.WALL)
        assert analysis.paced(make.view(record, now=due, route=carried)) is None


def test_without_an_answer_nothing_moves() -> None:
    # S7
    decision = decide(make.view(make.running(weight=10, polls=4)))
    assert isinstance(decision.verdict, Ask)
    assert decision.asks == {Evaluation("e1-new-1", 0, 4)}
    assert decision.record.weight == 10


def test_an_answer_to_another_question_is_none() -> None:
    # S5: no evidence from another step, asking or run
    seen = make.view(make.running(weight=10, polls=4))
    others = [
        Evaluation("e1-new-1", 0, 3),
        Evaluation("e1-new-1", 1, 4),
        Evaluation("e1-new-2", 0, 4),
    ]
    answers = {other: Known(make.passed(), 0.0) for other in others}
    assert isinstance(decide(replace(seen, answers=answers)).verdict, Ask)


def test_a_failed_check_counts_and_keeps_the_weight() -> None:
    decision = decide(make.answered(make.view(RUN), make.failed()))
    assert isinstance(decision.verdict, Count)
    record = decision.record
    assert record.weight == 10
    assert record.run is not None
    assert (record.run.failed_checks, record.run.polls, record.run.step) == (1, 1, 0)
    said = record.outbox[-1]
    # lifecycle.md 10
    assert said.text == "Halt podinfo.test advancement success rate 90.00% < 99%"
    assert said.warning


def test_a_passed_evaluation_earns_the_next_step() -> None:
    measured = Measured("success rate", True, "100", "99")
    decision = decide(make.answered(make.view(RUN), make.passed(measured)))
    assert isinstance(decision.verdict, Advance)
    record = decision.record
    assert record.weight == 50
    assert record.run is not None
    assert (record.run.step, record.run.polls) == (1, 1)
    assert record.run.measured == (measured,)
    assert "success rate 100, limit 99" in record.reason
    # lifecycle.md 10
    assert [item.text for item in record.outbox] == ["Advance podinfo.test canary weight 50"]


def test_passing_the_last_step_earns_the_promotion() -> None:
    decision = decide(make.answered(make.view(make.running(weight=50)), make.passed()))
    assert isinstance(decision.verdict, Promote)
    assert decision.record.primary == make.NEW
    assert decision.record.weight == 50


def test_a_failure_that_reached_the_threshold_ends_the_run_at_the_next_look() -> None:
    record = make.running(weight=10, failed_checks=2)
    counted = decide(make.answered(make.view(record), make.failed())).record
    assert isinstance(decide(make.view(counted)).verdict, Rollback)


TAKEN_BACK = make.route(10, confirmed=False, proved=True, matched_at=make.MONO - 40)
"""The gateway confirmed this weight once, and doesn't any more: it goes on serving it."""


def test_checks_go_on_while_a_gateway_takes_its_word_back() -> None:
    # providers D5: or nothing stops a bad canary
    seen = make.view(RUN, route=TAKEN_BACK)
    assert analysis.live(seen) is None
    assert isinstance(decide(seen).verdict, Ask)
    counted = decide(make.answered(seen, make.failed()))
    assert isinstance(counted.verdict, Count)


def test_but_a_pass_moves_nothing_then() -> None:
    # providers D4
    measured = Measured("success rate", True, "100", "99")
    seen = make.view(make.running(weight=10, polls=4, failed_checks=1), route=TAKEN_BACK)
    decision = decide(make.answered(seen, make.passed(measured)))
    assert isinstance(decision.verdict, Repeat)
    record = decision.record
    assert (record.weight, record.stage) == (10, seen.record.stage)
    assert record.run is not None
    assert (record.run.step, record.run.polls, record.run.failed_checks) == (0, 5, 1)
    assert record.run.measured == (measured,)


@pytest.mark.parametrize(
    ("weight", "route"),
    [
        (10, replace(TAKEN_BACK.value, proved=False)),
        (50, TAKEN_BACK.value),
        (0, replace(TAKEN_BACK.value, weight=0)),
    ],
    ids=["never confirmed", "another weight", "no weight"],
)
def test_a_weight_that_never_was_live_is_not_judged(weight: int, route: Route) -> None:
    seen = make.view(make.running(weight=weight), route=Present(route))
    assert isinstance(analysis.live(seen), Hold)


def test_such_a_step_lasts_an_interval_too() -> None:
    fresh = replace(TAKEN_BACK.value, matched_at=make.MONO - 10)
    verdict = analysis.paced(make.view(RUN, route=Present(fresh)))
    assert isinstance(verdict, Hold)
    assert verdict.until == make.MONO + 20
