"""Rules of a Canary that is being set up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.rollout.decide import decide
from canary.rollout.observed import Unknown
from canary.rollout.questions import Availability, Known
from canary.rollout.record import Record, Revision
from canary.rollout.rules import start
from canary.rollout.stage import Stage
from canary.rollout.verdict import Ask, Done, Hold, Note, Pin, Start
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
