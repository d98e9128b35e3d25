"""What is said of workloads that aren't ready: in Flagger's words, which differ by kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.rollout.rules import readiness
from canary.rollout.verdict import Rollback
from canary.rollout.view import View
from canary.rollout.world import Waiting

KINDS = ("Deployment", "DaemonSet", "Service")


def of(kind: str, **world: Any) -> View:
    """A look at a run whose target is of ``kind``."""
    ref = {"apiVersion": "v1" if kind == "Service" else "apps/v1", "kind": kind, "name": "podinfo"}
    since = make.ago(make.DEADLINE + 1) if world.pop("overdue", False) else None
    seen = make.view(make.running(waiting_since=since), **world)
    return replace(seen, canary=make.canary(targetRef=ref))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Deployment", "canary deployment podinfo.test not ready: "),
        ("Service", "canary service podinfo.test not ready: "),
        # Flagger's spelling, which alerts and dashboards look for (S77).
        ("DaemonSet", "canary damonset podinfo.test not ready with retryable true: "),
    ],
)
def test_a_canary_that_is_not_ready_is_told_by_its_kind(kind: str, text: str) -> None:
    state = readiness.canary_readiness(of(kind, target=make.target(endpoints=0)))
    assert state == Waiting(f"{text}no ready endpoints")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Deployment", "podinfo-primary.test not ready: "),
        ("Service", "podinfo-primary.test not ready: "),
        ("DaemonSet", "primary daemonset podinfo-primary.test not ready: "),
    ],
)
def test_only_a_daemon_sets_primary_is_told_with_its_kind(kind: str, text: str) -> None:
    state = readiness.primary_readiness(of(kind, primary=make.primary(endpoints=0)))
    assert state == Waiting(f"{text}no ready endpoints")


@pytest.mark.parametrize("kind", KINDS)
def test_a_canary_that_was_not_ready_in_time_is_told_as_what_it_waited_for(kind: str) -> None:
    """Of a DaemonSet Flagger says instead which deadline it was."""
    waited = Waiting("canary was waiting for its pods")
    verdict = readiness.canary_ready(of(kind, overdue=True, target=make.target(readiness=waited)))
    daemons = (
        "canary damonset podinfo.test not ready with retryable false: "
        f"exceeded its progressDeadlineSeconds: {int(make.DEADLINE)}"
    )
    assert isinstance(verdict, Rollback)
    cause = daemons if kind == "DaemonSet" else waited.text
    assert verdict.texts == (
        cause,
        f"Rolling back podinfo.test progress deadline exceeded {cause}",
    )
