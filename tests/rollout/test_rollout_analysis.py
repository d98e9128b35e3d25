"""Rules of a run under analysis: what ends it, and what it takes to move a step."""

from __future__ import annotations

from dataclasses import replace

import factory as make
import pytest

from canary.rollout.decide import decide
from canary.rollout.observed import Unknown
from canary.rollout.record import Measured
from canary.rollout.rules import analysis
from canary.rollout.stage import Stage
from canary.rollout.verdict import (
    Done,
    Hold,
    Promote,
    Restart,
    Rollback,
)

RUN = make.running(weight=10)
UNREAD = make.target(Unknown("a digest is being read"))


def test_a_target_back_at_the_promoted_revision_ends_the_run_in_peace() -> None:
    # D7: end the run, scale down, restore a consistent status
    seen = make.view(RUN, target=make.target(make.OLD))
    assert isinstance(analysis.reverted(seen), Done)
    record = decide(seen).record
    assert record.stage is Stage.SUCCEEDED
    assert (record.weight, record.scale_target) == (0, 0)
    assert record.applied == record.promoted == make.OLD


def test_a_run_of_the_promoted_revision_itself_is_no_revert() -> None:
    record = make.running(weight=10, revision=make.OLD)
    assert analysis.reverted(make.view(record)) is None


def test_a_target_that_changes_again_starts_over() -> None:
    seen = make.view(RUN, target=make.target(make.NEWER))
    verdict = analysis.superseded(seen)
    assert isinstance(verdict, Restart)
    assert (verdict.revision, verdict.recycle) == (make.NEWER, False)
    assert analysis.superseded(make.view(RUN)) is None


def test_data_that_changes_again_replaces_the_pods_too() -> None:
    verdict = analysis.superseded(make.view(RUN, target=make.target(make.DATA)))
    assert isinstance(verdict, Restart)
    assert verdict.recycle


def test_a_revision_that_is_being_read_holds() -> None:
    seen = make.view(RUN, target=UNREAD)
    assert isinstance(analysis.reverted(seen), Hold)
    assert decide(seen).record == RUN


def test_no_step_without_the_pin() -> None:
    # D19: what is judged is what gets promoted
    assert isinstance(analysis.pinned(make.view(RUN, pins=frozenset())), Hold)
    assert analysis.pinned(make.view(RUN)) is None


def test_a_skipped_analysis_promotes_the_healthy_canary() -> None:
    seen = replace(make.view(RUN), canary=make.canary(skipAnalysis=True))
    verdict = analysis.skipped(seen)
    assert isinstance(verdict, Promote)
    assert verdict.skipped
    assert analysis.skipped(make.view(RUN)) is None


@pytest.mark.parametrize(("failed", "ends"), [(0, False), (2, False), (3, True), (4, True)])
def test_as_many_failed_checks_as_the_threshold_end_the_run(failed: int, ends: bool) -> None:
    verdict = analysis.threshold(make.view(make.running(failed_checks=failed)))
    assert isinstance(verdict, Rollback) is ends


def test_the_rollback_says_what_failed() -> None:
    measured = (Measured("success rate", False, "90.00%", "99%"),)
    record = make.running(failed_checks=3, measured=measured)
    verdict = analysis.threshold(make.view(record))
    assert isinstance(verdict, Rollback)
    # lifecycle.md 6.5
    assert verdict.texts == ("Rolling back podinfo.test failed checks threshold reached 3",)
    assert "success rate 90.00%, limit 99%" in verdict.reason


@pytest.mark.parametrize("part", ["target", "primary", "route"])
def test_failed_checks_end_a_run_whatever_can_be_seen(part: str) -> None:
    # providers D5: a rollback needs no readable route
    seen = make.view(make.running(failed_checks=3), **{part: make.UNSEEN})
    decision = decide(seen)
    assert isinstance(decision.verdict, Rollback)
    assert (decision.record.stage, decision.record.weight) == (Stage.FAILED, 0)


def test_a_weight_that_settles_is_looked_at_when_it_is_live() -> None:
    settling = make.route(10, confirmed=None, matched_at=make.MONO - 0.5)
    hold = analysis.live(make.view(make.running(), route=settling))
    assert isinstance(hold, Hold)
    assert hold.until == make.MONO - 0.5 + make.SETTLE
    proved = make.route(10, confirmed=None, matched_at=make.MONO - 0.5, proved=True)
    assert isinstance(analysis.live(make.view(make.running(), route=proved)), Hold)


def test_the_first_step_starts_at_once_and_the_next_after_an_interval() -> None:
    just = make.MONO - 1
    first = make.view(make.running(weight=0, step=-1), route=make.route(0, matched_at=just))
    assert analysis.paced(first) is None
    second = make.view(make.running(weight=10), route=make.route(10, matched_at=just))
    hold = analysis.paced(second)
    assert isinstance(hold, Hold)
    assert hold.until == just + make.INTERVAL


def test_a_step_says_what_passed() -> None:
    seen = make.answered(
        make.view(make.running()), make.passed(Measured("success", True, "99.9%", "99%"))
    )
    verdict = decide(seen).verdict
    assert verdict.reason == "passed: success 99.9%, limit 99%"
    unmeasured = decide(make.answered(make.view(make.running()), make.passed())).verdict
    assert unmeasured.reason == "no metrics"
