"""The template that the primary is meant to run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from canary.controller.digests import Source
from canary.controller.templates import (
    primary_manifest_template,
    run_mark,
    tracked_refs,
    wanted_template,
)
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record, Revision
from canary.rollout.stage import Stage
from canary.workloads.configs import ConfigRef
from tests.controller.looks import OLD, RUN, Look, look, pin
from tests.rig.manifests import service_setting, setting

TEMPLATE = setting()[2]["spec"]["template"]
CONFIG, SECRET = ConfigRef("configmap", "podinfo-config"), ConfigRef("secret", "podinfo-secret")
RECORD = Record(Stage.SUCCEEDED, primary=OLD)


def seen(record: Record = RECORD, template: Any = None, **parts: Any) -> Look:
    pinned = parts.pop("pinned", {})
    pins = {"e1-old": pin(OLD, template or TEMPLATE, **pinned)}
    return look(record, **{"pins": pins, **parts})


def wanted(one: Look) -> Any:
    return wanted_template(one.scene, one.record)


def names(template: Any) -> tuple[str, str]:
    """The ConfigMap and the Secret that it refers to."""
    (container,) = template["spec"]["containers"]
    secret = container["env"][0]["valueFrom"]["secretKeyRef"]["name"]
    return container["envFrom"][0]["configMapRef"]["name"], secret


def test_a_mark_is_that_of_the_run() -> None:
    scene = seen().scene
    second = replace(RUN, attempt=2)
    marks = {run_mark(scene, Record(run=run)) for run in (None, RUN, second)}
    assert len(marks) == 3
    assert run_mark(scene, Record(run=RUN)) == run_mark(scene, Record(run=RUN))
    other = {**scene.obj, "metadata": {**scene.obj["metadata"], "uid": "other"}}
    assert run_mark(replace(scene, obj=other), Record(run=RUN)) not in marks


@pytest.mark.parametrize(
    ("stage", "run", "strict"),
    [
        (Stage.PROMOTING, RUN, True),
        (Stage.FINALISING, RUN, True),
        # Whoever began it drew the mark at random.
        (Stage.PROMOTING, replace(RUN, imported=True), False),
        (Stage.PROGRESSING, RUN, False),
        (Stage.SUCCEEDED, RUN, False),
        (Stage.INITIALIZED, None, False),
    ],
)
def test_a_mark_counts_during_a_promotion_of_ours(stage: Stage, run: Any, strict: bool) -> None:
    one = seen(replace(RECORD, stage=stage, run=run))
    assert wanted(one).mark == (run_mark(one.scene, one.record) if strict else "")
    annotations = wanted(one).template["metadata"]["annotations"]
    assert annotations["flagger-id"] == run_mark(one.scene, one.record)


def test_without_a_pin_or_a_label_nobody_knows_what_it_should_run() -> None:
    assert wanted(seen(Record())) is None
    assert wanted(seen(pins={})) is None
    assert wanted(seen(label=None)) is None
    scene = seen(label=None).scene
    assert primary_manifest_template(scene, TEMPLATE, "", ()) is None


def test_it_takes_its_data_from_copies_where_there_is_data_of_record() -> None:
    assert names(wanted(seen()).template) == ("podinfo-config", "podinfo-secret")
    tracked = Revision("e1-old", {"configmap/podinfo-config": "one"})
    (config, secret) = names(wanted(seen(replace(RECORD, primary=tracked))).template)
    assert (config, secret) == ("podinfo-config-primary", "podinfo-secret")


def test_a_template_that_was_the_primarys_already_stays() -> None:
    one = seen(replace(RECORD, stage=Stage.PROMOTING, run=RUN), pinned={"rewritten": True})
    assert (wanted(one).template, wanted(one).mark) == (TEMPLATE, "")


def test_the_copy_of_a_service_has_its_spec_and_what_the_canary_asks_of_copies() -> None:
    spec = {"selector": {"app": "podinfo"}}
    near = {"service": {"port": 80, "trafficDistribution": "PreferClose"}}
    manifests = service_setting(near)
    one = seen(replace(RECORD, stage=Stage.PROMOTING, run=RUN), spec, manifests=manifests)
    found = {**spec, "trafficDistribution": "PreferClose"}
    assert (wanted(one).template, wanted(one).mark) == (found, "")
    assert primary_manifest_template(one.scene, spec, "", ()) == found


def test_tracked_are_those_whose_data_is_known_and_followed() -> None:
    known = {
        CONFIG: Present(Source("one", tracked=True)),
        SECRET: Present(Source("two", tracked=False)),
        ConfigRef("configmap", "gone"): Absent(),
        ConfigRef("configmap", "unread"): Unknown("is being read"),
    }
    assert tracked_refs(seen(tracked=known).scene) == {CONFIG}
