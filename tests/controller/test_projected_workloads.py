"""The primary and the replica counts, as far as they are due."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from canary.controller.digests import Source
from canary.controller.projected_workloads import primary, scales
from canary.controller.settings import Settings
from canary.controller.templates import wanted_template
from canary.controller.writes import Create, Patch
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record, Revision
from canary.rollout.stage import Stage
from canary.workloads.configs import ConfigRef
from tests.controller.looks import OLD, RUN, Look, live, look, pin, world
from tests.rig.manifests import daemon_setting, setting

TEMPLATE = setting()[2]["spec"]["template"]
PRIMARY = {**setting()[2], "metadata": {"name": "podinfo-primary"}}
CONFIG = ConfigRef("configmap", "podinfo-config")
RECORD = Record(Stage.INITIALIZED, primary=OLD, promoted=OLD)
LABELS = Settings(include_label_prefixes=("team",))


def seen(record: Record = RECORD, facts: Any = None, **parts: Any) -> Look:
    """A target whose template is pinned as the one that the primary is to run."""
    manifests = parts.pop("manifests", setting())
    manifests[2]["metadata"]["labels"] = {"team": "a", "other": "b"}
    more = parts.pop("pinned", {})
    pins = {"e1-old": pin(OLD, manifests[2]["spec"]["template"], **more)}
    return look(record, facts, manifests=manifests, **{"pins": pins, **parts})


def due(one: Look, settings: Settings = LABELS) -> list[Any]:
    return list(primary(one.scene, one.record, settings))


def running(one: Look, **spec: Any) -> Look:
    """The primary runs what it should, but for ``spec``."""
    wanted = wanted_template(one.scene, one.record)
    assert wanted is not None
    selector = {"matchLabels": {"app": "podinfo-primary"}}
    body = {**PRIMARY["spec"], "selector": selector, "template": wanted.template, **spec}
    return one.seeing(primary=Present(live({**PRIMARY, "spec": body})))


OTHER = {"template": {"spec": {"containers": [{"name": "app", "image": "other"}]}}}


def test_a_primary_is_made_of_the_pinned_template_with_its_settings() -> None:
    one = seen(pinned={"spec": {"minReadySeconds": 7, "metadata": {}, "replicas": 9}})
    (made,) = due(one)
    assert isinstance(made, Create)
    assert made.key.name == "podinfo-primary"
    spec = made.manifest["spec"]
    assert spec["template"]["spec"] == TEMPLATE["spec"]
    assert (spec["minReadySeconds"], spec["replicas"], "metadata" in spec) == (7, 2, False)
    assert made.manifest["metadata"]["labels"] == {"team": "a", "app": "podinfo-primary"}
    (plain,) = due(seen())
    assert "minReadySeconds" not in plain.manifest["spec"]


@pytest.mark.parametrize(("last", "target", "size"), [(5, 2, 5), (0, 3, 3), (0, 0, 1), (5, 0, 5)])
def test_a_primary_is_made_in_the_size_that_it_had(last: int, target: int, size: int) -> None:
    one = seen(
        replace(RECORD, primary_replicas=last), manifests=setting(target={"replicas": target})
    )
    assert due(one)[0].manifest["spec"]["replicas"] == size


def test_a_daemon_set_has_no_size() -> None:
    one = seen(replace(RECORD, primary_replicas=5), manifests=daemon_setting())
    assert "replicas" not in due(one)[0].manifest["spec"]


def test_nothing_is_made_where_something_is_missing_or_not_known() -> None:
    assert due(seen(Record(), copies={CONFIG: Absent()})) == []
    assert due(seen(pins={})) == []
    assert due(seen(primary=Unknown("not synced"))) == []
    assert due(seen(label=None)) == []
    taken_over = {"pinned": {"rewritten": True}}
    assert len(due(seen(**taken_over))) == 1
    assert due(seen(label=None, **taken_over)) == []
    assert due(seen(target=Absent(), **taken_over)) == []


@pytest.mark.parametrize(
    ("copy", "goes_on"),
    [
        (Present(Source("one", tracked=True)), True),
        (Present(Source("two", tracked=True)), False),
        (Absent(), False),
        (Unknown("is being read"), False),
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_a_primary_gets_a_template_when_its_data_is_in_place(
    copy: Any, goes_on: bool, there: bool
) -> None:
    old = Revision("e1-old", {"configmap/podinfo-config": "one"})
    one = seen(replace(RECORD, primary=old), copies={CONFIG: copy})
    one = running(one, **OTHER) if there else one
    assert len(due(one)) == int(goes_on)


def test_a_copy_that_is_not_of_record_keeps_nobody() -> None:
    assert len(due(seen(copies={CONFIG: Present(Source("two", tracked=True))}))) == 1
    assert len(due(seen(copies={CONFIG: Absent()}))) == 1


def test_a_primary_as_it_should_be_is_a_fixed_point() -> None:
    assert due(running(seen())) == []
    assert due(running(seen(replace(RECORD, stage=Stage.PROMOTING, run=RUN)))) == []


PINNED = {"spec": {"minReadySeconds": 7, "metadata": {"annotations": {"team-x": "1"}}}}


@pytest.mark.parametrize("stage", [Stage.PROMOTING, Stage.PROGRESSING, Stage.SUCCEEDED])
def test_settings_and_metadata_follow_at_a_promotion_only(stage: Stage) -> None:
    record = replace(RECORD, stage=stage, run=RUN)
    (patch,) = due(running(seen(record, pinned=PINNED), **OTHER))
    assert isinstance(patch, Patch)
    assert (patch.uid, patch.resource_version) == ("podinfo-primary-uid", "7")
    assert patch.template == "e1-old"
    changed = {operation["path"]: operation["value"] for operation in patch.operations}
    assert changed.pop("/spec/template")["spec"] == TEMPLATE["spec"]
    promoted = {
        "/spec/minReadySeconds": 7,
        "/metadata/annotations": {"team-x": "1"},
        "/metadata/labels": {"app": "podinfo-primary"},
    }
    assert changed == (promoted if stage is Stage.PROMOTING else {})


def test_a_pin_without_settings_promotes_its_template() -> None:
    record = replace(RECORD, stage=Stage.PROMOTING, run=RUN)
    for pinned in ({}, {"spec": {"minReadySeconds": 7}}):
        (patch,) = due(running(seen(record, pinned=pinned), **OTHER))
        assert patch.operations[0]["path"] == "/spec/template"


def sizes(one: Look) -> list[tuple[str, int, bool]]:
    writes: list[Any] = list(scales(one.scene, one.record, one.view))
    assert all((w.uid, w.resource_version) == (f"{w.key.name}-uid", "7") for w in writes)
    return [(write.key.name, write.replicas, write.primary) for write in writes]


@pytest.mark.parametrize(
    ("command", "weight", "facts", "done"),
    [
        (None, 0, world(), False),
        (0, 0, world(), True),
        (0, 0, world(replicas=0), False),
        # It still serves users, or the last of their requests.
        (0, 10, world(route=10), False),
        (0, 0, world(route=0, matched_at=98.0), False),
        (3, 10, world(route=10, replicas=0), True),
        (3, 0, world(replicas=0, matched_at=98.0), True),
        # Somebody started it in another size.
        (3, 0, world(replicas=1), False),
    ],
)
def test_a_target_is_scaled_by_command_and_down_when_it_has_drained(
    command: int | None, weight: int, facts: Any, done: bool
) -> None:
    one = seen(replace(RECORD, scale_target=command, weight=weight), facts)
    assert sizes(one) == ([("podinfo", command, False)] if done else [])
    assert sizes(one.seeing(target=Unknown("not synced"))) == []


@pytest.mark.parametrize(("command", "done"), [(None, False), (0, False), (2, False), (5, True)])
def test_a_primary_is_scaled_by_command_and_never_to_zero(command: int, done: bool) -> None:
    one = running(seen(replace(RECORD, scale_primary=command)))
    assert sizes(one) == ([("podinfo-primary", command, True)] if done else [])
    assert sizes(one.seeing(primary=Absent())) == []


def test_a_daemon_set_is_scaled_by_its_node_selector() -> None:
    down = replace(RECORD, scale_target=0)
    for manifests, selector in (
        (daemon_setting(), {"flagger.app/scale-to-zero": "true"}),
        (setting(), None),
    ):
        one = seen(down, manifests=manifests)
        (write,) = scales(one.scene, one.record, one.view)
        values = [operation["value"] for operation in write.operations]  # type: ignore[attr-defined]
        assert values == ([selector] if selector else [])
