"""Edges of moves: what a move leaves alone, and what it says only then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.api.hooks import HookType
from canary.rollout import texts
from canary.rollout.intent import Action, Intent, Request
from canary.rollout.moves import base, exits, gates, intents, promotion
from canary.rollout.plan import Traffic
from canary.rollout.record import Measured, Record
from canary.rollout.stage import Stage
from canary.rollout.verdict import (
    Await,
    Hear,
    Heed,
    Leave,
    Promote,
    Rollback,
    Shift,
    Tidy,
)
from canary.rollout.view import View
from providers.interface import Affinity

COOKIE = Affinity(canary="app=x")
CHECKED = (Measured("success", True, "100%", "99%"),)
UNROUTED = Traffic(weights=False)


def said(record: Record) -> list[str]:
    return [item.text for item in record.outbox]


def test_a_canary_that_keeps_some_traffic_keeps_its_cookies() -> None:
    seen = make.view(make.running(weight=50, affinity=COOKIE, mirror=True))
    record = base.quiet(seen, seen.record, 10)
    assert (record.weight, record.mirror, record.affinity) == (10, False, COOKIE)
    assert record.traffic_ended is None


def test_a_canary_that_loses_all_of_it_has_them_called_in() -> None:
    seen = make.view(make.running(weight=50, affinity=COOKIE, scale_primary=5))
    record = base.quiet(seen, seen.record, 0)
    assert (record.weight, record.affinity) == (0, Affinity(previous="app=x"))
    assert record.traffic_ended == make.WALL
    assert record.scale_primary == 5


@pytest.mark.parametrize(
    ("record", "loaded"),
    [
        (make.running(weight=10), True),
        (make.running(weight=0, mirror=True), True),
        (make.running(weight=0, iteration=1), True),
        (make.running(weight=0, iteration=0), False),
        (make.running(Stage.FAILED, weight=0, iteration=3), False),
        (make.at_rest(), False),
    ],
)
def test_a_canary_has_traffic_by_weight_by_mirror_or_under_test(
    record: Record, loaded: bool
) -> None:
    assert base.loaded(make.view(record)) is loaded
    ended = base.quiet(make.view(record), record, 0).traffic_ended
    assert ended == (make.WALL if loaded else None)


@pytest.mark.parametrize(
    ("run", "begins", "told"),
    [
        ({"step": -1}, True, True),
        ({"step": -1}, False, False),
        ({"step": -1, "prepared": True}, True, False),
        ({"step": 0}, True, False),
    ],
)
def test_an_analysis_begins_once(run: dict[str, Any], begins: bool, told: bool) -> None:
    seen = make.view(make.running(weight=0, **run))
    text = texts.starting("podinfo.test")
    assert said(base.listened(seen, seen.record, begins=begins)) == ([text] if told else [])


def test_post_rollout_hooks_are_called_where_there_are_any() -> None:
    seen = make.view(make.running())
    assert base.called(seen, seen.record).outbox == ()
    webhook = {"name": "after", "url": "http://after.test", "type": "post-rollout"}
    hooked = replace(seen, canary=make.canary(analysis={"webhooks": [webhook]}))
    assert [item.hooks for item in base.called(hooked, seen.record).outbox] == [
        HookType.POST_ROLLOUT
    ]


def test_a_primary_that_is_gone_has_no_replicas() -> None:
    assert base.primary_replicas(make.view(make.at_rest(), primary=make.GONE)) == 0
    assert base.primary_replicas(make.view(make.at_rest())) == 2


@pytest.mark.parametrize(
    ("record", "target", "applied"),
    [
        (make.running(Stage.FAILED, 0), make.OLD, make.OLD),
        (make.running(Stage.FAILED, 0), make.NEWER, make.NEW),
        (make.running(Stage.SUCCEEDED, 0), make.OLD, make.NEW),
    ],
)
def test_a_revert_after_a_failure_is_remembered(record: Record, target: Any, applied: Any) -> None:
    found = base.tidy(make.view(record, target=make.target(target)), Tidy("why"))
    assert found.applied == applied
    assert found.reason == record.reason


def test_a_place_in_the_queue_is_given_up_with_the_reason() -> None:
    found = base.tidy(make.view(make.at_rest(queued=make.WALL)), Tidy("nothing to queue for"))
    assert (found.queued, found.reason) == (None, "nothing to queue for")


@pytest.mark.parametrize(
    ("stage", "step", "goes_on"),
    [
        (Stage.PROGRESSING, 0, False),
        (Stage.WAITING_PROMOTION, 1, False),
        (Stage.PROGRESSING, -1, True),
        (Stage.PROMOTING, 1, True),
    ],
)
def test_the_clock_of_a_wait_ends_with_it(stage: Stage, step: int, goes_on: bool) -> None:
    record = make.running(stage, step=step, waiting_since=make.ago(10))
    run = base.tidy(make.view(record), Tidy("ready again")).run
    assert run is not None
    assert run.waiting_since == (make.ago(10) if goes_on else None)


@pytest.mark.parametrize(
    ("record", "weight", "mirror"),
    [
        (make.running(Stage.FAILED, 100, mirror=True), 100, True),
        (make.running(Stage.FAILED, 100, falling=True), 0, False),
        (make.running(Stage.FAILED, 0, mirror=True), 0, False),
        (make.running(Stage.PROGRESSING, 50), 0, False),
    ],
)
def test_only_what_a_failed_promotion_left_goes_on_serving(
    record: Record, weight: int, mirror: bool
) -> None:
    left = exits.leave(make.view(record, deleted=True), Leave("deleted", reverts=True))
    assert (left.weight, left.mirror, left.stage) == (weight, mirror, Stage.TERMINATING)


def closed(hook: HookType, **parts: Any) -> Await:
    return Await("closed", hook, **parts)


@pytest.mark.parametrize(
    ("awaits", "text", "alert", "told"),
    [
        (None, "waits", "it waits", [("waits", "it waits")]),
        (None, "waits", "", [("waits", None)]),
        (None, "", "it waits", []),
        (HookType.CONFIRM_PROMOTION, "waits", "it waits", []),
        (HookType.CONFIRM_TRAFFIC_INCREASE, "waits", "", [("waits", None)]),
    ],
)
def test_a_closed_gate_is_told_once(
    awaits: HookType | None, text: str, alert: str, told: list[Any]
) -> None:
    seen = make.view(make.running(weight=50, awaits=awaits))
    record = gates.wait(seen, closed(HookType.CONFIRM_PROMOTION, text=text, alert=alert))
    assert [(item.text, item.alert.text if item.alert else None) for item in record.outbox] == told
    assert record.awaits is HookType.CONFIRM_PROMOTION
    assert record.stage is Stage.WAITING_PROMOTION


@pytest.mark.parametrize(("step", "prepared"), [(-1, True), (0, False), (1, False)])
def test_a_gate_before_the_first_traffic_keeps_what_passed_before_it(
    step: int, prepared: bool
) -> None:
    seen = make.view(make.running(weight=0, step=step, measured=CHECKED))
    record = gates.wait(seen, closed(HookType.CONFIRM_TRAFFIC_INCREASE))
    assert record.run is not None
    assert record.run.prepared is prepared
    assert record.run.measured == CHECKED
    assert record.stage is Stage.PROGRESSING
    other = (Measured("latency", True, "5", "500"),)
    again = gates.wait(seen, closed(HookType.CONFIRM_TRAFFIC_INCREASE, measured=other))
    assert again.run is not None
    assert again.run.measured == other


def test_a_rejection_is_of_a_known_revision_and_says_why() -> None:
    waiting = make.view(make.at_rest(Stage.WAITING), target=make.target(make.NEW))
    alerts = [
        gates.refused(waiting, Rollback("reason", alert=alert)).outbox[-1].alert
        for alert in ("alert", "")
    ]
    assert [alert.text for alert in alerts if alert] == ["alert", "reason"]
    unread = make.view(make.at_rest(Stage.WAITING), target=make.target(make.UNSEEN))
    with pytest.raises(AssertionError, match="unknown revision"):
        gates.refused(unread, Rollback("reason"))


def test_a_request_is_put_on_record_with_when_it_was_made() -> None:
    seen = make.view(make.running(polls=3))
    heard = intents.hear(seen, Hear("why", Request("t", Action.PAUSE, "ann", "lunch", "then")))
    assert heard.run is not None
    assert heard.run.polls == 4
    assert heard.intent == Intent(Action.PAUSE, "ann", "lunch", "then", "e1-new-1")
    undated = intents.hear(seen, Hear("why", Request("t", Action.PAUSE)))
    assert undated.intent is not None
    assert undated.intent.at == "2026-01-01T12:00:00+00:00"


def test_a_request_that_says_nothing_is_answered_and_one_that_is_gone_forgotten() -> None:
    seen = make.view(make.at_rest(heard="before"))
    unread = intents.hear(seen, Hear("why", Request("t", None, problem="no such request")))
    assert (unread.heard, unread.intent, said(unread)) == ("t", None, ["no such request"])
    gone = intents.hear(seen, Hear("why"))
    assert (gone.heard, gone.intent, said(gone)) == ("", None, [])


@pytest.mark.parametrize(
    ("action", "awaits", "paused", "approved"),
    [
        (Action.PAUSE, None, "pause by ann at now", None),
        (Action.PAUSE, HookType.CONFIRM_PROMOTION, "pause by ann at now", None),
        (Action.RESUME, None, "", None),
        (Action.APPROVE, HookType.CONFIRM_PROMOTION, "by bob", HookType.CONFIRM_PROMOTION),
    ],
)
def test_a_request_changes_what_is_waited_for(
    action: Action, awaits: HookType | None, paused: str, approved: HookType | None
) -> None:
    seen = make.view(make.running(awaits=awaits, paused="by bob"))
    record = intents.heed(seen, Heed("why", Intent(action, "ann", "", "now", "e1-new-1")))
    assert record.run is not None
    assert (record.run.paused, record.approved) == (paused, approved)


def promoted(seen: View, **parts: Any) -> Record:
    return promotion.promote(seen, Promote("passed", **parts))


def test_a_promotion_keeps_what_was_measured_last() -> None:
    seen = make.view(make.running(weight=50, measured=CHECKED))
    other = (Measured("latency", True, "5", "500"),)
    found = [promoted(seen).run, promoted(seen, measured=other).run]
    assert [run.measured for run in found if run] == [CHECKED, other]


def test_a_primary_keeps_its_size_when_the_target_is_gone() -> None:
    gone = make.view(make.running(weight=50, primary_replicas=7), target=make.GONE)
    assert promoted(gone).primary_replicas == 7


@pytest.mark.parametrize("skipped", [True, False])
def test_what_cannot_be_had_is_not_said_of_an_analysis_that_is_skipped(skipped: bool) -> None:
    unrouted = replace(make.view(make.running(weight=0)), traffic=UNROUTED)
    found = said(promoted(unrouted, skipped=skipped))
    assert (len(found) == 1) is skipped


@pytest.mark.parametrize(
    ("weight", "stage", "waits"),
    [(30, Stage.PROMOTING, make.ago(60)), (0, Stage.FINALISING, make.WALL)],
)
def test_the_last_of_the_weight_begins_the_end(weight: int, stage: Stage, waits: Any) -> None:
    seen = make.view(make.running(Stage.PROMOTING, 50, waiting_since=make.ago(60)))
    record = promotion.shift(seen, Shift("ready", weight=weight))
    assert record.run is not None
    assert (record.stage, record.run.waiting_since) == (stage, waits)
    assert said(record) == [texts.TO_PRIMARY]


def test_where_nothing_was_routed_nothing_is_said_of_routing() -> None:
    skipped = make.view(make.running(Stage.PROMOTING, 0, skipped=True))
    unrouted = replace(make.view(make.running(Stage.PROMOTING, 0)), traffic=UNROUTED)
    for seen in (skipped, unrouted):
        assert said(promotion.shift(seen, Shift("ready", weight=0))) == []
