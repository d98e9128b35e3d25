"""The three Services of a Canary, as far as they are due."""

from __future__ import annotations

from typing import Any

import pytest

from canary.controller.projected_services import behind_canary, services
from canary.controller.writes import Apply, Patch
from canary.kube.resources import SERVICES
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record
from canary.workloads.ownership import owner_reference
from tests.controller.looks import Look, live, look, world

NAMES = ("podinfo-canary", "podinfo-primary", "podinfo")


def due(one: Look) -> list[Any]:
    return list(services(one.scene, one.view))


def made(one: Look) -> dict[str, Any]:
    return {write.key.name: write for write in due(one)}


def having(one: Look, **found: Any) -> Look:
    """The same with Services by their roles; all others are as they should be."""
    names = dict(zip(("canary", "primary", "apex"), NAMES, strict=True))
    services = {name: Present(live(write.manifest)) for name, write in made(one).items()}
    return one.seeing(services=services | {names[role]: what for role, what in found.items()})


def test_users_are_led_to_the_primary_when_it_serves() -> None:
    writes = due(look(Record()))
    assert [(w.key.name, w.uid, w.serves) for w in writes] == [
        ("podinfo-canary", "", False),
        ("podinfo-primary", "", False),
        ("podinfo", "", True),
    ]
    selectors = [w.manifest["spec"]["selector"]["app"] for w in writes]
    assert selectors == ["podinfo", "podinfo-primary", "podinfo-primary"]
    assert set(made(look(Record(), world(primary=0)))) == {"podinfo-canary", "podinfo-primary"}
    assert set(made(look(Record(), world(primary=1)))) == set(NAMES)


def test_without_a_label_nobody_can_be_selected() -> None:
    one = look(Record(), label=None)
    assert due(one) == []
    assert list(behind_canary(one.scene)) == []


def test_services_as_they_should_be_are_a_fixed_point() -> None:
    assert due(having(look(Record()))) == []


@pytest.mark.parametrize("role", ["canary", "primary", "apex"])
def test_what_can_not_be_seen_or_is_anothers_is_left(role: str) -> None:
    one = look(Record())
    assert due(having(one, **{role: Unknown("not synced")})) == []
    other = {**one.scene.obj, "metadata": {"name": "other", "uid": "other"}}
    theirs = {"name": "podinfo", "ownerReferences": [owner_reference(other)]}
    found = live({"metadata": theirs, "spec": {"selector": {}, "ports": []}})
    assert due(having(one, **{role: Present(found)})) == []
    (again,) = due(having(one, **{role: Absent()}))
    assert (again.uid, again.serves) == ("", role == "apex")


@pytest.mark.parametrize("former", [None, "flagger"])
def test_one_that_was_changed_is_put_right_on_what_was_seen(former: str | None) -> None:
    one = look(Record())
    manifest = made(one)["podinfo"].manifest
    changed = live({**manifest, "spec": {**manifest["spec"], "selector": {"app": "podinfo"}}})
    if former:
        fields = [{"manager": former, "operation": "Update"}]
        changed["metadata"]["managedFields"] = fields
    (write,) = due(having(one, apex=Present(changed)))
    assert isinstance(write, Apply)
    assert (write.resource, write.uid, write.resource_version) == (SERVICES, "podinfo-uid", "7")
    assert (write.serves, write.inherits) == (True, former is not None)


def test_a_users_own_apex_is_patched_in_its_selector_and_ports() -> None:
    theirs = {"selector": {"app": "podinfo"}, "ports": [{"name": "x", "port": 80}]}
    one = look(Record())
    found = live({"metadata": {"name": "podinfo"}, "spec": theirs})
    (patch,) = due(having(one, apex=Present(found)))
    assert isinstance(patch, Patch)
    assert (patch.uid, patch.resource_version, patch.serves) == ("podinfo-uid", "7", True)
    changed = {o["path"]: o["value"] for o in patch.operations}
    assert changed["/spec/selector"] == {"app": "podinfo-primary"}
    assert "/metadata/ownerReferences" not in changed
    spec = {"selector": changed["/spec/selector"], "ports": changed["/spec/ports"]}
    meta = {"name": "podinfo", "annotations": changed["/metadata/annotations"]}
    adopted = live({"metadata": meta, "spec": spec})
    assert due(having(one, apex=Present(adopted))) == []


def test_a_service_has_the_ports_of_the_target_and_the_labels_of_its_role() -> None:
    roles = {role: {"labels": {"role": role}} for role in ("apex", "primary", "canary")}
    one = look(Record(), spec={"service": {"port": 80, "portDiscovery": True, **roles}})
    for role, name in zip(("canary", "primary", "apex"), NAMES, strict=True):
        manifest = made(one)[name].manifest
        assert manifest["metadata"]["labels"]["role"] == role
        assert [port["port"] for port in manifest["spec"]["ports"]] == [80, 9898]
    gone = made(one.seeing(target=Absent()))
    assert [port["port"] for port in gone["podinfo"].manifest["spec"]["ports"]] == [80]
