"""The stored form of a record: nothing is lost, nothing newer or damaged is taken for one."""

from __future__ import annotations

import json
from typing import Any

import factory as make
import pytest
from hypothesis import given
from rollout_strategies import records

from canary.rollout.announcement import Alert, Announcement
from canary.rollout.codec import VERSION, NewerRecord, decode, encode
from canary.rollout.record import Measured, Record, Revision
from canary.rollout.stage import Stage


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
