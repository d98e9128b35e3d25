"""Readiness of a Deployment, in Flagger's words (lifecycle.md 9)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workload_objects import deployment

from canary.workloads.readiness import Ready, Stuck, Waiting, readiness

WAIT = "waiting for rollout to finish: "


def rolled(size: int = 4, /, **status: Any) -> dict[str, Any]:
    """A Deployment of generation 4 with so many replicas, all of them available."""
    full = {"observedGeneration": 4} | dict.fromkeys(
        ("replicas", "updatedReplicas", "availableReplicas"), size
    )
    return {**deployment(replicas=size), "status": full | status}


def text(obj: dict[str, Any], threshold: int = 100, *, needs_pods: bool = False) -> str:
    state = readiness(obj, threshold, needs_pods=needs_pods)
    assert isinstance(state, Waiting)
    return state.text


def test_all_pods_of_the_newest_template_are_available() -> None:
    assert readiness(rolled(), 100, needs_pods=True) == Ready()


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (
            {"observedGeneration": 3},
            "observed deployment generation less than desired generation",
        ),
        ({"updatedReplicas": 1}, "1 out of 4 new replicas have been updated"),
        ({"replicas": 6}, "2 old replicas are pending termination"),
        (
            {"availableReplicas": 3},
            "3 of 4 (readyThreshold 100%) updated replicas are available",
        ),
    ],
)
def test_what_is_waited_for(status: dict[str, int], message: str) -> None:
    assert text(rolled(**status)) == WAIT + message


def test_the_first_condition_that_applies_is_told() -> None:
    status = {"updatedReplicas": 1, "replicas": 6, "availableReplicas": 0}
    assert "1 out of 4" in text(rolled(**status))
    assert "observed deployment generation" in text(rolled(observedGeneration=3, **status))
    assert "2 old replicas" in text(rolled(replicas=6, availableReplicas=0))


def test_a_deployment_without_a_status_is_not_ready() -> None:
    assert "observed deployment generation" in text(deployment())


def exceeded(**status: Any) -> dict[str, Any]:
    condition = {"type": "Progressing", "reason": "ProgressDeadlineExceeded"}
    return rolled(conditions=[condition], **status)


def test_a_deployment_that_gave_up_is_stuck() -> None:
    state = readiness(exceeded(updatedReplicas=1), 100, needs_pods=False)
    assert state == Stuck('deployment "podinfo" exceeded its progress deadline')


def test_what_an_old_generation_gave_up_on_does_not_count() -> None:
    assert "observed deployment generation" in text(exceeded(observedGeneration=3))


@pytest.mark.parametrize(
    ("replicas", "threshold", "need"),
    # whole numbers: Flagger's 32-bit product is 1 too low for 75 x 84 % and 100 x 53 %
    [(4, 50, 2), (3, 50, 1), (75, 84, 63), (100, 53, 53), (4, 0, 0)],
)
def test_as_many_as_the_threshold_asks_for(replicas: int, threshold: int, need: int) -> None:
    enough = rolled(replicas, availableReplicas=need)
    assert readiness(enough, threshold, needs_pods=False) == Ready()
    if need:
        short = rolled(replicas, availableReplicas=need - 1)
        assert text(short, threshold) == (
            f"{WAIT}{need - 1} of {need} (readyThreshold {threshold}%) "
            "updated replicas are available"
        )


@given(st.integers(1, 500), st.integers(0, 100))
def test_the_need_is_rounded_down(replicas: int, threshold: int) -> None:
    need = next(n for n in range(replicas, -1, -1) if n * 100 <= replicas * threshold)
    state = readiness(rolled(replicas, availableReplicas=need), threshold, needs_pods=False)
    assert state == Ready()


@pytest.mark.parametrize(
    "obj", [rolled(0), rolled(4, availableReplicas=0)], ids=["size 0", "none available"]
)
def test_no_pod_is_not_ready_where_one_must_serve(obj: dict[str, Any]) -> None:
    # D20
    assert text(obj, 0, needs_pods=True).startswith(f"{WAIT}0 of ")
    assert readiness(obj, 0, needs_pods=False) == Ready()


def test_replicas_are_1_where_the_spec_leaves_them_out() -> None:
    obj = rolled(1, updatedReplicas=0)
    del obj["spec"]["replicas"]
    assert text(obj) == f"{WAIT}0 out of 1 new replicas have been updated"
