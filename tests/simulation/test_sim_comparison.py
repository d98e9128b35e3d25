"""The comparison with the fault-free run isn't blind (L4, S12)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from simulation.comparison import MORE, MOST, compared
from simulation.endstate import comparable, differences
from simulation.plan import Boundary, Fault, Plan
from simulation.result import Result

CRASH, HOOK_DOWN = Fault(Boundary.API, 9, "crash-after"), Fault(Boundary.QUESTION, 3, "down")
PRIMARY: dict[str, Any] = {
    "labels": {},
    "owners": ["podinfo"],
    "spec": {"replicas": 2, "template": {"metadata": {}, "spec": {"image": "2"}}},
}
BASE = Result(
    Plan("rollout"),
    ends=[{"deployments/podinfo-primary": PRIMARY}, {"deployments/podinfo-primary": PRIMARY}],
    writes=20,
    made=Counter({"POST /services": 3, "DELETE /pins": 1}),
    events=Counter({"Advance": 2, "Promotion completed!": 1}),
    hooks=Counter({"load": 2}),
    alerts=Counter({"Canary failed": 1}),
)


def under(fault: Fault, **parts: Any) -> list[str]:
    """What is found where a run differs from the fault-free one in ``parts``."""
    return compared(replace(BASE, plan=Plan("rollout", 0, (fault,)), **parts), BASE)


OTHER = {"deployments/podinfo-primary": {**PRIMARY, "spec": {**PRIMARY["spec"], "replicas": 3}}}
FOUND: dict[str, dict[str, Any]] = {
    "another end": {"ends": [OTHER, BASE.ends[1]]},
    "something is gone": {"ends": [{}, BASE.ends[1]]},
    "something was made twice": {"made": BASE.made + Counter({"POST /services": 1})},
    "something was never deleted": {"made": Counter({"POST /services": 3})},
    "something was told twice": {"events": BASE.events + Counter({"Advance": 1})},
    "something was never told": {"events": Counter({"Advance": 2})},
    "a webhook was polled once more": {"hooks": Counter({"load": 3})},
    "a chat was told twice": {"alerts": Counter({"Canary failed": 2})},
    "a chat was never told": {"alerts": Counter()},
    "too many writes": {"writes": 20 + MORE + 1},
}


@pytest.mark.parametrize("what", FOUND)
def test_a_fault_of_the_machine_may_change_nothing(what: str) -> None:
    assert under(CRASH) == []
    assert len(under(CRASH, **FOUND[what])) == 1


@pytest.mark.parametrize("what", FOUND)
def test_a_fault_of_the_world_may_change_how_a_run_ends(what: str) -> None:
    assert under(HOOK_DOWN, **FOUND[what]) == []
    assert len(under(HOOK_DOWN, writes=20 + MOST + 1)) == 1


def test_the_last_release_ends_alike_after_every_fault() -> None:
    for fault in (CRASH, HOOK_DOWN):
        assert len(under(fault, ends=[BASE.ends[0], OTHER])) == 1


def test_what_users_changed_for_good_is_left_out() -> None:
    resized = (Fault(Boundary.ACT, 3, "replicas"),)
    assert differences(comparable(OTHER, resized), comparable(BASE.ends[1], resized)) == []
    assert differences(comparable(OTHER, ()), comparable(BASE.ends[1], ())) != []


def test_what_the_engine_made_in_place_of_somebodys_own_bears_its_label() -> None:
    dropped = (Fault(Boundary.ACT, 3, "drop-apex"),)
    theirs, ours = ({"services/podinfo": {"labels": found}} for found in ({}, {"app": "podinfo"}))
    assert differences(comparable(ours, dropped), comparable(theirs, dropped)) == []
    assert differences(comparable(ours, ()), comparable(theirs, ())) != []
