"""A Canary that is being deleted: what it waits for, and for how long."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.rollout.announcement import Announcement
from canary.rollout.record import Record
from canary.rollout.rules import exits
from canary.rollout.stage import Stage
from canary.rollout.verdict import Done, Hold, Scale, Tidy
from canary.rollout.view import Held, View
from canary.rollout.world import Waiting, World

UNREADY = Waiting("it is not ready")
OUTBOX = (Announcement(1, "told"),)


def leaving(**changes: Any) -> View:
    """A look at a Canary that gives back; names of fields of Record among ``changes`` go to it."""
    of_record = set(Record.__slots__) - set(World.__slots__)
    fields = {name: changes.pop(name) for name in list(changes) if name in of_record}
    view = {name: changes.pop(name) for name in ("held", "delivered") if name in changes}
    record = make.at_rest(Stage.TERMINATING, **{"leaving_since": make.ago(100), **fields})
    return replace(make.view(record, **{"original": True, **changes}), **view)


def test_it_is_pointless_when_the_target_is_gone_or_goes() -> None:
    assert isinstance(exits.pointless(leaving(target=make.GONE)), Done)
    assert isinstance(exits.pointless(leaving(target=make.target(make.OLD, leaving=True))), Done)
    assert exits.pointless(leaving()) is None
    assert exits.pointless(leaving(target=make.UNSEEN)) is None


REJECTED = make.target(make.NEW)
"""A target that runs what was not promoted."""


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"target": REJECTED, "promoted": None},
        {"target": REJECTED, "original": False},
        {"target": REJECTED, "leaving_since": make.ago(make.DEADLINE + 1)},
    ],
    ids=["it has it", "nothing was promoted", "nobody knows it as it was", "overdue"],
)
def test_the_promoted_template_is_not_waited_for(changes: dict[str, Any]) -> None:
    assert exits.given_back(leaving(**changes)) is None


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (make.ago(100), make.MONO + make.DEADLINE - 100),
        (make.ago(make.DEADLINE), make.MONO),
        (None, make.MONO + make.DEADLINE),
    ],
)
def test_the_promoted_template_is_waited_for_until_the_deadline(since: Any, until: float) -> None:
    hold = exits.given_back(leaving(target=REJECTED, leaving_since=since))
    assert isinstance(hold, Hold)
    assert hold.until == pytest.approx(until, abs=0.01)


def test_what_cannot_be_read_is_waited_for() -> None:
    assert exits.given_back(leaving(target=make.target(make.UNSEEN))) == Hold(make.UNSEEN.why)


def test_a_target_without_pods_is_started_once() -> None:
    empty = make.target(make.OLD, replicas=0)
    assert isinstance(exits.sized(leaving(target=empty)), Scale)
    assert exits.sized(leaving(target=empty, scale_target=2)) is None
    assert exits.sized(leaving()) is None
    assert exits.sized(leaving(target=make.GONE)) is None


def test_the_target_is_ready_first_unless_the_primary_serves_nobody() -> None:
    unready = make.target(make.OLD, readiness=UNREADY)
    assert isinstance(exits.serving(leaving(target=unready)), Hold)
    assert exits.serving(leaving(target=unready, primary=make.primary(endpoints=0))) is None
    assert exits.serving(leaving()) is None


@pytest.mark.parametrize(("released", "waits"), [(True, False), (False, True)])
def test_what_was_never_set_up_waits_only_where_something_leads_to_the_primary(
    released: bool, waits: bool
) -> None:
    unready = make.target(make.OLD, readiness=UNREADY)
    view = leaving(target=unready, promoted=None, released=released)
    assert (exits.serving(view) is not None) is waits


@pytest.mark.parametrize(
    "changes",
    [
        {"primary": make.UNSEEN},
        {"target": make.target(make.OLD, leaving=True)},
        {"target": REJECTED},
        {"target": make.target(make.OLD, replicas=0)},
        {"target": make.target(make.OLD, readiness=UNREADY)},
    ],
)
def test_nothing_is_released_before_the_target_serves(changes: dict[str, Any]) -> None:
    assert exits.may_release(leaving())
    assert not exits.may_release(leaving(**changes))


@pytest.mark.parametrize(
    ("held", "until"),
    [
        (Held("released", make.MONO - 100), make.MONO + make.DRAIN),
        (Held("drained", make.MONO - make.DRAIN + 1), make.MONO + 1),
        (Held("drained", make.MONO - make.DRAIN), None),
    ],
)
def test_the_primary_drains_from_when_all_is_given_back(held: Held, until: float | None) -> None:
    found = exits.drained(leaving(held=held))
    assert (found.until if isinstance(found, Hold) else None) == until


def test_what_is_out_leaves_the_record() -> None:
    assert isinstance(exits.told(leaving(outbox=OUTBOX, delivered=frozenset({1}))), Tidy)
    assert isinstance(exits.told(leaving(outbox=OUTBOX, delivered=frozenset({9}))), Hold)
    assert isinstance(exits.told(leaving(delivered=frozenset({1}))), Hold)


@pytest.mark.parametrize(
    ("rule", "since", "until", "goes"),
    [
        ("drained", make.MONO - 100, make.MONO + exits.TELLING, False),
        ("told", make.MONO - 4, make.MONO - 4 + exits.TELLING, False),
        ("told", make.MONO - exits.TELLING, None, True),
    ],
)
def test_the_last_events_get_a_while(
    rule: str, since: float, until: float | None, goes: bool
) -> None:
    seen = leaving(outbox=OUTBOX, held=Held(rule, since))
    hold = exits.told(seen)
    assert isinstance(hold, Hold)
    assert hold.until == until
    assert exits.may_go(seen) is goes


def test_with_nothing_to_tell_it_may_go() -> None:
    assert exits.may_go(leaving(held=Held("drained", make.MONO)))
