"""What somebody else keeps changing back is corrected at once, but not without end."""

from __future__ import annotations

from typing import Any

import pytest

from canary.controller.drift import contested, corrected, may_correct, other_manager
from canary.controller.memory import Memory
from canary.kube.resources import DEPLOYMENTS, SERVICES

NAME = "podinfo"


def fought(*times: float) -> Memory:
    """A memory of corrections of the Service at ``times``, each of which was allowed."""
    memory = Memory()
    for time in times:
        assert may_correct(memory, SERVICES, NAME, time) == 0.0
        corrected(memory, SERVICES, NAME, time)
    return memory


def test_five_corrections_a_minute_go_at_once_and_the_next_one_has_to_rest() -> None:
    memory = fought(0.0, 1.0, 2.0, 3.0, 4.0)
    assert contested(memory) == []
    assert may_correct(memory, SERVICES, NAME, 5.0) == 34.0
    assert contested(memory) == [(SERVICES, NAME)]
    assert may_correct(memory, SERVICES, NAME, 33.9) == 34.0
    assert may_correct(memory, SERVICES, NAME, 34.0) == 0.0
    # As long as the contest goes on, it stays at that pace.
    corrected(memory, SERVICES, NAME, 34.0)
    assert may_correct(memory, SERVICES, NAME, 35.0) == 64.0


def test_a_correction_counts_for_a_minute() -> None:
    memory = fought(0.0, 40.0, 41.0, 42.0, 43.0)
    assert may_correct(memory, SERVICES, NAME, 59.9) == 73.0
    assert may_correct(memory, SERVICES, NAME, 60.0) == 0.0
    assert contested(memory) == []


def test_a_contest_is_about_one_object() -> None:
    memory = fought(0.0, 1.0, 2.0, 3.0, 4.0)
    for resource, name in ((DEPLOYMENTS, NAME), (SERVICES, "other")):
        assert may_correct(memory, resource, name, 5.0) == 0.0
    may_correct(memory, SERVICES, NAME, 5.0)
    assert contested(memory) == [(SERVICES, NAME)]


def entry(manager: str | None, **more: str) -> dict[str, str]:
    return {**({} if manager is None else {"manager": manager}), **more}


@pytest.mark.parametrize(
    ("entries", "who"),
    [
        ([entry("flux"), entry("argocd"), entry("canary-engine")], "argocd"),
        # Who writes the status only changes nothing that we would change back.
        ([entry("flux"), entry("kubelet", subresource="status")], "flux"),
        ([entry("canary-engine"), entry(None), entry("")], "somebody"),
        ([entry("flux"), entry("")], "flux"),
        (None, "somebody"),
    ],
)
def test_a_contest_names_who_wrote_last_besides_us(entries: Any, who: str) -> None:
    obj = {"metadata": {"name": NAME, "managedFields": entries}}
    assert other_manager(obj, "canary-engine") == who
