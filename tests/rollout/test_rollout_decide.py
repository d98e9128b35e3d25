"""When to look again, what a time of blindness leaves behind, and what a view knows."""

from __future__ import annotations

from dataclasses import replace

import factory as make
import pytest

from canary.api.hooks import HookType
from canary.rollout.decide import decide
from canary.rollout.observed import Unknown
from canary.rollout.questions import Availability, Evaluation, Gate, Known
from canary.rollout.record import Revision
from canary.rollout.rules import Rule, analysis, promotion, readiness
from canary.rollout.rules.analysis import question
from canary.rollout.settled import primary_resized, settled, target_resized
from canary.rollout.speak import speaks_at
from canary.rollout.stage import Stage
from canary.rollout.verdict import Hold, Repeat, Rollback
from canary.rollout.view import Held, Timing, View
from canary.rollout.world import Problem, Stuck, Waiting

WAITS = Waiting("it is not ready")
LONG_AGO = make.ago(make.DEADLINE + 1)
FROZEN = Held("suspended", make.MONO - 1000, frozen=True)


def test_the_deadline_of_a_wait_ends_a_run() -> None:
    waiting = make.view(make.running(waiting_since=LONG_AGO), target=make.target(readiness=WAITS))
    assert isinstance(decide(waiting).verdict, Rollback)
    assert isinstance(decide(replace(waiting, held=FROZEN)).verdict, Hold)


def test_a_freeze_that_goes_on_leaves_the_clock_of_the_wait_alone() -> None:
    seen = make.view(make.running(waiting_since=LONG_AGO, hold="suspended"), held=FROZEN)
    suspended = replace(seen, canary=make.canary(suspend=True))
    assert decide(suspended).record.run.waiting_since == LONG_AGO


def test_a_freeze_begins_no_wait() -> None:
    paused = make.view(make.running(paused="by ann"), held=FROZEN)
    decision = decide(make.answered(paused, make.passed()))
    assert isinstance(decision.verdict, Repeat)
    assert decision.record.run.waiting_since is None


@pytest.mark.parametrize(
    ("scale_target", "matched", "wakes"),
    [
        (0, 1.0, make.MONO - 1 + make.DRAIN),
        (0, make.DRAIN, None),
        (2, 1.0, None),
        (None, 1.0, None),
    ],
    ids=["drains", "has drained", "starts", "nothing to do"],
)
def test_a_target_that_is_to_go_to_zero_is_looked_at_when_it_has_drained(
    scale_target: int | None, matched: float, wakes: float | None
) -> None:
    record = make.at_rest(scale_target=scale_target)
    route = make.route(0, matched_at=make.MONO - matched)
    seen = make.view(record, target=make.target(make.OLD, replicas=1), route=route)
    assert decide(seen).wake_at == wakes


def test_what_has_to_be_said_wakes_also_while_nobody_knows_when_it_has_drained() -> None:
    pending = make.view(
        make.at_rest(scale_target=0),
        target=make.target(make.NEW),
        primary=make.primary(readiness=WAITS),
        route=make.route(0, confirmed=False),
    )
    assert decide(pending).wake_at == make.MONO + make.INTERVAL


def test_a_run_is_there_in_stages_that_have_one_only() -> None:
    with pytest.raises(AssertionError, match="Succeeded without a run"):
        _ = make.view(make.at_rest()).run


def test_a_target_starts_in_the_size_of_the_primary_also_when_it_is_not_there() -> None:
    seen = make.view(make.at_rest(), target=make.GONE, primary=make.primary(replicas=3))
    assert seen.first_replicas == 3
    assert replace(seen, world=replace(seen.world, primary=make.GONE)).first_replicas == 1
    least = make.view(make.at_rest(), target=make.target(least=4))
    assert least.first_replicas == 4


def test_what_is_unknown_of_a_target_says_why() -> None:
    unread = make.view(make.at_rest(), target=make.target(Unknown("a digest is being read")))
    assert unread.revision == Unknown("a digest is being read")
    assert make.view(make.at_rest(), target=make.GONE).revision == Unknown(
        "the target is not there"
    )


def test_a_recognised_revision_keeps_where_it_was_seen() -> None:
    seen = Revision("other-defaults", {"configmap/app": "3"}, "uid", 2)
    found = make.view(make.running()).recognised(seen)
    assert (found.template, found.configs) == ("e1-new", {"configmap/app": "3"})
    assert (found.uid, found.generation) == ("uid", 2)


def test_what_was_answered_in_the_same_moment_is_asked_with_it() -> None:
    seen = make.view(make.running(polls=4))
    now = question(seen)
    same = Gate(now.run, HookType.ROLLOUT, 4)
    before = (Gate(now.run, HookType.ROLLOUT, 3), Evaluation("e1-other-1", 0, 4), Availability(3))
    answers = {asked: Known(None, make.MONO) for asked in (same, *before)}
    seen = replace(seen, answers=answers)
    assert seen.asking(now) == {now, same}
    assert seen.asking(Availability(4)) == {Availability(4)}


