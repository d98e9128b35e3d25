"""Rules of a Canary that is being set up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.rollout.decide import decide
from canary.rollout.observed import Absent, Unknown
from canary.rollout.questions import Availability, Known
from canary.rollout.record import Record, Revision
from canary.rollout.rules import Rule, start
from canary.rollout.stage import Stage
from canary.rollout.verdict import Ask, Done, Hold, Note, Pin, Shift, Start, Tidy, Verdict
from canary.rollout.view import View
from canary.rollout.world import Stuck, Waiting

FRESH = Record()
AVAILABILITY = Availability(3)
"""3 is the generation of the factory's Canary."""


def fresh(**changes: object) -> View:
    """A Canary that nobody has looked at yet; its target is at NEW."""
    return make.view(FRESH, **{"target": make.target(make.NEW), **changes})


def test_a_missing_primary_starts_as_a_copy_of_the_target() -> None:
    verdict = start.pinned_first(fresh(primary=make.GONE))
    assert verdict == Pin("the primary starts as a copy of the target", make.NEW)


def test_an_existing_primary_that_equals_the_target_is_taken_as_it_is() -> None:
    verdict = start.pinned_first(fresh(target=make.target(make.NEW, same_as_primary=True)))
    assert isinstance(verdict, Pin)
    assert verdict.revision == make.NEW


def test_an_existing_primary_that_differs_is_what_users_are_served() -> None:
    # D21: on initialization compare; the target is then a change
    verdict = start.pinned_first(fresh())
    assert isinstance(verdict, Pin)
    assert verdict.revision == Revision("e1-primary")


def test_a_target_that_changes_before_the_primary_exists_is_pinned_again() -> None:
    record = replace(FRESH, primary=make.NEW)
    changed = make.view(record, primary=make.GONE, target=make.target(make.NEWER))
    verdict = start.pinned_first(changed)
    assert isinstance(verdict, Pin)
    assert verdict.revision == make.NEWER
    same = make.view(record, primary=make.GONE, target=make.target(make.NEW))
    assert start.pinned_first(same) is None
    exists = make.view(record, target=make.target(make.NEWER))
    assert start.pinned_first(exists) is None


def test_a_first_image_that_never_started_gives_way_to_the_one_that_mends_it() -> None:
    # Nobody is served by it: without this the Canary would wait for ever (found by simulation).
    record = replace(FRESH, primary=make.NEW)
    broken = make.primary(endpoints=0, readiness=Waiting("0 of 2 replicas are available"))
    mended = {"primary": broken, "target": make.target(make.NEWER)}
    verdict = start.pinned_first(make.view(record, apex_ready=False, **mended))
    assert isinstance(verdict, Pin)
    assert verdict.revision == make.NEWER
    serving = make.view(record, apex_ready=True, **mended)
    assert start.pinned_first(serving) is None, "users are sent there: not ours to exchange"
    mended["primary"] = make.primary(endpoints=1, readiness=Stuck("exceeded its progress deadline"))
    stuck = start.pinned_first(make.view(record, apex_ready=True, **mended))
    assert isinstance(stuck, Pin), "an old pod serves on until the mended one is ready"


def test_a_target_service_that_selected_nothing_ready_gives_way_as_well() -> None:
    # Its users call it by the route, which leads them to nobody (found by simulation).
    service = {"apiVersion": "v1", "kind": "Service", "name": "podinfo"}

    def looked(endpoints: int) -> Verdict | None:
        record = replace(FRESH, primary=make.NEW)
        seen = {"primary": make.primary(endpoints=endpoints), "target": make.target(make.NEWER)}
        view = replace(make.view(record, **seen), canary=make.canary(targetRef=service))
        return start.pinned_first(view)

    assert isinstance(looked(0), Pin)
    assert looked(1) is None


def test_a_digest_that_is_being_read_is_waited_for() -> None:
    unread = make.target(Unknown("Secret test/app is being read"))
    assert isinstance(start.pinned_first(fresh(target=unread)), Hold)


