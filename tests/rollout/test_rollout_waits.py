"""Identities of runs, clocks of waits, and what a damaged or foreign status must not break."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import factory as make
import pytest

from canary.rollout.adopt import adopt
from canary.rollout.codec import decode, encode
from canary.rollout.decide import decide
from canary.rollout.plan import Step
from canary.rollout.record import Revision
from canary.rollout.stage import Stage
from canary.rollout.status import present
from canary.rollout.verdict import Refuse, Rollback
from canary.rollout.view import Held, Now
from canary.rollout.world import Problem, Waiting


def test_two_data_changes_in_a_row_are_two_runs():
    # api.md 11: flagger-id renewed on every promotion; run_mark derives it from run.id
    rec = make.at_rest(applied=make.NEW, promoted=make.NEW, primary=make.NEW)
    ids = []
    for data in ("2", "3"):
        rev = Revision("e1-new", {"configmap/app": data}, "uid", 2)
        rec = decide(make.view(rec, target=make.target(rev, replicas=0, pods=0))).record
        ids.append(rec.run.id)
        rec = replace(rec, stage=Stage.FINALISING, primary=rev)
        done = make.view(rec, target=make.target(rev), primary=make.primary(rev.template))
        rec = decide(done).record
        assert rec.stage is Stage.SUCCEEDED
    assert ids[0] != ids[1]


def _sleep(view_kw, rec, n):
    """The record after looks during n seconds of suspension, every 30 s, from make.NOW."""
    held = Held()
    for t in range(0, n + 1, 30):
        now = Now(make.MONO + t, make.WALL + timedelta(seconds=t))
        v = replace(make.view(rec, **view_kw), canary=make.canary(suspend=True), now=now, held=held)
        found = decide(v)
        rec, held = found.record, found.held
    return rec, held, Now(make.MONO + n, make.WALL + timedelta(seconds=n))


def test_a_suspension_does_not_count_as_a_wait_of_the_canary():
    unready = {"target": make.target(readiness=Waiting("pulling"), endpoints=0)}
    rec = make.running(weight=0, step=-1, waiting_since=make.ago(10))
    rec, held, now = _sleep(unready, rec, 3600)
    for _ in range(3):
        d = decide(replace(make.view(rec, **unready), now=now, held=held))
        assert not isinstance(d.verdict, Rollback), d.verdict
        rec, held = d.record, d.held


def test_a_suspension_does_not_count_as_a_wait_of_a_promotion():
    unready = {"primary": make.primary("e1-new", readiness=Waiting("rolling"))}
    rec = make.running(Stage.PROMOTING, 50, waiting_since=make.ago(10))
    rec, held, now = _sleep(unready, rec, 3600)
    for _ in range(3):
        d = decide(replace(make.view(rec, **unready), now=now, held=held))
        assert not isinstance(d.verdict, Refuse), d.verdict
        rec, held = d.record, d.held


def test_an_old_condition_without_transition_time():
    # api.md 5: items require type, status, reason only
    before = {"conditions": [{"type": "Promoted", "status": "Unknown", "reason": "Waiting"}]}
    present(make.running(), "Deployment", before, make.WALL)


def test_a_takeover_of_our_own_record_does_not_reuse_a_run_id():
    before = make.running(attempt=3)
    status = {"phase": "Progressing", "trackedConfigs": {"configmap/app": "1"}}
    rec = adopt(status, make.world(before), tuple(map(Step, make.STEPS)), make.NOW, before)
    assert rec.run.id not in {"e1-new-1", "e1-new-2", "e1-new-3"}


def test_undelivered_announcements_survive_a_broken_seal():
    before = make.running().say("Canary failed!")
    status = {"phase": "Progressing", "trackedConfigs": {"configmap/app": "1"}}
    rec = adopt(status, make.world(before), tuple(map(Step, make.STEPS)), make.NOW, before)
    assert [a.text for a in rec.outbox] == ["Canary failed!"]


@pytest.mark.parametrize(
    "damage",
    [
        {"scaleTarget": "x"},
        {"scalePrimary": [1]},
        {"weight": 250},
        {"weight": -1},
        {"trafficEnded": "2026-01-01T12:00:00"},
        {"version": True},
        {"version": 0},
    ],
)
def test_more_damage(damage):
    with pytest.raises(ValueError):
        decode(encode(make.running()) | damage)


def test_the_text_of_a_lowered_promotion_names_its_weight():
    v = replace(make.view(make.running(Stage.PROMOTING, 50)), ceiling=30)
    assert "weight 30," in decide(v).record.outbox[-1].text


def test_unknown_keeps_deadline_from_running():
    # "A wait that nobody could look at": frozen Unknown has no problem, so the clock runs on
    rec = make.running(weight=0, step=-1, waiting_since=make.ago(10))
    now, held = make.NOW, Held()
    for t in range(0, 3601, 30):
        now = Now(make.MONO + t, make.WALL + timedelta(seconds=t))
        found = decide(replace(make.view(rec, target=make.UNSEEN), now=now, held=held))
        rec, held = found.record, found.held
    unready = make.target(readiness=Waiting("pulling"), endpoints=0)
    d = decide(replace(make.view(rec, target=unready), now=now, held=held))
    assert not isinstance(d.verdict, Rollback)


def test_problem_reason_changes():
    # a second problem of another reason while the first is announced
    v = make.view(make.running(hold="a", problem="A"), problems=(Problem("B", "a"),))
    assert decide(v).record.problem == "B"
