"""Which moments of a rollout are told in chats, and in which words (notifications.md 3)."""

from __future__ import annotations

from dataclasses import replace

import factory as make

from canary.rollout.announcement import Alert
from canary.rollout.decide import decide
from canary.rollout.record import Measured, Record
from canary.rollout.stage import Stage
from canary.rollout.view import View
from canary.rollout.world import Stuck

REVISION = ("Revision", make.NEW.template)
STUCK = Stuck('deployment "podinfo" exceeded its progress deadline')
LATENCY = Measured("request-duration", True, "120ms", "<= 500ms")
RATE = Measured("request-success-rate", False, "90.00%", ">= 99%")


def alerts(view: View) -> list[Alert]:
    """What the next move puts into chats."""
    before = view.record.seq
    record = decide(view).record
    return [item.alert for item in record.outbox if item.alert and item.seq > before]


def test_the_end_of_the_initialisation() -> None:
    record = Record(stage=Stage.INITIALIZING, primary=make.OLD, metrics_checked=True)
    seen = make.view(record, target=make.target(make.OLD), route=make.route(0))
    found = alerts(seen)
    assert found == [Alert("info", "New Deployment detected, initialization completed.", True)]


def test_the_start_of_a_rollout_but_not_its_restart() -> None:
    found = alerts(make.view(make.at_rest(), target=make.target(make.NEW)))
    text = "New revision detected, progressing canary analysis."
    assert found == [Alert("info", text, True, (REVISION,))]
    assert alerts(make.view(make.running(), target=make.target(make.NEWER))) == []


def test_a_step_and_a_failed_check_are_not_told() -> None:
    for answer in (make.passed(), make.failed()):
        seen = make.view(make.running(weight=10))
        assert alerts(make.answered(seen, answer)) == []


def test_too_many_failed_checks_say_what_was_measured_against_which_limit() -> None:
    found = alerts(make.view(make.running(failed_checks=3, measured=(LATENCY, RATE))))
    measured = (("Metric", RATE.metric), ("Value", "90.00%"), ("Limit", ">= 99%"))
    text = "Failed checks threshold reached 3"
    assert found == [Alert("error", text, evidence=(REVISION, *measured))]


def test_an_exceeded_deadline_is_told_with_its_cause() -> None:
    # D5: Flagger stays silent
    for part in ("target", "primary"):
        stuck = {part: getattr(make, part)(readiness=STUCK)}
        found = alerts(make.view(make.running(measured=(RATE,)), **stuck))
        text = f"Progress deadline exceeded {STUCK.text}"
        assert found == [Alert("error", text, evidence=(REVISION,))]


def test_a_failed_promotion_is_told_with_its_cause() -> None:
    primary = make.primary(make.NEW.template, readiness=STUCK)
    for stage in (Stage.PROMOTING, Stage.FINALISING):
        found = alerts(make.view(make.running(stage), primary=primary))
        text = f"Promotion failed, primary not ready: {STUCK.text}"
        assert found == [Alert("error", text, evidence=(REVISION,))]


def test_a_promotion_says_what_the_revision_passed() -> None:
    done = make.running(Stage.FINALISING, weight=0, measured=(LATENCY,))
    measured = (("Metric", LATENCY.metric), ("Value", "120ms"), ("Limit", "<= 500ms"))
    text = "Canary analysis completed successfully, promotion finished."
    assert alerts(make.view(done)) == [Alert("info", text, evidence=(REVISION, *measured))]


def test_a_skipped_analysis_says_so() -> None:
    done = make.running(Stage.FINALISING, weight=0, skipped=True)
    seen = replace(make.view(done), canary=make.canary(skipAnalysis=True))
    text = "Canary analysis was skipped, promotion finished."
    assert alerts(seen) == [Alert("info", text, evidence=(REVISION,))]