def test_metric_providers_are_probed_once() -> None:
    record = replace(FRESH, primary=make.NEW)
    seen = make.view(record, target=make.target(make.NEW))
    decision = decide(seen)
    assert isinstance(decision.verdict, Ask)
    assert decision.asks == {AVAILABILITY}
    well = replace(seen, answers={AVAILABILITY: Known("", make.MONO)})
    noted = decide(well).record
    # lifecycle.md 10
    assert noted.outbox[-1].text == "all the metrics providers are available!"
    assert not noted.outbox[-1].warning
    assert noted.metrics_checked
    assert start.availability(replace(seen, record=noted)) is None


def test_a_metric_provider_that_does_not_answer_stops_nothing() -> None:
    seen = make.view(replace(FRESH, primary=make.NEW))
    verdict = start.availability(
        replace(seen, answers={AVAILABILITY: Known("prometheus not avaiable: refused", 0.0)})
    )
    assert isinstance(verdict, Note)
    # lifecycle.md 10
    assert verdict.text == "Error checking metric providers: prometheus not avaiable: refused"
    assert verdict.warning


def test_with_skip_analysis_no_metric_provider_is_probed() -> None:
    seen = replace(make.view(FRESH), canary=make.canary(skipAnalysis=True))
    assert start.availability(seen) is None


INITIALIZING = make.at_rest(Stage.INITIALIZING, applied=None, promoted=None)


@pytest.mark.parametrize(
    "world",
    [
        {"primary": make.primary(readiness=Waiting("1 of 2"))},
        {"primary": make.primary(endpoints=0)},
        {"primary": make.GONE},
        {"apex_ready": False},
        {"route": make.GONE},
        {"route": make.route(30)},
        {"route": make.route(0, confirmed=False)},
        {"route": make.route(0, matched_at=make.MONO - make.DRAIN + 1)},
    ],
    ids=lambda world: str(*world),
)
def test_the_target_keeps_its_pods_until_the_primary_serves_alone(
    world: dict[str, object],
) -> None:
    # D22: never scale the target down before the primary is ready
    decision = decide(make.view(INITIALIZING, **world))
    assert isinstance(decision.verdict, Hold)
    assert decision.record.scale_target is None


def test_initialization_ends_when_the_primary_serves_alone() -> None:
    decision = decide(make.view(INITIALIZING))
    assert isinstance(decision.verdict, Done)
    record = decision.record
    assert record.stage is Stage.INITIALIZED
    assert record.applied == record.promoted == record.primary == make.OLD
    assert record.scale_target == 0
    assert record.primary_replicas == 2
    # lifecycle.md 10
    assert record.outbox[-1].text == "Initialization done! podinfo.test"


def test_a_target_that_changed_meanwhile_is_a_change_after_initialization() -> None:
    seen = make.view(INITIALIZING, target=make.target(make.NEW))
    record = decide(seen).record
    assert record.promoted == make.OLD
    assert isinstance(start.changed(make.view(record, target=make.target(make.NEW))), Start)


@pytest.mark.parametrize(
    ("world", "pins"),
    [
        ({"primary": make.GONE}, True),
        ({"primary": make.primary(endpoints=0), "apex_ready": False}, True),
        ({"primary": make.primary(readiness=Stuck("stuck"))}, True),
        ({"primary": make.primary(endpoints=0)}, False),
        ({"apex_ready": False}, False),
        ({"primary": make.UNSEEN}, False),
    ],
)
def test_a_primary_that_never_served_is_pinned_to_the_newer_target(
    world: dict[str, Any], pins: bool
) -> None:
    record = make.at_rest(Stage.INITIALIZING)
    found = start.pinned_first(make.view(record, target=make.target(make.NEW), **world))
    assert isinstance(found, Pin) is pins


@pytest.mark.parametrize("rule", [start.changed, start.begun])
def test_an_unknown_revision_is_waited_for_blindly(rule: Rule) -> None:
    seen = make.view(make.at_rest(), target=make.target(make.UNSEEN))
    assert rule(seen) == Hold(make.UNSEEN.why, blind=True)


