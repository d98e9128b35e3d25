"""What the deletion of a Canary has to give back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from canary.controller.releases import all_given_back, apex_operations, routes_given_back
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.workloads.ownership import LAST_APPLIED, owner_reference
from providers.interface import Desired
from tests.controller.looks import ROUTE, Look, Ours, live, look
from tests.rig.manifests import service_setting

OTHER = {"kind": "Team", "name": "a", "uid": "a"}
PRIMARY, TARGET = {"app": "podinfo-primary"}, {"app": "podinfo"}
BACK = {"op": "add", "path": "/spec/selector", "value": TARGET}
ROUTED = {(ROUTE, "a"): {"metadata": {"name": "a"}}}


def seen(selector: dict[str, str] = PRIMARY, owners: Any = (), **parts: Any) -> Look:
    """An apex Service with this selector; ``None`` among its owners: the Canary."""
    one = look(Record(Stage.TERMINATING), **parts)
    mine = owner_reference(one.scene.obj)
    meta: dict[str, Any] = {"name": "podinfo"}
    if owners:
        meta["ownerReferences"] = [owner or mine for owner in owners]
    apex = live({"metadata": meta, "spec": {"selector": selector}})
    return one.seeing(services={**one.scene.services, "podinfo": Present(apex)})


def operations(one: Look) -> list[Any]:
    return apex_operations(one.scene)


def test_a_made_apex_leads_to_the_target_and_becomes_nobodys() -> None:
    orphaned = {"op": "add", "path": "/metadata/ownerReferences"}
    assert operations(seen(owners=[None])) == [BACK, {**orphaned, "value": []}]
    assert operations(seen(owners=[OTHER, None])) == [BACK, {**orphaned, "value": [OTHER]}]
    assert operations(seen(TARGET, owners=[None])) == [{**orphaned, "value": []}]


def test_a_users_apex_gets_back_what_it_selected() -> None:
    one = seen(owners=[OTHER])
    assert operations(one) == [BACK]
    found: Any = one.scene.services["podinfo"]
    before = json.dumps({"spec": {"selector": {"app": "all"}}})
    found.value["metadata"]["annotations"] = {LAST_APPLIED: before}
    assert operations(one) == [{**BACK, "value": {"app": "all"}}]
    assert operations(seen(TARGET)) == []


def test_nothing_is_given_back_that_is_not_there_or_not_this_canarys() -> None:
    for gone in (Absent(), Unknown("not synced")):
        assert operations(seen().seeing(services={"podinfo": gone})) == []
    assert operations(seen().seeing(label=None)) == []
    other = {"metadata": {"name": "other", "uid": "other"}}
    assert operations(seen(owners=[owner_reference(other)])) == []


def test_a_service_that_is_the_target_stays_as_it_is() -> None:
    one = seen(manifests=service_setting()).seeing(label=seen().scene.label)
    assert operations(one) == []


def released(*desired: Desired, **parts: Any) -> Look:
    parts = {"provider": Ours(released=desired), "routes": ROUTED, **parts}
    return seen(TARGET).seeing(**parts)


def test_routes_of_others_are_given_back_where_they_are() -> None:
    first = Desired(ROUTE, "a", {}, patch=[BACK])
    elsewhere, done = Desired(ROUTE, "b", {}, patch=[BACK]), Desired(ROUTE, "a", {}, patch=[])
    one = released(elsewhere, done, first)
    assert list(routes_given_back(one.scene)) == [first]
    assert not all_given_back(one.scene)
    assert all_given_back(released(elsewhere, done).scene)


@pytest.mark.parametrize(
    "blind", [{"provider": None}, {"route_gap": Unknown("not synced")}, {"route_gap": Absent()}]
)
def test_routes_that_can_not_be_seen_are_left(blind: dict[str, Any]) -> None:
    one = released(Desired(ROUTE, "a", {}, patch=[BACK]), **blind)
    assert list(routes_given_back(one.scene)) == []
    assert all_given_back(one.scene)


def test_all_is_given_back_when_the_apex_is_too() -> None:
    assert not all_given_back(seen().scene)
    assert all_given_back(seen(TARGET).scene)
