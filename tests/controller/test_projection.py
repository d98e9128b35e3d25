"""What is due, in its order: users first, and nothing that serves before its replacement can."""

from __future__ import annotations

from typing import Any

import pytest

from canary.controller.projection import project
from canary.controller.releases import FINALIZER
from canary.rollout.observed import Present
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from providers.interface import Desired
from tests.controller.looks import (
    OLD,
    ROUTE,
    RUN,
    SETTINGS,
    Look,
    Ours,
    live,
    look,
    pin,
    world,
)
from tests.rig.manifests import service_setting, setting

ROUTED = "Route podinfo"
SERVICES = ["Service podinfo-canary", "Service podinfo-primary", "Service podinfo"]
RECORD = Record(Stage.PROGRESSING, run=RUN, primary=OLD, promoted=OLD, scale_target=0)


def seen(record: Record = RECORD, facts: Any = None, **parts: Any) -> Look:
    """A Canary with everything still to be made; its primary's template is pinned."""
    provider = Ours(Desired(ROUTE, "podinfo", {}, weights=True))
    pins = {"e1-old": pin(OLD, setting()[2]["spec"]["template"])}
    return look(record, facts, **{"provider": provider, "pins": pins, **parts})


def due(one: Look) -> list[str]:
    writes = project(one.scene, one.record, one.view, SETTINGS)
    return [f"{write.resource.kind} {write.key.name}" for write in writes]


def test_the_route_goes_first_and_the_primary_last() -> None:
    assert due(seen()) == [
        ROUTED,
        *SERVICES,
        "ControllerRevision podinfo-e1-new",
        "Deployment podinfo",
        "Deployment podinfo-primary",
    ]


def test_each_object_is_written_once() -> None:
    twice = Ours(Desired(ROUTE, "podinfo", {"a": 1}), Desired(ROUTE, "podinfo", {"a": 2}))
    one = seen(provider=twice)
    writes: list[Any] = list(project(one.scene, one.record, one.view, SETTINGS))
    assert [w.manifest for w in writes if w.resource.kind == "Route"] == [{"a": 1}]


@pytest.mark.parametrize(
    ("primary", "apex", "routed"),
    [(1, True, True), (2, True, True), (0, True, False), (2, False, False)],
)
def test_users_are_routed_first_when_the_primary_serves_behind_the_apex(
    primary: int, apex: bool, routed: bool
) -> None:
    facts = world(route=None, primary=primary)
    one = seen(Record(Stage.INITIALIZING, primary=OLD), facts).knowing(apex_ready=apex)
    # A primary without endpoints is no reason to leave a canary with all traffic where it is.
    assert (ROUTED in due(one.at(weight=100))) is routed
    assert ROUTED in due(one.at(stage=Stage.INITIALIZED, weight=100))


def test_without_a_label_only_the_route_is_looked_after() -> None:
    assert due(seen(label=None)) == [ROUTED]


def test_a_service_as_target_needs_no_label_and_has_copies() -> None:
    record = Record(Stage.SUCCEEDED, primary=OLD, promoted=OLD)
    assert due(seen(record, manifests=service_setting())) == [
        ROUTED,
        "Service podinfo-canary",
        "Service podinfo-primary",
    ]
    assert "Service podinfo-canary" in due(seen())


@pytest.mark.parametrize("stage", [Stage.TERMINATING, Stage.TERMINATED])
def test_a_canary_that_goes_makes_nothing_any_more(stage: Stage) -> None:
    one = seen(Record(stage, primary=OLD)).knowing(deleted=True)
    apex = live({"metadata": {"name": "podinfo"}, "spec": {"selector": {"app": "podinfo"}}})
    one = one.seeing(services={"podinfo": Present(apex)})
    meta = {**one.scene.obj["metadata"], "finalizers": [FINALIZER]}
    one = one.seeing(obj={**one.scene.obj, "metadata": meta})
    assert due(one) == ([] if stage is Stage.TERMINATING else ["Canary podinfo"])


def test_a_finalizer_is_there_before_anything_is_changed() -> None:
    one = seen(Record(Stage.INITIALIZING), spec={"revertOnDeletion": True})
    assert due(one)[0] == "Canary podinfo"