def test_a_primary_that_is_just_made_is_not_complained_of() -> None:
    waiting = make.view(INITIALIZING, primary=make.primary(readiness=Waiting("pulling")))
    absent = make.view(INITIALIZING, primary=make.GONE)
    found = [start.primary_started(seen) for seen in (waiting, absent)]
    assert [hold.text for hold in found if isinstance(hold, Hold)] == ["pulling", ""]


@pytest.mark.parametrize(
    ("route", "mirror", "text"),
    [
        (Absent(), False, "the route does not exist yet"),
        (Absent("no such route"), False, "no such route"),
        (make.route(20), False, "the route carries 20 % instead of 10 %"),
        (make.route(10), True, "the route does not mirror yet"),
        (make.route(10, mirror=True), False, "the route still mirrors"),
        (make.route(10), False, "weight 10 settles"),
        (make.route(10, why="the gateway refuses"), False, "the gateway refuses"),
    ],
)
def test_why_a_weight_is_not_live(route: Any, mirror: bool, text: str) -> None:
    assert start.route_wait(make.view(make.running(mirror=mirror), route=route)) == text


@pytest.mark.parametrize(
    ("new", "old", "pods", "replicas", "recycles"),
    [
        (make.DATA, make.NEW, 2, 2, True),
        (make.DATA, make.NEW, 2, 0, True),
        (make.DATA, make.NEW, 0, 2, True),
        (make.DATA, make.NEW, 0, 0, False),
        (make.DATA, None, 2, 2, False),
        (make.NEW, make.NEW, 2, 2, False),
        (make.NEWER, make.NEW, 2, 2, False),
    ],
)
def test_pods_are_replaced_when_only_data_changed(
    new: Revision, old: Revision | None, pods: int, replicas: int, recycles: bool
) -> None:
    seen = make.view(make.at_rest(), target=make.target(new, pods=pods, replicas=replicas))
    assert start.needs_recycling(seen, new, old) is recycles
    assert not start.needs_recycling(make.view(make.at_rest(), target=make.GONE), new, old)


BACK = make.running(Stage.FAILED, 100, primary=make.OLD)
"""A failed promotion whose primary has the promoted template again."""
IS_BACK = make.target(make.OLD)


@pytest.mark.parametrize(
    ("record", "ceiling", "shifts"),
    [(BACK, 50, True), (BACK, None, False), (BACK, 100, False),
     (replace(BACK, primary=make.NEW), 50, False)],
)  # fmt: skip
def test_a_return_whose_record_was_refused_goes_on(
    record: Record, ceiling: int | None, shifts: bool
) -> None:
    seen = replace(make.view(record, target=IS_BACK), ceiling=ceiling)
    assert isinstance(start.returning(seen), Shift) is shifts


@pytest.mark.parametrize(
    ("record", "world", "kind"),
    [
        (BACK, {"target": make.target(make.NEWER)}, None),
        (BACK, {"target": IS_BACK}, Shift),
        (BACK, {"target": IS_BACK, "primary": make.GONE}, Hold),
        (BACK, {"target": IS_BACK, "primary": make.primary("e1-new")}, Hold),
        (replace(BACK, primary=make.NEW), {"target": IS_BACK}, Tidy),
        (replace(BACK, weight=0), {"target": IS_BACK}, Tidy),
        (replace(BACK, weight=0, applied=make.OLD), {"target": IS_BACK}, None),
    ],
)
def test_a_target_that_is_back_after_a_failure(
    record: Record, world: dict[str, Any], kind: type[Verdict] | None
) -> None:
    found = start.returned(make.view(record, **world))
    assert (type(found) if found else None) is kind


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (make.at_rest(), Hold),
        (make.at_rest(queued=make.WALL), Tidy),
        (make.at_rest(scale_target=2), Tidy),
    ],
)
def test_what_is_done_leaves_the_record_at_rest(record: Record, kind: type[Verdict]) -> None:
    assert type(start.at_rest(make.view(record))) is kind
