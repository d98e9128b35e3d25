"""Pins of judged templates, and copies of the data that goes with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from canary.controller.digests import Source
from canary.controller.projected_workloads import copies, pins
from canary.controller.writes import Copy, Create, Delete
from canary.kube.resources import CONFIG_MAPS, SECRETS, Key
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record, Revision, Run
from canary.rollout.stage import Stage
from canary.workloads.configs import ConfigRef
from canary.workloads.pins import Pin
from canary.workloads.revision import template_digest
from tests.controller.looks import NEW, OLD, Look, live, look, pin
from tests.rig.manifests import setting

TARGET = setting()[2]
LIVE = Revision(template_digest(TARGET["spec"]["template"]))
"""What the target runs, by its digest alone."""
PRIMARY = {**TARGET, "metadata": {"name": "podinfo-primary"}}
THIRD = Revision("e1-third")


def due(record: Record, *pinned: Revision, **parts: Any) -> list[Any]:
    found: dict[str, Pin] = {revision.template: pin(revision, {}) for revision in pinned}
    one = look(record, pins=found, **parts)
    return list(pins(one.scene, one.record))


def deleted(writes: list[Any]) -> list[tuple[str, str]]:
    assert all(isinstance(write, Delete) for write in writes)
    return [(write.key.name, write.uid) for write in writes]


@pytest.mark.parametrize("stage", Stage)
def test_pins_of_record_stay_and_all_others_go(stage: Stage) -> None:
    """That of a run stays as long as the run is of record, though nothing pins it anew."""
    record = Record(stage, primary=OLD, promoted=THIRD, run=Run(NEW))
    gone = ("podinfo-e1-other", "podinfo-e1-other-uid")
    writes = due(record, OLD, NEW, THIRD, Revision("e1-other"))
    assert deleted(writes) == [gone]
    assert deleted(due(replace(record, run=None), OLD, THIRD, NEW)) == [
        ("podinfo-e1-new", "podinfo-e1-new-uid")
    ]
    made = due(record, OLD, THIRD)
    assert len(made) == (1 if stage.running else 0)


def test_what_is_to_be_promoted_is_pinned_with_its_settings() -> None:
    target = {**TARGET, "spec": {**TARGET["spec"], "minReadySeconds": 7, "paused": True}}
    own = "kubectl.kubernetes.io/last-applied-configuration"
    labels = {"team": "a"}
    meta = {"name": "podinfo", "labels": labels, "annotations": {own: "{}", "b": "c"}}
    seen = Present(live({**target, "metadata": meta}))
    (made,) = due(Record(Stage.PROGRESSING, run=Run(LIVE)), target=seen)
    assert isinstance(made, Create)
    assert made.key.name == f"podinfo-{LIVE.template}"
    data = made.manifest["data"]
    assert (data["template"], data["rewritten"]) == (TARGET["spec"]["template"], False)
    kept = {"labels": labels, "annotations": {"b": "c"}}
    assert data["settings"] == {"minReadySeconds": 7, "metadata": kept}


def test_a_template_is_that_of_the_object_that_it_was_seen_on() -> None:
    """A server that learnt a new default gives the same template another digest."""
    (made,) = due(Record(Stage.PROGRESSING, run=Run(NEW)))
    assert made.manifest["data"]["digest"] == "e1-new"
    assert made.manifest["data"]["template"] == TARGET["spec"]["template"]
    for other in (replace(NEW, generation=2), replace(NEW, uid="another")):
        assert due(Record(Stage.PROGRESSING, run=Run(other))) == []


def test_a_primary_that_was_taken_over_is_pinned_as_it_is() -> None:
    record = Record(Stage.SUCCEEDED, primary=LIVE)
    other = {**TARGET, "spec": {**TARGET["spec"], "template": {"spec": {"containers": []}}}}
    parts = {"target": Present(live(other)), "primary": Present(live(PRIMARY))}
    (made,) = due(record, **parts)
    assert made.manifest["data"]["rewritten"]
    assert made.manifest["data"]["template"] == TARGET["spec"]["template"]
    assert "metadata" not in made.manifest["data"]["settings"]
    (of_target,) = due(record, primary=Present(live(PRIMARY)))
    assert not of_target.manifest["data"]["rewritten"]
    (gone,) = due(record, target=Absent(), primary=Present(live(PRIMARY)))
    assert gone.manifest["data"]["rewritten"]


def test_a_template_that_nobody_has_any_more_can_not_be_pinned() -> None:
    record = Record(Stage.SUCCEEDED, primary=THIRD)
    assert due(record, primary=Present(live(PRIMARY))) == []
    assert due(record, target=Unknown("not synced"), primary=Absent()) == []


CONFIG, SECRET = ConfigRef("configmap", "a"), ConfigRef("secret", "b")
ONE, TWO = Present(Source("one", tracked=True)), Present(Source("two", tracked=True))
DATA = {"configmap/a": "one", "secret/b": "two"}
RECORD = Record(Stage.PROMOTING, primary=Revision("e1-old", DATA))


def seen(**parts: Any) -> Look:
    absent = {CONFIG: Absent(), SECRET: Absent()}
    found = {"tracked": {CONFIG: ONE, SECRET: TWO}, "copies": absent}
    return look(RECORD, **{**found, **parts})


def copied(one: Look) -> dict[str, Copy]:
    found: list[Any] = list(copies(one.scene, one.record))
    return {write.key.name: write for write in found}


def test_data_of_record_is_copied_from_sources_that_have_it() -> None:
    made = copied(seen())
    assert set(made) == {"a-primary", "b-primary"}
    config, secret = made["a-primary"], made["b-primary"]
    assert (config.resource, secret.resource) == (CONFIG_MAPS, SECRETS)
    assert (config.source, config.checksum) == (Key("test", "a"), "one")
    assert (config.uid, config.owners, config.inherits) == ("", (), False)
    # Newer data waits for its own promotion; what isn't known is no data.
    for source in (TWO, Absent(), Unknown("is being read")):
        assert set(copied(seen(tracked={CONFIG: source, SECRET: TWO}))) == {"b-primary"}
    assert copied(seen().at(primary=None)) == {}


@pytest.mark.parametrize(
    ("copy", "due"), [(Absent(), True), (TWO, True), (ONE, False), (Unknown("unread"), False)]
)
def test_a_copy_is_due_where_it_has_other_data(copy: Any, due: bool) -> None:
    assert bool(copied(seen(copies={CONFIG: copy}))) is due
    # Nothing of record refers to this one.
    assert copied(seen(copies={ConfigRef("configmap", "c"): copy})) == {}


@pytest.mark.parametrize("former", [None, "flagger"])
def test_a_copy_is_written_on_what_was_seen_and_others_keep_their_hold(former: str | None) -> None:
    theirs = {"kind": "Team", "name": "a", "uid": "theirs"}
    mine = {"kind": "Canary", "name": "podinfo", "uid": "canary"}
    obj = live({"metadata": {"name": "a-primary", "ownerReferences": [theirs, mine]}})
    if former:
        obj["metadata"]["managedFields"] = [{"manager": former, "operation": "Update"}]
    one = seen(copies={CONFIG: TWO}, copied={(CONFIG_MAPS, "a-primary"): obj})
    write = copied(one)["a-primary"]
    assert (write.uid, write.resource_version) == ("a-primary-uid", "7")
    assert write.owners == (theirs,)
    assert write.inherits == (former is not None)