@pytest.mark.parametrize(
    ("confirmed", "live", "drained"), [(True, 0.0, 5.0), (None, 8.0, 8.0), (False, None, None)]
)
def test_a_settle_time_longer_than_the_drain_counts_where_nothing_confirms(
    confirmed: bool | None, live: float | None, drained: float | None
) -> None:
    timing = Timing(make.INTERVAL, 8.0, 5.0, make.DEADLINE)
    seen = make.view(make.running(weight=10), route=make.route(10, confirmed=confirmed))
    seen = replace(seen, timing=timing)
    assert (seen.live_at, seen.drained_at) == (live, drained)


@pytest.mark.parametrize(
    ("stage", "problems", "hold"),
    [
        (Stage.SUCCEEDED, (), ""),
        (Stage.SUCCEEDED, (Problem("InvalidSpec", "wrong"),), "wrong"),
        (Stage.INITIALIZING, (), "wrong"),
    ],
)
def test_at_rest_a_hold_is_over_when_nothing_is_wrong_any_more(
    stage: Stage, problems: tuple[Problem, ...], hold: str
) -> None:
    seen = make.view(make.at_rest(stage, hold="wrong", problem="x"), problems=problems)
    assert settled(seen).hold == hold


@pytest.mark.parametrize(("replicas", "command", "known"), [(0, None, 3), (2, None, 2), (0, 5, 0)])
def test_the_size_of_a_primary_is_learnt_once_it_has_the_one_it_is_to_have(
    replicas: int, command: int | None, known: int
) -> None:
    record = make.at_rest(primary_replicas=replicas, scale_primary=command)
    seen = make.view(record, primary=make.primary(replicas=3))
    assert settled(seen).primary_replicas == known


@pytest.mark.parametrize(
    ("replicas", "wanted", "autoscaled", "done"),
    [(3, 3, False, True), (5, 3, False, False), (5, 3, True, True), (2, 3, True, False)],
)
def test_a_primary_has_its_size_or_more_where_an_autoscaler_decides(
    replicas: int, wanted: int, autoscaled: bool, done: bool
) -> None:
    world = make.view(make.at_rest(), primary=make.primary(replicas=replicas)).world
    assert primary_resized(world, wanted, autoscaled=autoscaled) is done
    gone = replace(world, primary=make.GONE)
    assert not primary_resized(gone, wanted, autoscaled=autoscaled)


@pytest.mark.parametrize(
    ("replicas", "wanted", "done"), [(2, 0, False), (0, 0, True), (0, 2, False), (1, 2, True)]
)
def test_a_target_is_started_when_it_has_pods_and_stopped_when_it_has_none(
    replicas: int, wanted: int, done: bool
) -> None:
    seen = make.view(make.at_rest(), target=make.target(replicas=replicas))
    assert target_resized(seen, wanted) is done
    unsized = make.view(make.at_rest(), target=make.target(replicas=replicas, scales=False))
    assert target_resized(unsized, wanted)


def test_a_hold_without_words_leaves_those_of_the_last_one() -> None:
    seen: View = make.view(make.running(hold="before"))
    assert speaks_at(seen, Hold("paced")) is None


@pytest.mark.parametrize(
    ("uid", "generation", "same"),
    [("uid", 1, True), ("uid", 2, False), ("other", 1, False)],
)
def test_a_digest_is_known_by_the_object_it_was_taken_on(
    uid: str, generation: int, same: bool
) -> None:
    assert make.OLD.taken_on(uid, generation) is same
    ungenerated = replace(make.OLD, generation=0)
    assert not ungenerated.taken_on("uid", 0)


def test_only_a_canary_that_failed_falls() -> None:
    assert make.running(Stage.FAILED, falling=True).falls
    assert not make.running(Stage.PROMOTING, falling=True).falls
    assert not make.running(Stage.FAILED).falls
    assert not make.at_rest(Stage.FAILED).falls


@pytest.mark.parametrize(
    "rule",
    [analysis.superseded, promotion.moved_on, promotion.unjudged, readiness.restored],
)
def test_an_unknown_revision_is_no_change(rule: Rule) -> None:
    unread = make.target(Unknown("a digest is being read"))
    record = make.running(Stage.FAILED, weight=50)
    stuck = make.primary(readiness=Stuck("stuck"))
    for primary in (make.primary(), stuck):
        facts = {"target": unread, "primary": primary}
        assert rule(make.view(replace(record, primary=make.NEWER), **facts)) is None
