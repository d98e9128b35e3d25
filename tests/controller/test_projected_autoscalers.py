"""The primary's autoscaler and the pause of the target's, as far as they are due."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from canary.controller.autoscaling import RESOURCES, Autoscaling
from canary.controller.projected_autoscalers import autoscalers
from canary.controller.writes import Create, Patch
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.workloads.autoscalers import KINDS, Overrides
from tests.controller.looks import NEW, OLD, RUN, Look, live, look, world
from tests.rig.manifests import autoscaled

HPA, SCALED_OBJECT = "HorizontalPodAutoscaler", "ScaledObject"
RECORD = Record(Stage.SUCCEEDED, promoted=OLD, primary=OLD)


def scaled(kind: str, record: Record = RECORD, facts: Any = None, **parts: Any) -> Look:
    """A target with an autoscaler; none of the primary yet."""
    scaler, *manifests = autoscaled(kind)
    found = {"target": Present(live(scaler)), "primary": Absent(), "overrides": Overrides()}
    found |= parts
    autoscaling = Autoscaling(KINDS[kind], RESOURCES[kind], **found)
    primary = Present(live(manifests[2]))
    return look(record, facts, manifests=manifests, primary=primary, autoscaling=autoscaling)


def due(seen: Look) -> list[Any]:
    return list(autoscalers(seen.scene, seen.record, seen.view))


def followed(seen: Look, **spec: Any) -> Look:
    """The primary's autoscaler is there as it should be, but for ``spec``."""
    (made,) = due(seen)
    obj = live({**made.manifest, "spec": {**made.manifest["spec"], **spec}})
    assert seen.scene.autoscaling is not None
    return seen.seeing(autoscaling=replace(seen.scene.autoscaling, primary=Present(obj)))


def test_the_primary_gets_an_autoscaler_when_it_serves() -> None:
    (made,) = due(scaled(HPA))
    assert isinstance(made, Create)
    assert made.key.name == "podinfo-hpa-primary"
    assert made.manifest["spec"]["scaleTargetRef"]["name"] == "podinfo-primary"
    assert made.manifest["spec"]["minReplicas"] == 3
    assert due(scaled(HPA, facts=world(primary=0))) == []
    assert due(scaled(HPA).seeing(primary=Absent())) == []
    assert due(scaled(HPA, primary=Unknown("not synced"))) == []


def test_nothing_is_done_without_an_autoscaler_of_the_target() -> None:
    assert due(look(RECORD)) == []
    for gone in (Absent(), Unknown("not synced")):
        assert due(scaled(HPA, target=gone)) == []
        assert due(scaled(SCALED_OBJECT, target=gone)) == []


@pytest.mark.parametrize("stage", [s for s in Stage if s not in (Stage.TERMINATED,)])
def test_it_follows_the_targets_but_not_while_a_canary_is_judged(stage: Stage) -> None:
    seen = followed(scaled(HPA), maxReplicas=4, minReplicas=3)
    run = RUN if stage.running else None
    writes = due(seen.at(stage=stage, run=run))
    if stage.judged:
        assert writes == []
        return
    (patch,) = writes
    assert isinstance(patch, Patch)
    assert (patch.uid, patch.resource_version) == ("podinfo-hpa-primary-uid", "7")
    assert patch.operations[0]["value"]["maxReplicas"] == 6


def test_a_fixed_point_has_no_write() -> None:
    seen = followed(scaled(HPA))
    assert due(seen) == []
    assert due(seen.at(stage=Stage.PROGRESSING, run=RUN)) == []


@pytest.mark.parametrize("stage", [Stage.PROGRESSING, Stage.PROMOTING])
def test_the_size_that_traffic_needs_is_its_least(stage: Stage) -> None:
    seen = followed(scaled(HPA)).at(stage=stage, run=RUN, scale_primary=5)
    (patch,) = due(seen)
    (operation,) = patch.operations
    value = operation["value"]
    assert (value if stage is Stage.PROGRESSING else value["minReplicas"]) == 5


IDLE = Record(Stage.SUCCEEDED, promoted=NEW, primary=NEW)
PAUSE = {"autoscaling.keda.sh/paused-replicas": "0"}
RECYCLE = replace(RUN, recycle=True)


def paused(seen: Look) -> Look:
    """The target's ScaledObject is paused at zero."""
    found = seen.scene.autoscaling
    assert found is not None
    assert isinstance(found.target, Present)
    target = found.target.value
    obj = {**target, "metadata": {**target["metadata"], "annotations": PAUSE}}
    return seen.seeing(autoscaling=replace(found, target=Present(obj)))


def pauses(seen: Look) -> list[tuple[str, bool]]:
    """What is done to the target's ScaledObject, and whether that lets the target go to zero."""
    found = [w for w in due(seen) if w.key.name == "podinfo-so"]
    assert all((w.uid, w.resource_version) == ("podinfo-so-uid", "7") for w in found)
    return [(w.operations[0]["op"], w.idles) for w in found]


@pytest.mark.parametrize(
    ("record", "facts", "done"),
    [
        (IDLE, world(), [("add", True)]),
        (replace(IDLE, stage=Stage.INITIALIZED), world(), [("add", True)]),
        (replace(IDLE, stage=Stage.INITIALIZING), world(), []),
        (replace(IDLE, stage=Stage.WAITING), world(), []),
        # It still serves users, or the last of their requests.
        (replace(IDLE, stage=Stage.FAILED, weight=50), world(route=50), []),
        (IDLE, world(matched_at=98.0), []),
        (replace(IDLE, stage=Stage.PROGRESSING, run=RUN), world(), []),
        # Only data changed: the pods go through zero first.
        (replace(IDLE, stage=Stage.PROGRESSING, run=RECYCLE), world(), [("add", True)]),
        # A run that is over recycles nothing any more.
        (replace(IDLE, stage=Stage.WAITING, run=RECYCLE), world(), []),
        (replace(IDLE, stage=Stage.TERMINATING, run=RECYCLE), world(), []),
    ],
)
def test_a_target_at_rest_is_kept_at_zero(record: Record, facts: Any, done: Any) -> None:
    assert pauses(scaled(SCALED_OBJECT, record, facts)) == done
    assert pauses(paused(scaled(SCALED_OBJECT, record, facts))) in ([], [("remove", False)])


@pytest.mark.parametrize("stage", Stage)
def test_a_pause_ends_when_a_run_begins_or_the_canary_goes(stage: Stage) -> None:
    seen = paused(scaled(SCALED_OBJECT)).at(stage=stage, run=RUN)
    resumes = stage.running or stage.leaving
    assert pauses(seen) == ([("remove", False)] if resumes else [])


def test_an_hpa_needs_no_pause() -> None:
    assert [w.key.name for w in due(scaled(HPA, IDLE))] == ["podinfo-hpa-primary"]
