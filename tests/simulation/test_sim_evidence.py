"""The oracle of safety sees what was done without evidence, and against what people asked for."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.outcome import NoValues
from canary.api.hooks import HookType
from canary.kube.resources import CANARIES, CONTROLLER_REVISIONS
from simulation.polled import Heard, Poll
from tests.simulation.judged import Judged
from tests.simulation.witness import Witness


def test_s4_a_promotion_before_the_last_step() -> None:
    seen = Judged().begun()
    seen.passes(10, 100.0)
    seen.status("Promoting", 30)
    assert seen.broken == ["S4"]


def test_s4_a_primary_with_what_did_not_pass() -> None:
    seen = Judged().begun()
    seen.workload("podinfo-primary", "2.0.0")
    assert seen.broken == ["S4"]


@pytest.mark.parametrize(("honest", "found"), [(True, ["S4"]), (False, [])])
def test_s4_a_bad_image_that_old_answers_speak_for(honest: bool, found: list[str]) -> None:
    seen = Judged().begun()
    template = {"spec": {"containers": [{"image": "podinfo:2.0.0-bad"}]}}
    seen.put(CONTROLLER_REVISIONS, "two", data={"digest": "two", "template": template})
    seen.passes(10, 100.0)
    seen.status("Progressing", 60)
    seen.passes(10, 100.0, honest=honest)
    seen.status("Promoting", 60)
    assert seen.broken == found


def test_s5_a_run_that_begins_with_the_weight_of_another() -> None:
    seen = Judged().begun()
    seen.passes(10, 100.0)
    seen.status("Progressing", 30, run="three")
    assert seen.broken == ["S5"]


def test_s5_a_window_that_holds_traffic_of_another_run() -> None:
    seen = Judged().begun()
    seen.passes(10)
    seen.status("Progressing", 0, run="three")
    seen.passes(5)
    seen.status("Progressing", 30, run="three")
    seen.passes(10, 100.0)
    seen.status("Progressing", 60, run="three")
    assert seen.broken == ["S5"]
    seen = Judged().begun()
    seen.passes(10)
    seen.status("Progressing", 0, run="three")
    seen.passes(10)
    seen.status("Progressing", 30, run="three")
    seen.passes(10, 100.0)
    seen.status("Progressing", 60, run="three")
    assert seen.broken == []


@pytest.mark.parametrize("value", [98.0, None])
def test_s7_a_step_by_what_is_no_pass(value: float | None) -> None:
    seen = Judged().begun()
    seen.passes(10, *([value] if value else []))
    if value is None:
        seen.world.asked.append(Heard("podinfo", seen.world.time, NoValues()))
    seen.status("Progressing", 60)
    assert seen.broken == ["S7"]


def hooked(kind: str) -> dict[str, Any]:
    hooks = [{"name": "gate", "type": kind, "url": "http://hook.test"}]
    return {"analysis": {**Witness().spec["analysis"], "webhooks": hooks}}


def polled(seen: Witness, kind: HookType, *, passed: bool, process: str = "p1") -> None:
    now = seen.world.time
    seen.world.polled.append(Poll(process, "gate", kind, "k", b"", now, now, passed))


GATES = (HookType.ROLLOUT, HookType.CONFIRM_TRAFFIC_INCREASE)


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("answer", [True, False, None])
def test_s7_a_step_past_a_gate(kind: HookType, answer: bool | None) -> None:
    seen = Judged(**hooked(kind))
    seen.status("Progressing")
    polled(seen, kind, passed=True)
    seen.status("Progressing", 30)
    seen.world.polled.clear()
    seen.passes(10, 100.0)
    if answer is not None:
        polled(seen, kind, passed=answer)
    seen.status("Progressing", 60)
    assert seen.broken == ([] if answer else ["S7"])


@pytest.mark.parametrize(
    ("kind", "found"), [(HookType.CONFIRM_ROLLOUT, []), (HookType.PRE_ROLLOUT, ["S7"])]
)
def test_of_two_that_lead_one_goes_on_with_what_the_other_was_let_begin(
    kind: HookType, found: list[str]
) -> None:
    seen = Judged(**hooked(kind))
    seen.status("Progressing")
    polled(seen, kind, passed=True, process="p2")
    polled(seen, kind, passed=False)
    seen.passes(2)
    seen.status("Progressing", 30)
    assert seen.broken == found


@pytest.mark.parametrize("kind", [HookType.PRE_ROLLOUT, HookType.CONFIRM_ROLLOUT])
def test_s7_a_beginning_past_a_gate(kind: HookType) -> None:
    seen = Judged(**hooked(kind))
    polled(seen, kind, passed=False)
    seen.status("Progressing")
    polled(seen, kind, passed=False)
    seen.status("Progressing", 30)
    assert seen.broken == ["S7"]


@pytest.mark.parametrize("kind", [HookType.CONFIRM_PROMOTION, HookType.ROLLBACK])
def test_s7_a_promotion_past_a_gate(kind: HookType) -> None:
    seen = Judged(**hooked(kind)).at_the_end()
    polled(seen, kind, passed=kind is HookType.ROLLBACK)
    seen.status("Promoting", 60)
    assert set(seen.broken) == {"S7"}


def steps() -> dict[str, Any]:
    told = [{"weight": 30, "approval": True}, {"weight": 60}]
    return {"analysis": {**Witness().spec["analysis"], "engine": {"steps": told}}}


@pytest.mark.parametrize("approved", [True, False])
def test_s7_a_step_that_nobody_approved(approved: bool) -> None:
    seen = Judged(**steps()).begun()
    if approved:
        seen.asks("approve")
    seen.passes(10, 100.0)
    seen.status("Progressing", 60)
    assert seen.broken == ([] if approved else ["S7"])


@pytest.mark.parametrize(("phase", "weight"), [("Progressing", 60), ("Failed", 0)])
def test_a_suspended_run_stays_where_it_is(phase: str, weight: int) -> None:
    seen = Judged().begun()
    seen.passes(10, 100.0)
    seen.spec = {**seen.spec, "suspend": True}
    seen.status("Progressing", 30, author="kubectl")
    seen.status("Progressing", 30)
    assert seen.broken == []
    seen.status(phase, weight)
    assert seen.broken == ["suspended"]


@pytest.mark.parametrize("phase", ["Progressing", "Promoting"])
def test_a_paused_run_takes_no_step(phase: str) -> None:
    seen = Judged().at_the_end() if phase == "Promoting" else Judged().begun()
    was = 60 if phase == "Promoting" else 30
    seen.status("Progressing", was, paused="paused by somebody")
    seen.passes(10, 100.0)
    seen.status(phase, 60)
    assert seen.broken == ["paused"]


def test_a_run_that_somebody_promotes_needs_no_pass_and_no_resumption() -> None:
    seen = Judged().begun()
    seen.status("Progressing", 30, paused="paused by somebody")
    seen.asks("promote")
    seen.status("Promoting", 30)
    assert seen.broken == []


def test_a_paused_run_ends_when_no_analysis_is_asked_for_or_git_takes_it_back() -> None:
    skipped = Judged().begun()
    skipped.status("Progressing", 30, paused="paused by somebody")
    skipped.spec = {**skipped.spec, "skipAnalysis": True}
    skipped.status("Progressing", 30, author="kubectl", paused="paused by somebody")
    skipped.status("Promoting", 30, paused="paused by somebody")
    assert skipped.broken == []
    reverted = Judged().begun()
    reverted.status("Progressing", 30, paused="paused by somebody")
    reverted.status("Succeeded", 0, paused="paused by somebody")
    reverted.status("Succeeded", 0, paused="paused by somebody")
    assert reverted.broken == []


def test_what_another_controller_left_is_no_step_of_ours() -> None:
    seen = Judged().begun()
    live = seen.objects[CANARIES, "podinfo"]
    status = {"phase": "Progressing", "canaryWeight": 60}
    seen.put(CANARIES, "podinfo", "flagger", spec=live["spec"], status=status)
    seen.status("Progressing", 60, attempt=2)
    assert seen.broken == []
    seen.status("Promoting", 60, attempt=2)
    assert seen.broken == ["S3"]
