"""The status that the process kubelet reports (Kubernetes documentation, "Pod Lifecycle")."""

from __future__ import annotations

from typing import Any

import pytest

from e2e.stack.podstatus import ContainerState, phase, status

THEN, NOW = "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"


def container(**fields: Any) -> ContainerState:
    return ContainerState("app", "app:1", **fields)


def report(state: ContainerState, previous: list[dict[str, Any]]) -> dict[str, Any]:
    return status(
        [state],
        previous,
        restarts=True,
        address="10.244.0.1",
        node_address="10.10.0.1",
        started=THEN,
        now=NOW,
    )


def ready(reported: dict[str, Any]) -> dict[str, Any]:
    (condition,) = (each for each in reported["conditions"] if each["type"] == "Ready")
    return condition


@pytest.mark.parametrize(
    ("states", "restarts", "expected"),
    [
        ([container()], True, "Pending"),
        ([container(running=THEN)], True, "Running"),
        ([container(running=THEN), container()], True, "Running"),
        # Between two starts the pod goes on running.
        ([container(waiting="CrashLoopBackOff", restarts=1)], True, "Running"),
        ([container(exit_code=0)], False, "Succeeded"),
        ([container(exit_code=0), container(exit_code=1)], False, "Failed"),
        ([container(exit_code=0), container(running=THEN)], False, "Running"),
    ],
)
def test_the_phase_is_the_containers_summary(
    states: list[ContainerState], restarts: bool, expected: str
) -> None:
    assert phase(states, restarts=restarts) == expected


def test_a_pod_is_ready_when_all_its_containers_are() -> None:
    assert ready(report(container(running=THEN, ready=True), []))["status"] == "True"
    waiting = ready(report(container(running=THEN), []))
    assert (waiting["status"], waiting["reason"]) == ("False", "ContainersNotReady")


def test_a_conditions_time_is_that_of_its_last_change() -> None:
    before = report(container(running=THEN, ready=True), [])["conditions"]
    for condition in before:
        condition["lastTransitionTime"] = THEN
    same = ready(report(container(running=THEN, ready=True), before))
    assert same["lastTransitionTime"] == THEN
    changed = ready(report(container(running=THEN), before))
    assert changed["lastTransitionTime"] == NOW


def test_conditions_of_others_stay() -> None:
    other = {"type": "example.com/gate", "status": "True", "lastTransitionTime": THEN}
    assert other in report(container(), [other])["conditions"]


def test_a_containers_state_is_one_of_three() -> None:
    assert container(message="why").as_status()["state"] == {
        "waiting": {"reason": "ContainerCreating", "message": "why"}
    }
    assert container(running=THEN).as_status()["state"] == {"running": {"startedAt": THEN}}
    ended = container(exit_code=1).as_status()["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (1, "Error")
    crashed = container(waiting="CrashLoopBackOff", restarts=2, last_exit=1).as_status()
    assert crashed["lastState"]["terminated"]["exitCode"] == 1
    assert (crashed["restartCount"], crashed["started"]) == (2, False)
