"""The two copies of a Service that is itself the target."""

from __future__ import annotations

from typing import Any

import pytest

from canary.controller.projected_copies import canary_service, primary_service
from canary.controller.settings import Settings
from canary.controller.writes import Apply
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.workloads.ownership import owner_reference
from tests.controller.looks import OLD, Look, live, look, pin, world
from tests.rig.manifests import service_setting

CANARY, PRIMARY = "podinfo-canary", "podinfo-primary"
SPEC = {"selector": {"app": "podinfo"}, "ports": [{"port": 80}]}
OTHER = {**SPEC, "selector": {"app": "other"}}


def seen(record: Record | None = None, facts: Any = None, **parts: Any) -> Look:
    return look(record or Record(Stage.SUCCEEDED), facts, manifests=service_setting(), **parts)


def due(one: Look, name: str = CANARY, meta: Any = None) -> list[Any]:
    if name == CANARY:
        return list(canary_service(one.scene, one.record, one.view))
    settings = Settings(include_label_prefixes=("team",))
    pinned = pin(OLD, SPEC, spec=None if meta is None else {"metadata": meta})
    return list(primary_service(one.scene, OLD, pinned, SPEC, settings))


def having(one: Look, name: str, found: Any) -> Look:
    return one.seeing(services={**one.scene.services, name: found})


def test_the_canarys_copy_has_the_targets_spec() -> None:
    (made,) = due(seen())
    assert isinstance(made, Apply)
    assert (made.key.name, made.uid, made.template) == (CANARY, "", "")
    assert made.manifest["spec"]["selector"] == {"app": "podinfo", "version": "1.0.0"}
    assert due(seen(target=Absent())) == []


@pytest.mark.parametrize(
    ("stage", "weight", "facts", "follows"),
    [
        (Stage.SUCCEEDED, 0, world(), True),
        (Stage.PROGRESSING, 10, world(route=10), False),
        # The last of its requests may still be there.
        (Stage.SUCCEEDED, 0, world(matched_at=98.0), False),
        (Stage.INITIALIZING, 0, world(route=None), True),
        (Stage.INITIALIZED, 0, world(route=None), False),
    ],
)
def test_it_never_changes_under_traffic(
    stage: Stage, weight: int, facts: Any, follows: bool
) -> None:
    assert bool(due(seen(Record(stage, weight=weight), facts))) is follows


def test_the_primarys_copy_has_the_pinned_spec_and_the_labels_that_go_over() -> None:
    meta = {"labels": {"team": "a", "other": "b"}, "annotations": {"team-x": "1"}}
    (made,) = due(seen(), PRIMARY, meta)
    assert (made.key.name, made.template) == (PRIMARY, "e1-old")
    assert made.manifest["spec"] == SPEC
    assert made.manifest["metadata"]["labels"] == {"team": "a"}
    assert made.manifest["metadata"]["annotations"] == {"team-x": "1"}
    for nothing in (None, {}):
        (made,) = due(seen(), PRIMARY, nothing)
        assert "labels" not in made.manifest["metadata"]


@pytest.mark.parametrize("name", [CANARY, PRIMARY])
@pytest.mark.parametrize("former", [None, "flagger"])
def test_a_copy_that_was_changed_is_put_right_on_what_was_seen(
    name: str, former: str | None
) -> None:
    (made,) = due(seen(), name)
    assert due(having(seen(), name, Present(live(made.manifest))), name) == []
    changed = live({**made.manifest, "spec": OTHER})
    if former:
        changed["metadata"]["managedFields"] = [{"manager": former, "operation": "Update"}]
    (write,) = due(having(seen(), name, Present(changed)), name)
    assert (write.uid, write.resource_version) == (f"{name}-uid", "7")
    assert write.inherits == (former is not None)
    assert write.template == made.template


@pytest.mark.parametrize("name", [CANARY, PRIMARY])
def test_what_can_not_be_seen_or_is_anothers_is_left(name: str) -> None:
    assert due(having(seen(), name, Unknown("not synced")), name) == []
    other = {"metadata": {"name": "other", "uid": "other"}}
    theirs = {"name": name, "ownerReferences": [owner_reference(other)]}
    assert due(having(seen(), name, Present(live({"metadata": theirs, "spec": OTHER}))), name) == []
