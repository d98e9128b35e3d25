"""How far a run of Flagger's had come (D18), and the cookies that its users have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.rollout.adopt import adopt
from canary.rollout.plan import Step, step_at
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from providers.interface import Affinity

WEIGHTS = (Step(10), Step(50))
MIRRORED = (Step(0, mirror=True), *WEIGHTS)
BLUE_GREEN = (Step(0, iteration=1), Step(0, iteration=2), Step(0, iteration=3),
              Step(100, iteration=4, guarded=True))  # fmt: skip
TESTED = tuple(Step(100, iteration=number, tested=True) for number in (1, 2, 3))


def taken(
    phase: str, steps: tuple[Step, ...], weight: int, *, mirror: bool = False, **status: Any
) -> Record:
    """What is taken over of a Canary in ``phase`` at ``weight``."""
    route = make.route(weight, mirror=mirror)
    target = make.target(make.NEW, same_as_primary=False)
    world = make.world(make.at_rest(), target=target, route=route)
    record = adopt({"phase": phase, **status}, world, steps, make.NOW)
    assert isinstance(record, Record)
    return record


@pytest.mark.parametrize(
    ("steps", "phase", "weight", "mirror", "iterations", "step", "iteration"),
    [
        (WEIGHTS, "Progressing", 0, False, 0, -1, 0),
        (WEIGHTS, "Progressing", 10, False, 0, 0, 0),
        (WEIGHTS, "Progressing", 10, True, 0, 0, 0),
        (WEIGHTS, "Progressing", 0, True, 0, -1, 0),
        (WEIGHTS, "WaitingPromotion", 50, False, 0, 1, 0),
        (MIRRORED, "Progressing", 0, True, 0, 0, 0),
        (MIRRORED, "Progressing", 0, False, 0, -1, 0),
        (MIRRORED, "Progressing", 10, True, 0, 1, 0),
        (BLUE_GREEN, "Progressing", 0, False, 0, -1, 0),
        (BLUE_GREEN, "Progressing", 0, False, 1, 0, 1),
        (BLUE_GREEN, "Progressing", 0, False, 2, 1, 2),
        (BLUE_GREEN, "Progressing", 0, False, 3, 2, 3),
        (BLUE_GREEN, "Progressing", 0, False, 4, 3, 4),
        (BLUE_GREEN, "Progressing", 100, False, 2, 3, 4),
        (BLUE_GREEN, "WaitingPromotion", 0, False, 2, 2, 3),
        (BLUE_GREEN, "WaitingPromotion", 0, False, 3, 2, 3),
        (TESTED, "Progressing", 0, False, 0, -1, 0),
        (TESTED, "Progressing", 100, False, 1, 0, 1),
        (TESTED, "Progressing", 100, False, 2, 1, 2),
        (TESTED, "Progressing", 100, False, 7, 2, 3),
        (TESTED, "WaitingPromotion", 100, False, 2, 2, 3),
    ],
)
def test_the_step_that_flagger_had_reached(
    steps: tuple[Step, ...],
    phase: str,
    weight: int,
    mirror: bool,
    iterations: int,
    step: int,
    iteration: int,
) -> None:
    run = taken(phase, steps, weight, mirror=mirror, iterations=iterations).run
    assert run is not None
    assert (run.step, run.iteration) == (step, iteration)
    assert run.tested is (steps is TESTED and step >= 0)


def test_without_traffic_no_step_is_reached() -> None:
    assert step_at(MIRRORED, 0) == -1
    assert step_at(MIRRORED, 10) == 1


@pytest.mark.parametrize(
    ("phase", "mirror", "taken_over"),
    [("Progressing", True, True), ("Progressing", False, False), ("Failed", True, False)],
)
def test_a_run_goes_on_mirroring(phase: str, mirror: bool, taken_over: bool) -> None:
    assert taken(phase, MIRRORED, 0, mirror=mirror).mirror is taken_over


COOKIES = {
    "sessionAffinityCookie": "app=canary",
    "primarySessionAffinityCookie": "app=primary",
    "previousSessionAffinityCookie": "app=before",
}


@pytest.mark.parametrize(
    ("weight", "changed", "kept"),
    [
        (10, {}, ("app=canary", "app=primary", "app=before")),
        # It is said to users with the canary's weight only; Flagger writes "=" for none.
        (0, {}, ("app=canary", "", "app=before")),
        (10, {"primarySessionAffinityCookie": "=x"}, ("app=canary", "", "app=before")),
        (10, dict.fromkeys(COOKIES), ("", "", "")),
    ],
)
def test_the_cookies_of_users(
    weight: int, changed: dict[str, Any], kept: tuple[str, str, str]
) -> None:
    canary, primary, previous = kept
    found = taken("Progressing", WEIGHTS, weight, **(COOKIES | changed)).affinity
    assert found == Affinity(canary=canary, primary=primary, previous=previous)


def test_a_damaged_record_of_ours_keeps_its_counters() -> None:
    before = replace(make.running(seq=7, epoch=3), runs=4, adoptions=1)
    world = make.world(make.at_rest(), target=make.target(make.NEW), route=make.route(10))
    record = adopt({"phase": "Progressing"}, world, WEIGHTS, make.NOW, before)
    assert isinstance(record, Record)
    assert (record.seq, record.epoch, record.adoptions, record.runs) == (7, 3, 2, 5)
    assert record.stage is Stage.PROGRESSING


def test_what_serves_is_known_by_the_object_that_it_was_seen_on() -> None:
    target = make.target(make.NEW, same_as_primary=True)
    world = make.world(make.at_rest(), target=target, route=make.route(0))
    record = adopt({"phase": "Succeeded"}, world, WEIGHTS, make.NOW)
    assert isinstance(record, Record)
    assert record.promoted is not None
    assert (record.promoted.uid, record.promoted.generation) == ("uid", 2)


def test_the_stages_of_a_kind() -> None:
    def those(kind: str) -> set[str]:
        return {stage.value for stage in Stage if getattr(stage, kind)}

    assert those("idle") == {"Initialized", "Succeeded", "Failed"}
    assert those("judged") == {"Progressing", "WaitingPromotion"}
    assert those("running") == those("judged") | {"Promoting", "Finalising"}
    assert those("leaving") == {"Terminating", "Terminated"}
