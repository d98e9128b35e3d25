"""Requests by hand: when one is put on record, whose it is, and what it can't have."""

from __future__ import annotations

from typing import Any

import factory as make
import pytest

from canary.api.hooks import HookType
from canary.rollout.intent import Action, Intent, Request
from canary.rollout.plan import fingerprint
from canary.rollout.record import Record, run_id
from canary.rollout.rules import intents
from canary.rollout.stage import Stage
from canary.rollout.verdict import Decline, Hear, Hold, Repeat
from canary.rollout.view import View

UNREAD = make.target(make.UNSEEN)
APPROVED_STEPS = make.told({"steps": [{"weight": 10, "approval": True}, {"weight": 50}]})
NEXT = run_id(make.NEW, 2)


def asked(action: Action, run: str) -> dict[str, Any]:
    return {"intent": Intent(action, "ann", "", "now", run)}


@pytest.mark.parametrize(
    ("request_", "heard", "reason"),
    [
        (None, "", None),
        (None, "one", "the request is no longer there"),
        (Request("one", Action.ABORT), "one", None),
        (Request("two", Action.ABORT), "one", "asked for: abort"),
        (Request("two", None, problem="no such request"), "", "asked for: no such request"),
    ],
)
def test_a_request_is_heard_once(request_: Request | None, heard: str, reason: str | None) -> None:
    found = intents.requested(make.view(make.running(heard=heard), request=request_))
    assert (found.reason if isinstance(found, Hear) else None) == reason


@pytest.mark.parametrize(
    ("record", "target", "run"),
    [
        (make.running(), None, run_id(make.NEW, 1)),
        (make.running(Stage.SUCCEEDED), None, ""),
        (make.at_rest(Stage.PROGRESSING), None, ""),
        (make.at_rest(Stage.WAITING, runs=1), make.target(make.NEW), NEXT),
        (make.running(Stage.FAILED), make.target(make.NEW), NEXT),
        (make.running(Stage.FAILED), UNREAD, ""),
    ],
)
def test_a_request_is_for_the_run_in_flight_or_the_next_one(
    record: Record, target: Any, run: str
) -> None:
    world = {} if target is None else {"target": target}
    assert intents.subject(make.view(record, **world)) == run


def declined(record: Record, **world: Any) -> str | None:
    found = intents.outdated(make.view(record, **world))
    return found.reason if isinstance(found, Decline) else None


HERE = run_id(make.NEW, 1)


@pytest.mark.parametrize(
    ("record", "world", "reason"),
    [
        (make.running(**asked(Action.PAUSE, HERE)), {}, None),
        (make.running(**asked(Action.PAUSE, "other")), {}, "another revision has come meanwhile"),
        (make.running(Stage.FAILED, **asked(Action.RETRY, NEXT)), {}, None),
        (make.running(Stage.FAILED, **asked(Action.RETRY, NEXT)), {"target": UNREAD}, None),
        (
            make.running(Stage.FAILED, **asked(Action.RETRY, run_id(make.OLD, 2))),
            {"target": make.target(make.OLD)},
            "the target runs the promoted revision",
        ),
        (make.running(**asked(Action.APPROVE, HERE)), {}, "nothing waits for an approval"),
        (
            make.running(**asked(Action.APPROVE, HERE), awaits=HookType.CONFIRM_PROMOTION),
            {},
            None,
        ),
        (make.running(**asked(Action.RESUME, HERE)), {}, "nothing is paused"),
        (make.running(**asked(Action.RESUME, HERE), paused="by bob"), {}, None),
        (
            make.running(Stage.PROMOTING, **asked(Action.ABORT, HERE)),
            {},
            "it can't be done in phase Promoting",
        ),
    ],
)
def test_what_cannot_be_done_is_declined(
    record: Record, world: dict[str, Any], reason: str | None
) -> None:
    assert declined(record, **world) == reason


def stepwise(record: Record) -> View:
    return View(APPROVED_STEPS, record, make.world(record), make.view(record).timing, make.NOW)


PLAN = fingerprint(stepwise(make.running()).steps)


@pytest.mark.parametrize(
    ("record", "waits"),
    [
        (make.running(weight=10), True),
        (make.running(weight=10, approved_step=0, plan=PLAN), False),
        (make.running(weight=10, approved_step=0, plan="of other steps"), True),
        (make.running(weight=50), False),
        (make.running(weight=0, step=-1), False),
        (make.running(Stage.WAITING_PROMOTION, weight=10), True),
        (make.running(Stage.PROMOTING, weight=10), False),
        (make.at_rest(Stage.PROGRESSING, weight=10), False),
    ],
)
def test_a_step_waits_for_its_approval(record: Record, waits: bool) -> None:
    assert intents.step_waits(stepwise(record)) is waits
    assert intents.waits(stepwise(record)) is waits
    assert intents.waits(make.view(record)) is False


def test_a_run_that_is_paused_before_its_first_step_asks_nothing() -> None:
    before = intents.kept_paused(make.view(make.running(weight=0, step=-1, paused="by ann")))
    assert isinstance(before, Hold)
    assert isinstance(intents.kept_paused(make.view(make.running(paused="by ann"))), Repeat)
    assert intents.kept_paused(make.view(make.running())) is None
