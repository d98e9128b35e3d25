"""The stored form of a record: nothing is lost, nothing newer or damaged is taken for one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import factory as make
import pytest
from hypothesis import given
from rollout_strategies import records

from canary.api.hooks import HookType
from canary.rollout.announcement import Alert, Announcement
from canary.rollout.binding import Binding
from canary.rollout.codec import VERSION, NewerRecord, decode, encode
from canary.rollout.intent import Action, Intent
from canary.rollout.record import Measured, Record, Revision, Run
from canary.rollout.stage import Stage
from providers.interface import Affinity


@given(records)
def test_a_record_survives_storage(record: Record) -> None:
    stored = json.loads(json.dumps(encode(record)))
    assert decode(stored) == record


@given(records)
def test_where_a_digest_was_taken_survives_storage(record: Record) -> None:
    # uid and generation are not part of a revision's equality, so they are compared one by one.
    def places(of: Record) -> list[tuple[str, int] | None]:
        run = of.run.revision if of.run else None
        known: tuple[Revision | None, ...] = (of.applied, of.promoted, of.primary, run)
        return [(r.uid, r.generation) if r else None for r in known]

    assert places(decode(encode(record))) == places(record)


def test_a_command_to_scale_to_zero_is_not_taken_for_no_command() -> None:
    assert decode(encode(make.at_rest(scale_target=0))).scale_target == 0
    assert decode(encode(make.at_rest(scale_target=None))).scale_target is None


def test_what_is_empty_takes_no_room() -> None:
    assert encode(Record()) == {
        "version": VERSION,
        "stage": "Initializing",
        "weight": 0,
        "seq": 0,
        "epoch": 0,
    }


def test_what_a_run_does_not_need_takes_no_room() -> None:
    run = encode(make.running())["run"]
    known = {"revision", "attempt", "step", "failedChecks", "polls", "started"}
    assert set(run) == known


AT = datetime(2026, 1, 1, tzinfo=UTC)
HELD = Binding("istio", "Deployment", "podinfo", "other", "web")
RUN: dict[str, Any] = {
    "revision": Revision("e1-new", {"configmap/app": "1"}, "uid", 2),
    "attempt": 2, "step": 1, "iteration": 3, "failed_checks": 1, "polls": 4,
    "started": AT, "waiting_since": AT, "quiet_since": AT, "shifts": 1, "tested": True,
    "skipped": True, "recycle": True, "imported": True, "prepared": True, "unconfirmed": True,
    "falling": True, "stayed": 2.5, "binding": HELD, "asked": HELD, "plan": "p", "awaited_step": 0,
    "paused": "by somebody", "approved_step": 0, "measured": (Measured("rate", True, "1", "2"),),
}  # fmt: skip
RECORD: dict[str, Any] = {
    "stage": Stage.PROMOTING, "weight": 7, "mirror": True, "affinity": Affinity("a", "b", "c"),
    "awaits": HookType.CONFIRM_PROMOTION, "confirms": 2, "heard": "token",
    "intent": Intent(Action.RETRY, "who", "why", "when", "e1-new-2"),
    "approved": HookType.CONFIRM_ROLLOUT, "run": Run(**RUN), "applied": Revision("e1-applied"),
    "promoted": Revision("e1-promoted"), "primary": Revision("e1-primary"), "primary_replicas": 3,
    "scale_target": 0, "scale_primary": 2, "traffic_ended": AT, "leaving_since": AT,
    "metrics_checked": True, "queued": AT, "hold": "held", "problem": "Broken", "reason": "because",
    "outbox": (Announcement(5, "said"),), "seq": 5, "epoch": 1, "adoptions": 1, "runs": 9,
}  # fmt: skip


@pytest.mark.parametrize("name", RECORD)
def test_each_part_of_a_record_survives_by_itself(name: str) -> None:
    assert set(RECORD) == set(Record.__slots__)
    assert RECORD[name] != getattr(Record(), name)
    stored = json.loads(json.dumps(encode(replace(Record(), **{name: RECORD[name]}))))
    assert getattr(decode(stored), name) == RECORD[name]


@pytest.mark.parametrize("name", RUN)
def test_each_part_of_a_run_survives_by_itself(name: str) -> None:
    assert set(RUN) == set(Run.__slots__)
    bare = Run(Revision("e1-old"))
    assert RUN[name] != getattr(bare, name)
    stored = json.loads(json.dumps(encode(Record(run=replace(bare, **{name: RUN[name]})))))
    run = decode(stored).run
    assert run is not None
    assert getattr(run, name) == RUN[name]


@pytest.mark.parametrize("found", ["3", True, -1, 1.0])
@pytest.mark.parametrize("name", ["confirms", "runs", "scaleTarget"])
def test_what_is_no_count_is_named(name: str, found: object) -> None:
    with pytest.raises(ValueError, match=rf"status\.engine\.{name}: .* is not a count"):
        decode(encode(Record()) | {name: found})


def test_texts_for_people_survive() -> None:
    record = make.running(measured=(Measured("success rate", False, "90", "99"),))
    record = record.say("said", warning=True, error=True)
    found = decode(encode(record))
    assert found.outbox == (Announcement(1, "said", True, True, phase="Progressing"),)
    assert found.run is not None
    assert found.run.measured == (Measured("success rate", False, "90", "99"),)


def test_an_alert_waits_with_its_event() -> None:
    alert = Alert("error", "it failed", True, (("Metric", "rate"), ("Value", ""), ("Limit", "9")))
    record = Record().say("said", alert=alert).say("", alert=Alert("warn", ""))
    assert decode(encode(record)).outbox == record.outbox


@pytest.mark.parametrize(
    "alert",
    [
        "error",
        {"text": "no severity"},
        {"severity": "error"},
        {"severity": "fatal", "text": "no such severity"},
        {"severity": "info", "text": "said", "evidence": ["rate"]},
        {"severity": "info", "text": "said", "evidence": [{"name": "rate"}]},
    ],
)
def test_a_damaged_alert_is_a_damaged_record(alert: object) -> None:
    stored = encode(Record()) | {"outbox": [{"seq": 1, "text": "said", "alert": alert}]}
    with pytest.raises(ValueError, match=r"status\.engine"):
        decode(stored)


def test_a_newer_record_is_never_read() -> None:
    stored = encode(make.running()) | {"version": VERSION + 1}
    with pytest.raises(NewerRecord, match=str(VERSION + 1)):
        decode(stored)


@pytest.mark.parametrize(
    "damage",
    [
        {"version": None},
        {"version": "1"},
        {"stage": "Dancing"},
        {"stage": None},
        {"weight": "much"},
        {"weight": None},
        {"seq": None},
        {"run": {"attempt": 1}},
        {"run": {"revision": None, "attempt": 1, "step": 0, "failedChecks": 0, "polls": 0}},
        {"run": "e1-new"},
        {"applied": {}},
        {"applied": {"template": "e1-old", "configs": None}},
        {"trafficEnded": "yesterday"},
        {"trafficEnded": 5},
        {"outbox": "said"},
        {"outbox": [{"text": "said"}]},
        {"runs": ["e1-new"]},
    ],
    ids=str,
)
def test_a_damaged_record_is_an_error(damage: dict[str, Any]) -> None:
    stored = encode(make.running())
    assert decode(stored).stage is Stage.PROGRESSING
    with pytest.raises(ValueError):
        decode(stored | damage)


@pytest.mark.parametrize("field", ["stage", "weight", "seq"])
def test_a_record_without_its_core_is_an_error(field: str) -> None:
    stored = encode(make.running())
    del stored[field]
    with pytest.raises(ValueError, match=field):
        decode(stored)
