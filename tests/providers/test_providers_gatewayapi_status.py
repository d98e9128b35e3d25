"""Is a weight of an HTTPRoute live? What its parents report (providers.md 24.2)."""

from __future__ import annotations

from typing import Any

import pytest
from routing_objects import FACTS, GATEWAY, STEP, canary, context, stored

from providers.gatewayapi import PROVIDER
from providers.interface import Liveness, Reading

Obj = dict[str, Any]
LIVE, PENDING, UNCONFIRMED = Liveness.LIVE, Liveness.PENDING, Liveness.UNCONFIRMED
FULL = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "gw", "namespace": "gws"}
OTHER = {"name": "gw2", "namespace": "gws"}
WHO = "HTTPRoute podinfo.test parent gw"


def condition(type_: str, status: str = "True", seen: int | None = 3, message: str = "") -> Obj:
    found = {"type": type_, "status": status, "message": message}
    return found if seen is None else {**found, "observedGeneration": seen}


def entry(*conditions: Obj, parent: Obj | None = None) -> Obj:
    """What one controller reports of one parent."""
    return {
        "parentRef": FULL if parent is None else parent,
        "controllerName": "x",
        "conditions": list(conditions or (condition("Accepted"), condition("ResolvedRefs"))),
    }


def read(*entries: Obj, parents: list[Obj] | None = None) -> Reading:
    """The reading of a route of generation 3 with these entries in its status."""
    live = stored(FACTS["gatewayapi step"], parentRefs=parents or [GATEWAY])
    live["status"] = {"parents": list(entries)}
    return PROVIDER.read(context(canary(gatewayRefs=[GATEWAY]), live))


def test_a_parent_that_took_this_generation_over_confirms() -> None:
    reading = read(entry())
    assert reading == Reading(STEP, LIVE)


@pytest.mark.parametrize(("status", "seen"), [("True", 2), ("False", 3), ("Unknown", 3)])
def test_a_parent_that_has_not_accepted_it_is_waited_for(status: str, seen: int) -> None:
    reading = read(entry(condition("Accepted", status, seen)))
    assert (reading.routing, reading.liveness) == (STEP, PENDING)
    # providers.md 21
    assert reading.error == (
        f"{WHO} is not ready (status: {status}, observed generation: {seen}, current generation: 3)"
    )


@pytest.mark.parametrize(
    ("conditions", "state"),
    [
        ([condition("ResolvedRefs")], PENDING),
        ([condition("Accepted")], LIVE),
        ([condition("Accepted", seen=4)], LIVE),
        ([condition("Accepted"), condition("ResolvedRefs", "False")], PENDING),
        ([condition("Accepted"), condition("ResolvedRefs", "False", 2)], PENDING),
        ([condition("Accepted"), condition("ResolvedRefs", "True", 2)], PENDING),
        ([condition("Accepted"), condition("ResolvedRefs", "Unknown")], LIVE),
        ([condition("Accepted"), condition("PartiallyInvalid")], PENDING),
        ([condition("Accepted"), condition("PartiallyInvalid", seen=None)], PENDING),
        ([condition("Accepted"), condition("PartiallyInvalid", seen=2)], LIVE),
        ([condition("Accepted"), condition("Programmed", "False")], LIVE),
    ],
)
def test_which_conditions_count(conditions: list[Obj], state: Liveness) -> None:
    assert read(entry(*conditions)).liveness is state


def test_a_backend_that_is_not_resolved_is_quoted() -> None:
    resolved = condition("ResolvedRefs", "False", message="Service podinfo-canary not found")
    reading = read(entry(condition("Accepted"), resolved))
    assert "Service podinfo-canary not found" in reading.error


def test_where_no_parent_ever_reported_the_settle_time_applies() -> None:
    reading = read()
    assert (reading.routing, reading.liveness, reading.error) == (STEP, UNCONFIRMED, "")
    assert "no parent reports" in reading.warning


@pytest.mark.parametrize("seen", [0, None])
def test_a_controller_that_reports_no_generation_is_not_waited_for(seen: int | None) -> None:
    reading = read(entry(condition("Accepted", seen=seen)))
    assert (reading.liveness, reading.error) == (UNCONFIRMED, "")
    assert "reports no generation" in reading.warning


def test_with_several_parents_all_must_confirm() -> None:
    parents = [GATEWAY, OTHER]
    assert read(entry(), entry(parent=OTHER), parents=parents).liveness is LIVE
    missing = read(entry(), parents=parents)
    assert missing.liveness is PENDING
    assert missing.error == "HTTPRoute podinfo.test parent gw2 has not reported"
    behind = entry(condition("Accepted", seen=2), parent=OTHER)
    assert read(entry(), behind, parents=parents).liveness is PENDING


def test_with_several_controllers_all_must_confirm() -> None:
    assert read(entry(), entry(condition("Accepted", "False"))).liveness is PENDING


def test_a_parent_that_is_no_longer_one_does_not_count() -> None:
    assert read(entry(), entry(condition("Accepted", "False"), parent=OTHER)).liveness is LIVE


@pytest.mark.parametrize(
    ("wanted", "reported"),
    [
        # D45: defaults, and what a controller fills in
        ({"name": "gw", "namespace": "gws"}, FULL),
        ({"name": "gw"}, {"name": "gw", "namespace": "test"}),
        (FULL, {**FULL, "port": 443}),
        (FULL, {**FULL, "sectionName": "https"}),
        ({**FULL, "sectionName": "https"}, {**FULL, "sectionName": "https", "port": 443}),
    ],
)
def test_one_parent_may_be_spelled_in_several_ways(wanted: Obj, reported: Obj) -> None:
    assert read(entry(parent=reported), parents=[wanted]).liveness is LIVE


@pytest.mark.parametrize(
    ("wanted", "reported"),
    [
        (FULL, {**FULL, "name": "other"}),
        (FULL, {**FULL, "kind": "Service"}),
        (FULL, {**FULL, "group": ""}),
        (FULL, {"name": "gw"}),
        ({**FULL, "sectionName": "a"}, {**FULL, "sectionName": "b"}),
        ({**FULL, "port": 80}, {**FULL, "port": 443}),
    ],
)
def test_the_word_of_another_parent_confirms_nothing(wanted: Obj, reported: Obj) -> None:
    assert read(entry(parent=reported), parents=[wanted]).liveness is PENDING
