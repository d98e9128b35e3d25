"""How long ago a canary without traffic may have lost it, at a takeover (S5; by simulation)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import factory as make
import pytest

from canary.rollout.adopt import adopt
from canary.rollout.plan import Step
from canary.rollout.record import Record

STEPS = tuple(Step(weight) for weight in make.STEPS)
WRITTEN = make.ago(40)
"""When Flagger last wrote its status."""


def taken(phase: str, weight: int = 0, **status: Any) -> Record:
    world = make.world(make.at_rest(), target=make.target(make.NEW), route=make.route(weight))
    record = adopt({"phase": phase, **status}, world, STEPS, make.NOW)
    assert isinstance(record, Record)
    return record


def text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("status", "since"),
    [
        ({"lastTransitionTime": text(WRITTEN)}, WRITTEN),
        ({"lastTransitionTime": text(make.WALL + timedelta(hours=1))}, make.WALL),
        ({}, make.WALL),
    ],
)
@pytest.mark.parametrize("phase", ["Failed", "Initialized"])
def test_at_rest_it_is_the_last_write_at_the_latest(
    phase: str, status: dict[str, Any], since: datetime
) -> None:
    assert taken(phase, **status).traffic_ended == since


def test_a_run_that_had_none_yet_looks_back_no_further() -> None:
    run = taken("Progressing", lastTransitionTime=text(WRITTEN)).run
    assert run is not None
    assert run.quiet_since == WRITTEN


def test_a_run_with_traffic_goes_on() -> None:
    run = taken("Progressing", weight=10, lastTransitionTime=text(WRITTEN)).run
    assert run is not None
    assert run.quiet_since is None
