"""Edges of the moves that begin and end a run, or take traffic back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.api.canary import Canary
from canary.api.hooks import HookType
from canary.rollout import outbox, sizes, texts
from canary.rollout.announcement import Announcement
from canary.rollout.gates import FIRST, heard
from canary.rollout.intent import Action, Intent
from canary.rollout.moves import promotion, rest, run
from canary.rollout.plan import Traffic
from canary.rollout.questions import Gate, Known, Pending, Replies, Reply
from canary.rollout.record import Record, Revision
from canary.rollout.stage import Stage
from canary.rollout.verdict import (
    Advance,
    Done,
    Fall,
    Lower,
    Refuse,
    Rollback,
    Shift,
    Start,
)
from canary.rollout.view import View

BY_20 = make.canary(analysis={"stepWeightPromotion": 20})
SIZED = make.told({"steps": [{"weight": 10, "replicas": 1}, {"weight": 50, "replicas": 2}]})
FALLS = make.canary(analysis={"engine": {"rollbackStepWeight": 20}})
UNROUTED = Traffic(weights=False)


def said(record: Record) -> list[str]:
    return [item.text for item in record.outbox]


def look(record: Record, of: Canary = make.PLAIN, **parts: Any) -> View:
    traffic = parts.pop("traffic", Traffic())
    return replace(make.view(record, **parts), canary=of, traffic=traffic)


@pytest.mark.parametrize(
    ("of", "weight", "text"),
    [
        (BY_20, 50, texts.primary_weight("podinfo.test", 100)),
        (BY_20, 0, texts.TO_PRIMARY),
        (make.PLAIN, 50, texts.TO_PRIMARY),
    ],
)
def test_a_step_back_is_told_where_there_are_steps(of: Canary, weight: int, text: str) -> None:
    seen = look(make.running(Stage.PROMOTING, weight), of)
    assert said(promotion.shift(seen, Shift("ready", weight=0))) == [text]


@pytest.mark.parametrize(
    ("target", "primary_replicas", "pending", "traffic", "after"),
    [
        (make.target(replicas=2), 5, None, Traffic(), (100, 5)),
        (make.target(replicas=2, endpoints=0), 5, None, Traffic(), (50, None)),
        (make.target(replicas=2), 2, 7, Traffic(), (100, 7)),
        (make.target(replicas=2), 5, None, UNROUTED, (50, None)),
    ],
    ids=["grows", "can't serve", "is large enough", "nothing routes"],
)
def test_after_a_failed_promotion_the_canary_serves_if_it_can(
    target: Any, primary_replicas: int, pending: int | None, traffic: Traffic, after: Any
) -> None:
    record = make.running(
        Stage.PROMOTING, 50, primary_replicas=primary_replicas, scale_target=pending
    )
    seen = look(record, SIZED, target=target, traffic=traffic)
    failed = promotion.promotion_failed(seen, Refuse("stuck", cause="stuck"))
    assert (failed.weight, failed.scale_target) == after


@pytest.mark.parametrize(("skipped", "text"), [(True, texts.skipped), (False, texts.completed)])
def test_the_end_says_whether_anybody_looked(skipped: bool, text: Any) -> None:
    seen = make.view(make.running(Stage.FINALISING, 0, skipped=skipped))
    assert said(promotion.succeeded(seen, Done("done"))) == [text("podinfo.test")]


LATER = Revision(make.OLD.template, make.OLD.configs, "uid", 7)


@pytest.mark.parametrize(
    ("target", "scale_target", "generation"),
    [
        (make.target(LATER), 0, 7),
        (make.target(make.OLD, replicas=0), None, 1),
        (make.target(make.NEW), 0, 1),
        (make.target(make.UNSEEN), 0, 1),
        (make.GONE, None, 1),
    ],
)
def test_what_serves_at_first_is_promoted(
    target: Any, scale_target: int | None, generation: int
) -> None:
    seen = make.view(make.at_rest(Stage.INITIALIZING), target=target)
    record = rest.initialized(seen, Done("serves"))
    assert record.promoted == make.OLD
    assert record.promoted is not None
    assert (record.scale_target, record.promoted.generation) == (scale_target, generation)


@pytest.mark.parametrize(("confirms", "polls"), [(0, 0), (3, 4)])
def test_the_questions_of_a_run_go_on_from_those_of_the_wait(confirms: int, polls: int) -> None:
    seen = make.view(make.at_rest(confirms=confirms), target=make.GONE)
    record = rest.start(seen, Start("new", make.NEW))
    assert record.run is not None
    assert (record.run.polls, record.scale_target) == (polls, 2)


@pytest.mark.parametrize(
    ("stage", "weight", "after"),
    [
        (Stage.PROGRESSING, 10, (Stage.PROGRESSING, 0, make.ago(9), True)),
        (Stage.WAITING_PROMOTION, 0, (Stage.PROGRESSING, -1, make.WALL, False)),
        (Stage.PROMOTING, 0, (Stage.PROMOTING, 1, make.ago(9), True)),
    ],
)
def test_a_run_goes_on_from_the_step_below(stage: Stage, weight: int, after: Any) -> None:
    record = make.running(stage, 50, waiting_since=make.ago(9), prepared=True)
    lowered = run.lower(make.view(record), Lower("why", weight=weight))
    left = lowered.run
    assert left is not None
    assert (lowered.stage, left.step, left.waiting_since, left.prepared) == after
    assert said(lowered) == []
    told = run.lower(make.view(record), Lower("why", weight=weight, text="it is lower"))
    assert said(told) == ["it is lower"]


def test_a_mirror_hands_out_no_cookie() -> None:
    analysis = {"mirror": True, "sessionAffinity": {"cookieName": "app"}}
    of, traffic = make.canary(analysis=analysis), Traffic(mirror=True, sticky=True)
    seen = look(make.running(weight=0, step=-1), of, traffic=traffic)
    mirrored = run.advance(seen, Advance("passed", step=0))
    assert (mirrored.weight, mirrored.mirror, mirrored.affinity.canary) == (0, True, "")
    weighted = run.advance(seen, Advance("passed", step=1))
    assert (weighted.weight, weighted.mirror) == (10, False)
    assert weighted.affinity.canary.startswith("app=")


def test_a_step_without_words_is_not_told() -> None:
    of = make.canary(analysis={"stepWeights": None, "iterations": 2})
    seen = look(make.running(weight=0, step=1, iteration=2), of, traffic=UNROUTED)
    assert said(run.advance(seen, Advance("passed", step=2))) == []
    assert len(said(run.advance(seen, Advance("passed", step=0)))) == 1


def test_a_rollback_alerts_with_its_reason_unless_it_has_other_words() -> None:
    seen = make.view(make.running())
    found = [run.rollback(seen, Rollback("reason", alert=alert)) for alert in ("alert", "")]
    assert [record.outbox[-1].alert.text for record in found] == ["alert", "reason"]


def test_a_fall_leaves_a_command_for_the_primary_alone() -> None:
    record = make.running(Stage.FAILED, 50, falling=True, scale_primary=5)
    fallen = run.fall(look(record, FALLS), Fall("step", weight=30))
    assert (fallen.weight, fallen.scale_primary, fallen.scale_target) == (30, 5, None)


def test_a_call_of_webhooks_survives_storage_among_events() -> None:
    queued = (Announcement(1, "told"), Announcement(2, "", hooks=HookType.POST_ROLLOUT))
    stored = outbox.encode(queued)
    assert [item.get("hooks") for item in stored] == [None, "post-rollout"]
    assert outbox.decode(stored) == queued


def test_what_hooks_said_is_told_once_they_have() -> None:
    seen = make.view(make.running())
    asked = Gate("e1-new-1", HookType.CONFIRM_ROLLOUT, 0)
    yes = Known(Replies(yes=(Reply("gate"),)), make.MONO)
    assert len(list(heard(replace(seen, answers={asked: yes}), FIRST))) == 1
    assert list(heard(replace(seen, answers={asked: Pending()}), FIRST)) == []


@pytest.mark.parametrize(
    ("of", "target", "size"),
    [
        (SIZED, make.target(replicas=2), 5),
        (SIZED, make.target(replicas=5), None),
        (SIZED, make.GONE, None),
        (make.PLAIN, make.target(replicas=2), None),
    ],
)
def test_a_target_made_small_by_steps_grows_to_serve_all(
    of: Canary, target: Any, size: int | None
) -> None:
    assert sizes.for_service(look(make.at_rest(primary_replicas=5), of, target=target)) == size


def test_an_autoscaled_primary_is_measured_by_the_canary_that_is_there() -> None:
    scaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "name": "podinfo"}
    of = make.canary(autoscalerRef=scaler)
    assert sizes.for_return(look(make.at_rest(), of, target=make.target(replicas=9))) == 9
    assert sizes.for_return(look(make.at_rest(), of, target=make.GONE)) is None


def test_what_is_empty_is_not_stored() -> None:
    assert outbox.encode([Announcement(1, "told")]) == [{"seq": 1, "text": "told"}]


def test_a_target_that_is_gone_is_no_measure() -> None:
    assert sizes.for_promotion(look(make.running(), target=make.GONE)) is None
    assert sizes.for_promotion(look(make.running(), target=make.target(replicas=3))) == 3


def test_a_request_is_told_with_its_reason() -> None:
    assert str(Intent(Action.PAUSE, "ann", "lunch", "now", "")) == "pause by ann at now: lunch"
    assert str(Intent(Action.PAUSE, "", "", "now", "")) == "pause by somebody at now"
