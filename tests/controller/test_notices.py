"""Conditions of our own: which are due, what they say, and whether a status has them."""

from __future__ import annotations

from typing import Any

import pytest

from canary.controller.drift import corrected, may_correct
from canary.controller.memory import Memory
from canary.controller.notices import notices, shown
from canary.controller.settings import Settings
from canary.kube.resources import SERVICES
from canary.rollout.binding import Binding
from canary.rollout.record import Record, Run
from canary.rollout.stage import Stage
from canary.rollout.status import BLOCKED, QUEUED, WARNING, Notice
from providers.interface import ObjectKind, Problem
from providers.optional import Extension
from tests.controller.looks import NEW, look
from tests.rig.stage import ORIGIN

IDLE = Record(Stage.SUCCEEDED)
FOUGHT = "keeps being changed back by somebody else; corrected every 30 s"


def told(record: Record = IDLE, memory: Memory | None = None, **parts: Any) -> tuple[Notice, ...]:
    """What is due for a Canary with this record; ``parts`` are those of ``look``."""
    scene = look(record, **parts).scene
    return notices(record, scene, memory or Memory(), Settings())


def fought(*names: str) -> Memory:
    """A memory of Services that somebody else keeps changing back."""
    memory = Memory()
    for name in names:
        for time in (0.0, 1.0, 2.0, 3.0, 4.0):
            may_correct(memory, SERVICES, name, time)
            corrected(memory, SERVICES, name, time)
        may_correct(memory, SERVICES, name, 5.0)
    return memory


def test_where_all_is_well_there_is_nothing_to_say() -> None:
    assert told() == ()
    assert told(Record(Stage.SUCCEEDED, hold="it waits", reason="done")) == ()
    assert notices(IDLE, None, Memory(), Settings()) == ()


def test_what_blocks_a_canary_is_said_before_a_contest() -> None:
    blocked = Record(problem="TargetClaimed", hold="other.test has it")
    notice = Notice(BLOCKED, "TargetClaimed", "other.test has it")
    for memory in (Memory(), fought("podinfo")):
        assert told(blocked, memory) == (notice,)


def test_contested_objects_are_named_in_the_order_of_their_names() -> None:
    (notice,) = told(memory=fought("podinfo-primary", "podinfo"))
    names = "Service podinfo, Service podinfo-primary"
    assert notice == Notice(BLOCKED, "DriftContested", f"{names} {FOUGHT}")


def test_a_place_in_the_queue_is_told_beside_what_else_there_is() -> None:
    queued = Record(Stage.SUCCEEDED, queued=ORIGIN, reason="place 2 in the queue")
    notice = Notice(QUEUED, "MaxConcurrentRuns", "place 2 in the queue")
    assert told(queued) == (notice,)
    assert [one.type for one in told(queued, fought("podinfo"))] == [BLOCKED, QUEUED]


def test_edits_that_wait_for_the_end_of_a_run_come_before_other_warnings() -> None:
    bound = Binding("istio", "Deployment", "podinfo")
    run = Record(Stage.PROGRESSING, run=Run(NEW, binding=bound))
    spec = {"analysis": {"interval": "1s"}}
    wanted = Binding("istio", "Deployment", "podinfo", service="web")
    (notice,) = told(run, spec=spec, wanted=wanted)
    assert (notice.type, notice.reason) == (WARNING, "AppliesLater")
    later, short = notice.message.split("; ")
    assert later == "spec.service.name: web instead of (none) when the rollout has ended"
    assert short == "spec.analysis.interval: 1s is below the lower limit: uses 10s"
    # Without an edit, or a run that is bound, nothing waits.
    unbound = Record(Stage.PROGRESSING, run=Run(NEW))
    for record, edit in ((run, None), (unbound, wanted), (IDLE, wanted)):
        (notice,) = told(record, spec=spec, wanted=edit)
        assert (notice.reason, notice.message) == ("IntervalTooShort", short)


def test_what_the_provider_or_its_crds_cannot_do_is_a_warning() -> None:
    spec = {"provider": "kubernetes", "analysis": {"mirror": True, "iterations": 3}}
    (notice,) = told(spec=spec)
    assert notice.reason == "ProviderLacks"
    text = "provider kubernetes can't mirror requests: no copy is sent"
    assert notice.message.endswith(text)
    # Nothing is known of what a provider that doesn't exist can do.
    assert told(spec=spec, provider=None) == ()
    kind = ObjectKind("example.org", "v1", "routes", "Route")
    share = Extension(kind, "spec.share", Problem("spec.analysis.mirrorWeight", "all are copied"))
    (notice,) = told(lacking=(share,))
    expected = Notice(WARNING, "ProviderLacks", "spec.analysis.mirrorWeight: all are copied")
    assert notice == expected


OURS = Notice(BLOCKED, "InvalidSpec", "spec.analysis: not a mapping")
PROMOTED = {"type": "Promoted", "reason": "Succeeded", "message": "done"}


def condition(**parts: str) -> dict[str, str]:
    mine = {"type": OURS.type, "reason": OURS.reason, "message": OURS.message}
    return {"status": "True", **mine, **parts}


@pytest.mark.parametrize(
    ("conditions", "wanted", "answer"),
    [
        ([], [], True),
        (None, [], True),
        ([PROMOTED], [], True),
        ([PROMOTED, condition()], [OURS], True),
        ([PROMOTED], [OURS], False),
        ([PROMOTED, condition()], [], False),
        ([condition(message="other")], [OURS], False),
        ([condition(reason="Other")], [OURS], False),
        ([condition(), condition(type=WARNING)], [OURS], False),
        ([condition(), condition(type=QUEUED)], [OURS], False),
    ],
)
def test_a_status_shows_what_is_due_if_it_has_that_of_ours_and_no_more(
    conditions: Any, wanted: list[Notice], answer: bool
) -> None:
    assert shown({"status": {"conditions": conditions}}, wanted) is answer


def test_a_canary_without_a_status_shows_nothing() -> None:
    for obj in ({}, {"status": None}, {"status": {}}):
        assert shown(obj, [])
        assert not shown(obj, [OURS])
