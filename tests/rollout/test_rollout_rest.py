"""Rules of a Canary at rest: what starts a run, and what is set right without one."""

from __future__ import annotations

from dataclasses import replace

import factory as make
import pytest

from canary.rollout.decide import decide
from canary.rollout.observed import Unknown
from canary.rollout.record import Revision, Run
from canary.rollout.rules import readiness, start
from canary.rollout.stage import Stage
from canary.rollout.verdict import Hold, Scale, Shift, Start, Tidy
from canary.rollout.view import Held
from canary.rollout.world import Stuck, Waiting


def test_a_digest_that_is_being_read_is_waited_for() -> None:
    unread = make.target(Unknown("Secret test/app is being read"))
    assert isinstance(start.changed(make.view(make.at_rest(), target=unread)), Hold)


@pytest.mark.parametrize("stage", [Stage.INITIALIZED, Stage.SUCCEEDED, Stage.FAILED])
def test_a_new_revision_starts_a_run(stage: Stage) -> None:
    verdict = start.changed(make.view(make.at_rest(stage), target=make.target(make.NEW)))
    assert isinstance(verdict, Start)
    assert verdict.revision == make.NEW


@pytest.mark.parametrize("revision", [make.OLD, make.NEW])
def test_neither_the_promoted_nor_the_last_applied_revision_is_new(revision: Revision) -> None:
    # lifecycle.md 8
    record = make.at_rest(Stage.FAILED, applied=make.NEW)
    assert start.changed(make.view(record, target=make.target(revision))) is None


def test_other_data_alone_is_a_new_revision() -> None:
    record = make.at_rest(applied=make.NEW, promoted=make.NEW)
    verdict = start.changed(make.view(record, target=make.target(make.DATA)))
    assert isinstance(verdict, Start)
    assert verdict.recycle, "pods that still run would keep the old data"
    empty = make.target(make.DATA, replicas=0, pods=0)
    from_zero = start.changed(make.view(record, target=empty))
    assert isinstance(from_zero, Start)
    assert not from_zero.recycle


def test_a_new_default_of_the_api_server_is_no_change() -> None:
    # The same (uid, generation) is the same template (design.md).
    redefaulted = Revision("e1-defaulted", make.OLD.configs, make.OLD.uid, make.OLD.generation)
    assert start.changed(make.view(make.at_rest(), target=make.target(redefaulted))) is None
    recreated = replace(redefaulted, uid="another")
    verdict = start.changed(make.view(make.at_rest(), target=make.target(recreated)))
    assert isinstance(verdict, Start)


@pytest.mark.parametrize(
    "primary", [make.primary(readiness=Waiting("0 of 2")), make.primary(endpoints=0), make.GONE]
)
def test_a_new_revision_waits_for_a_healthy_primary(primary: object) -> None:
    # D4: keep the revision pending; D1: it isn't recorded as applied
    seen = make.view(make.at_rest(), target=make.target(make.NEW), primary=primary)
    decision = decide(seen)
    assert isinstance(decision.verdict, Hold)
    assert decision.record.applied == make.OLD
    skip = replace(seen, canary=make.canary(skipAnalysis=True))
    assert isinstance(start.changed(skip), Start)


def test_nothing_is_written_at_rest() -> None:
    # D2: no write without change
    for stage in (Stage.INITIALIZED, Stage.SUCCEEDED, Stage.FAILED):
        record = make.at_rest(stage)
        decision = decide(make.view(record, target=make.target(make.OLD, replicas=0, pods=0)))
        assert decision.record == record
        assert decision.wake_at is None


def test_nothing_is_written_at_rest_after_a_time_in_which_nobody_could_look() -> None:
    """A new process sees nothing at first; the waits of a run that has ended don't go on."""
    for stage in (Stage.SUCCEEDED, Stage.FAILED):
        run = Run(make.OLD, waiting_since=make.ago(300))
        seen = make.view(
            make.at_rest(stage, run=run), target=make.target(make.OLD, replicas=0, pods=0)
        )
        decision = decide(replace(seen, held=Held("unknown", make.MONO - 1, frozen=True)))
        assert decision.record == seen.record


def test_at_rest_a_carried_out_command_leaves_the_record() -> None:
    record = make.at_rest(scale_target=0)
    decision = decide(make.view(record, target=make.target(make.OLD, replicas=0)))
    assert isinstance(decision.verdict, Tidy)
    assert decision.record.scale_target is None


def test_a_scale_down_that_waits_for_draining_wakes_when_it_is_over() -> None:
    record = make.at_rest(scale_target=0)
    seen = make.view(record, route=make.route(0, matched_at=make.MONO - 1))
    assert decide(seen).wake_at == make.MONO - 1 + make.DRAIN


def test_so_does_one_behind_a_revision_that_is_pending() -> None:
    seen = make.view(
        make.at_rest(Stage.FAILED, scale_target=0),
        target=make.target(make.NEW),
        primary=make.primary(endpoints=0),
        route=make.route(0, matched_at=make.MONO - 1),
    )
    assert decide(seen).rule == "changed"
    assert decide(seen).wake_at == make.MONO - 1 + make.DRAIN


FAILED = make.at_rest(Stage.FAILED, applied=make.NEW)


def test_failed_and_reverted_is_remembered_and_nothing_runs() -> None:
    # scenario S48: the failed revision set again then starts a new run
    back = make.view(FAILED, target=make.target(make.OLD))
    assert isinstance(start.returned(back), Tidy)
    record = decide(back).record
    assert record.applied == make.OLD
    assert isinstance(start.changed(make.view(record, target=make.target(make.NEW))), Start)


REFUSED = make.at_rest(Stage.FAILED, applied=make.NEW, primary=make.NEW, weight=100)
"""A promotion of NEW failed: the canary serves, the primary is broken."""


def test_after_a_failed_promotion_a_revert_restores_the_primary() -> None:
    back = make.view(REFUSED, target=make.target(make.OLD))
    verdict = readiness.restored(back)
    assert isinstance(verdict, Scale)
    assert verdict.restore
    assert decide(back).record.primary == make.OLD
    assert decide(back).record.weight == 100
    assert readiness.restored(make.view(REFUSED, target=make.target(make.NEW))) is None


def test_a_release_that_mends_a_failed_promotion_gets_a_primary_that_can_serve() -> None:
    # Found by simulation (L2): it waited for ever for a primary that was stuck.
    stuck = make.primary(readiness=Stuck("exceeded its progress deadline"), endpoints=0)
    seen = make.view(REFUSED, target=make.target(make.NEWER), primary=stuck)
    verdict = decide(seen).verdict
    assert isinstance(verdict, Scale)
    assert verdict.restore
    rejected = make.view(REFUSED, target=make.target(make.NEW), primary=stuck)
    assert readiness.restored(rejected) is None
    healthy = make.view(REFUSED, target=make.target(make.NEWER))
    assert isinstance(decide(healthy).verdict, Start)


def test_a_restored_primary_takes_the_traffic_back_once_it_is_ready() -> None:
    record = replace(REFUSED, primary=make.OLD)
    healthy = make.view(record, target=make.target(make.OLD))
    assert start.returned(healthy) == Shift("the promoted primary is ready again", weight=0)
    after = decide(healthy).record
    assert (after.weight, after.scale_target, after.stage) == (0, 0, Stage.FAILED)
    for primary in (
        make.primary(readiness=Waiting("0 of 2")),
        make.primary(endpoints=0),
        make.primary(make.NEW.template),
    ):
        seen = make.view(record, target=make.target(make.OLD), primary=primary)
        assert isinstance(start.returned(seen), Hold)
