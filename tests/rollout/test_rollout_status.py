"""What people and other tools read of a record (api.md 5 and 5.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import factory as make
import pytest

from canary.rollout.codec import decode
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.status import Notice, present, sealed_by_us
from providers.interface import Affinity

Status = dict[str, Any]

STAMP = "2026-01-01T12:00:00Z"
LATER = make.WALL + timedelta(seconds=90)
LATER_STAMP = "2026-01-01T12:01:30Z"

# api.md 5.1, for a target of kind Deployment
CONDITIONS = {
    "Initializing": ("Unknown", "New Deployment detected, starting initialization."),
    "Initialized": ("True", "Deployment initialization completed."),
    "Waiting": ("Unknown", "Waiting for approval."),
    "Progressing": ("Unknown", "New revision detected, progressing canary analysis."),
    "WaitingPromotion": ("Unknown", "Waiting for approval."),
    "Promoting": ("Unknown", "Canary analysis completed, starting primary rolling update."),
    "Finalising": ("Unknown", "Canary analysis completed, routing all traffic to primary."),
    "Succeeded": ("True", "Canary analysis completed successfully, promotion finished."),
    "Failed": ("False", "Canary analysis failed, Deployment scaled to zero."),
    "Terminating": ("Unknown", "New Deployment detected, starting initialization."),
    # Flagger never gets there (D34)
    "Terminated": ("Unknown", "Canary deleted, Deployment serves by itself."),
}


def shown(record: Record, before: Status | None = None, **changes: Any) -> Status:
    return present(record, "Deployment", before or {}, changes.pop("now", make.WALL), **changes)


def conditions(status: Status) -> dict[str, Status]:
    return {each["type"]: each for each in status["conditions"]}


@pytest.mark.parametrize("phase", CONDITIONS)
def test_the_promoted_condition_of_every_phase(phase: str) -> None:
    status = shown(make.at_rest(Stage(phase)))
    assert status["phase"] == phase
    wanted, message = CONDITIONS[phase]
    assert status["conditions"] == [
        {
            "type": "Promoted",
            "status": wanted,
            "reason": phase,
            "message": message,
            "lastUpdateTime": STAMP,
            "lastTransitionTime": STAMP,
        }
    ]


def test_every_stage_has_its_row() -> None:
    assert {stage.value for stage in Stage} == set(CONDITIONS)


def test_a_failed_promotion_does_not_claim_a_scale_down() -> None:
    # D23: adapt the text only there
    message = conditions(shown(make.at_rest(Stage.FAILED, weight=100)))["Promoted"]["message"]
    assert "scaled to zero" not in message
    assert message.startswith("Canary analysis failed")


def test_a_condition_with_the_same_status_and_reason_is_left_alone() -> None:
    before = shown(make.running(weight=10))
    after = shown(make.running(weight=50), before, now=LATER)
    assert after["conditions"] == before["conditions"]
    assert after["lastTransitionTime"] == LATER_STAMP


def test_a_new_reason_with_the_same_status_keeps_the_transition_time() -> None:
    before = shown(make.running())
    after = conditions(shown(make.running(Stage.PROMOTING), before, now=LATER))["Promoted"]
    assert (after["reason"], after["status"]) == ("Promoting", "Unknown")
    assert after["lastUpdateTime"] == LATER_STAMP
    assert after["lastTransitionTime"] == STAMP


def test_a_new_status_moves_both_times() -> None:
    before = shown(make.running())
    after = conditions(shown(make.at_rest(Stage.FAILED), before, now=LATER))["Promoted"]
    assert (after["lastUpdateTime"], after["lastTransitionTime"]) == (LATER_STAMP, LATER_STAMP)


def test_conditions_of_others_stay_and_ours_come_and_go() -> None:
    foreign = {"type": "Audited", "status": "True", "reason": "ByHand"}
    notice = Notice("Blocked", "Suspended", "it is suspended")
    before = shown(make.at_rest(), {"conditions": [foreign]}, notices=[notice])
    assert conditions(before)["Audited"] == foreign
    assert conditions(before)["Blocked"]["message"] == "it is suspended"
    after = shown(make.at_rest(), before, now=LATER)
    assert set(conditions(after)) == {"Promoted", "Audited"}


def test_a_notice_of_the_same_reason_shows_its_new_text() -> None:
    before = shown(make.at_rest(), notices=[Notice("Blocked", "Invalid", "field a is wrong")])
    changed = [Notice("Blocked", "Invalid", "field b is wrong")]
    blocked = conditions(shown(make.at_rest(), before, now=LATER, notices=changed))["Blocked"]
    assert blocked["message"] == "field b is wrong"
    assert (blocked["lastUpdateTime"], blocked["lastTransitionTime"]) == (LATER_STAMP, STAMP)


def test_the_fields_of_a_run() -> None:
    status = shown(make.running(weight=50, failed_checks=2))
    assert status["canaryWeight"] == 50
    assert status["failedChecks"] == 2
    assert status["iterations"] == 0
    assert status["lastAppliedSpec"] == make.NEW.template
    assert status["lastPromotedSpec"] == make.OLD.template
    assert status["trackedConfigs"] == {"configmap/app": "1"}


@pytest.mark.parametrize(
    ("stage", "count"),
    # api.md 5: kept through promotion, 0 by a rollback and by initialization
    [(Stage.PROMOTING, 2), (Stage.FINALISING, 2), (Stage.SUCCEEDED, 2), (Stage.FAILED, 0)],
)
def test_when_failed_checks_are_kept(stage: Stage, count: int) -> None:
    assert shown(make.running(stage, failed_checks=2))["failedChecks"] == count


def test_fields_that_the_engine_does_not_know_stay() -> None:
    status = shown(make.running(), {"ofAnother": {"x": 1}})
    assert status["ofAnother"] == {"x": 1}


def test_the_record_goes_along_and_comes_back() -> None:
    record = make.running(weight=50)
    assert decode(shown(record)["engine"]) == record


SEALED = {
    "phase": "Succeeded",
    "canaryWeight": 11,
    "failedChecks": 7,
    "iterations": 1,
    "lastAppliedSpec": "85cdc89f59",
    "lastPromotedSpec": "85cdc89f59",
    "trackedConfigs": {"configmap/app": "2"},
}


def test_our_own_status_is_sealed() -> None:
    assert sealed_by_us(shown(make.running()))


@pytest.mark.parametrize("field", SEALED)
def test_the_seal_breaks_when_somebody_writes_a_field_of_flagger(field: str) -> None:
    assert not sealed_by_us(shown(make.running()) | {field: SEALED[field]})


@pytest.mark.parametrize("field", SEALED)
def test_the_seal_breaks_when_a_field_of_flagger_is_removed(field: str) -> None:
    status = shown(make.running())
    del status[field]
    assert not sealed_by_us(status)


def test_the_seal_holds_when_others_add_fields_and_conditions() -> None:
    status = shown(make.running()) | {"ofAnother": 1, "conditions": []}
    assert sealed_by_us(status)


@pytest.mark.parametrize("engine", [None, {}, "x", {"seal": "x"}])
def test_without_our_seal_the_status_is_not_ours(engine: object) -> None:
    assert not sealed_by_us(shown(make.running()) | {"engine": engine})


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage.running])
def test_a_run_that_has_traffic_is_no_failure(stage: Stage) -> None:
    message = conditions(shown(make.running(stage, weight=50)))["Promoted"]["message"]
    assert message == CONDITIONS[stage.value][1]


COOKIE = {"sessionAffinityCookie": "app=x"}


@pytest.mark.parametrize(
    ("canary", "before", "shows"),
    [("app=y", COOKIE, "app=y"), ("app=y", {}, "app=y"), ("", COOKIE, None), ("", {}, None)],
)
def test_cookies_are_shown_while_users_have_them(
    canary: str, before: Status, shows: str | None
) -> None:
    status = shown(make.running(affinity=Affinity(canary=canary)), before)
    assert status.get("sessionAffinityCookie") == shows


@pytest.mark.parametrize(
    ("record", "iterations"),
    [
        (make.running(iteration=2), 2),
        (make.running(Stage.PROMOTING, iteration=2), 2),
        (make.running(Stage.FINALISING, 0, iteration=2), 0),
        (make.running(Stage.FAILED, 0, iteration=2), 0),
        (make.at_rest(), 0),
    ],
)
def test_iterations_are_shown_while_they_are_progress(record: Record, iterations: int) -> None:
    assert shown(record)["iterations"] == iterations


def test_what_is_no_condition_is_dropped() -> None:
    status = shown(make.at_rest(), {"conditions": ["nonsense", {"type": "Theirs"}]})
    assert set(conditions(status)) == {"Promoted", "Theirs"}


def test_a_notice_that_says_something_else_is_another_one() -> None:
    first = shown(make.at_rest(), notices=[Notice("Blocked", "InvalidSpec", "one")])
    for message in ("one", "two"):
        notices = [Notice("Blocked", "InvalidSpec", message)]
        again = shown(make.at_rest(), first, notices=notices, now=LATER)
        found = conditions(again)["Blocked"]
        assert found["message"] == message
        assert found["lastUpdateTime"] == (STAMP if message == "one" else LATER_STAMP)
        assert found["lastTransitionTime"] == STAMP
    failed = conditions(shown(make.at_rest(Stage.FAILED, weight=100)))["Promoted"]
    later = shown(make.at_rest(Stage.FAILED), {"conditions": [failed]}, now=LATER)
    assert conditions(later)["Promoted"] == failed


def test_a_condition_that_has_no_time_yet_has_that_of_its_next_change() -> None:
    old = {"type": "Blocked", "status": "True", "reason": "InvalidSpec", "message": "one"}
    notices = [Notice("Blocked", "InvalidSpec", "two")]
    again = shown(make.at_rest(), {"conditions": [old]}, notices=notices, now=LATER)
    assert conditions(again)["Blocked"]["lastTransitionTime"] == LATER_STAMP


@pytest.mark.parametrize(("kind", "tracked"), [("Deployment", True), ("Service", False)])
def test_a_service_tracks_no_data(kind: str, tracked: bool) -> None:
    assert ("trackedConfigs" in present(make.at_rest(), kind, {}, make.WALL)) is tracked
