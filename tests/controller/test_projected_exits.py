"""The finalizer of a Canary, and what its deletion gives back, one after the other."""

from __future__ import annotations

from typing import Any

import pytest

from canary.controller.projected_exits import exits, finalizer, without_finalizer
from canary.controller.releases import FINALIZER
from canary.rollout.announcement import Announcement
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.world import Ready, Target
from providers.interface import Desired
from tests.controller.looks import NEW, OLD, ROUTE, Look, Ours, live, look, pin, world

TOLD = (Announcement(1, "to be told"),)
RECORD = Record(Stage.TERMINATING, promoted=OLD, primary=OLD, scale_target=2)


def seen(stage: Stage, have: bool, *, reverts: bool = True, deleted: bool = False) -> Look:
    one = look(Record(stage), spec={"revertOnDeletion": reverts})
    mine = [FINALIZER] if have else []
    meta = {**one.scene.obj["metadata"], "finalizers": ["others", *mine]}
    return one.seeing(obj={**one.scene.obj, "metadata": meta}).knowing(deleted=deleted)


def finalizers(one: Look) -> list[list[str]]:
    writes: list[Any] = list(finalizer(one.scene, one.record, one.view))
    assert all(
        (w.key.name, w.uid, w.resource_version) == ("podinfo", "canary", "3") for w in writes
    )
    return [operation["value"] for write in writes for operation in write.operations]


@pytest.mark.parametrize("stage", [Stage.INITIALIZING, Stage.PROGRESSING, Stage.FAILED])
def test_it_is_there_while_the_canary_reverts(stage: Stage) -> None:
    assert finalizers(seen(stage, have=False)) == [["others", FINALIZER]]
    assert finalizers(seen(stage, have=True)) == []
    assert finalizers(seen(stage, have=True, reverts=False)) == [["others"]]
    assert finalizers(seen(stage, have=False, reverts=False)) == []


@pytest.mark.parametrize("reverts", [True, False])
@pytest.mark.parametrize("have", [True, False])
def test_a_deletion_that_was_not_looked_at_yet_changes_nothing(have: bool, reverts: bool) -> None:
    assert finalizers(seen(Stage.FAILED, have, reverts=reverts, deleted=True)) == []


@pytest.mark.parametrize("reverts", [True, False])
def test_it_goes_when_all_is_given_back_and_told(reverts: bool) -> None:
    parts: dict[str, Any] = {"reverts": reverts, "deleted": True}
    assert finalizers(seen(Stage.TERMINATING, have=True, **parts)) == []
    # Nothing can be added any more to what is being deleted.
    assert finalizers(seen(Stage.TERMINATING, have=False, **parts)) == []
    assert finalizers(seen(Stage.TERMINATED, have=True, **parts)) == [["others"]]
    assert finalizers(seen(Stage.TERMINATED, have=True, **parts).at(outbox=TOLD)) == []


def test_only_what_this_engine_holds_a_canary_by_is_let_go() -> None:
    held = seen(Stage.TERMINATED, have=True).scene.obj
    write = without_finalizer(held)
    assert write is not None
    assert write.operations[0]["value"] == ["others"]
    assert without_finalizer(seen(Stage.TERMINATED, have=False).scene.obj) is None
    assert without_finalizer({"metadata": {"name": "podinfo"}}) is None


def leaving(**facts: Any) -> Look:
    """A Canary whose target has another template than the promoted one, and is at zero."""
    provider = Ours(
        Desired(ROUTE, "a", {}, weights=True), released=[Desired(ROUTE, "a", {}, patch=[{}])]
    )
    one = look(
        RECORD,
        world(replicas=0, canary=0),
        provider=provider,
        pins={"e1-old": pin(OLD, {"spec": {"containers": []}})},
        routes={(ROUTE, "a"): live({"metadata": {"name": "a"}})},
    )
    apex = live({"metadata": {"name": "podinfo"}, "spec": {"selector": {"app": "x"}}})
    services = {**one.scene.services, "podinfo": Present(apex)}
    known = {"original": True, "released": False, "deleted": True, **facts}
    return one.seeing(services=services).knowing(**known)


def ready(one: Look) -> Look:
    """The target serves by itself, with the promoted template."""
    return one.knowing(target=Present(Target(Present(OLD), 2, 2, Ready(), 2)))


def due(one: Look) -> list[tuple[str, str]]:
    found = list(exits(one.scene, one.record, one.view))
    return [(type(write).__name__, f"{write.resource.kind} {write.key.name}") for write in found]


TEMPLATE = ("Patch", "Deployment podinfo")
SIZE = ("Scale", "Deployment podinfo")
BEHIND = ("Apply", "Service podinfo-canary")
ROUTED = ("Apply", "Route a")


def test_the_target_gets_template_and_size_before_anything_leads_to_it() -> None:
    one = leaving()
    assert due(one) == [ROUTED, TEMPLATE, SIZE, BEHIND]
    template: Any = list(exits(one.scene, one.record, one.view))[1]
    assert (template.uid, template.resource_version) == ("podinfo-uid", "7")
    (operation,) = template.operations
    assert (operation["path"], operation["value"]) == (
        "/spec/template",
        {"spec": {"containers": []}},
    )


def test_then_apex_and_routes_lead_to_it() -> None:
    one = ready(leaving())
    writes = list(exits(one.scene, one.record, one.view))
    assert due(one) == [("Patch", "Service podinfo"), ("Patch", "Route a")]
    assert [(w.uid, w.resource_version) for w in writes] == [("podinfo-uid", "7"), ("a-uid", "7")]
    assert [w.waits for w in writes] == [False, False]
    released = [Desired(ROUTE, "a", {}, patch=[{}], waits=True)]
    waiting = one.seeing(provider=Ours(released=released))
    (_, route) = exits(waiting.scene, waiting.record, waiting.view)
    assert route.waits


def test_what_is_given_back_is_not_given_again() -> None:
    apex = live({"metadata": {"name": "podinfo"}, "spec": {"selector": {"app": "podinfo"}}})
    one = ready(leaving()).seeing(services={"podinfo": Present(apex)}, provider=Ours())
    assert due(one) == []
    assert due(one.seeing(services={"podinfo": Absent()})) == []


def test_there_is_nothing_to_give_back_to_a_target_that_goes() -> None:
    gone = Present(Target(Present(OLD), 2, 2, Ready(), 2, leaving=True))
    assert due(leaving(target=Absent())) == []
    assert due(leaving(target=gone)) == []
    assert due(ready(leaving()).at(stage=Stage.TERMINATED)) == []
    assert due(leaving().at(stage=Stage.TERMINATED)) == []


def test_no_route_is_made_to_services_that_nobody_made() -> None:
    nobody = {"services": {"podinfo": Absent()}}
    assert ROUTED not in due(leaving(route=Absent()).seeing(**nobody))
    assert ROUTED in due(leaving(route=Absent()))
    assert ROUTED in due(leaving().seeing(**nobody))


def test_a_template_that_is_not_known_is_not_given_back() -> None:
    unknown = Present(Target(Unknown("a digest is missing"), 0, 0, Ready(), 0))
    assert TEMPLATE not in due(leaving(target=unknown))
    assert TEMPLATE not in due(leaving(original=False))
    assert TEMPLATE not in due(leaving().at(promoted=NEW))
    assert TEMPLATE not in due(leaving().at(promoted=None))
