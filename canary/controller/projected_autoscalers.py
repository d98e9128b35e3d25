"""The primary's autoscaler and the pause of the target's, as far as they are due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from canary.controller.autoscaling import Autoscaling
from canary.controller.scene import Scene
from canary.controller.writes import Create, Patch, Write, intent_of
from canary.kube.resources import Obj
from canary.rollout.observed import Absent, Present
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.view import View
from canary.workloads.autoscalers import (
    autoscaler_patch,
    floor_patch,
    pause,
    primary_autoscaler,
    resume,
)
from canary.workloads.ownership import owner_reference


def autoscalers(scene: Scene, record: Record, view: View) -> Iterator[Write]:
    """Nothing without ``spec.autoscalerRef``."""
    found = scene.autoscaling
    if found is None or not isinstance(found.target, Present):
        return
    target = found.target.value
    yield from _pause(scene, found, target, record, view)
    if isinstance(scene.primary, Present):
        yield from _primary(scene, found, target, record, view)


def _primary(
    scene: Scene, found: Autoscaling, target: Obj, record: Record, view: View
) -> Iterator[Write]:
    """It exists once the primary serves, and follows the target's while no run is in flight.

    In between it only gives the primary the size that is needed for traffic that returns to it.
    """
    if view.world.primary_endpoints == 0:
        return
    floor = record.scale_primary or 0
    manifest = primary_autoscaler(
        found.kind,
        target,
        scene.names.target,
        owner_reference(scene.obj),
        replace(found.overrides, floor=floor),
    )
    key, intent = scene.names.key(manifest["metadata"]["name"]), intent_of(manifest)
    if isinstance(found.primary, Absent):
        yield Create(found.resource, key, manifest=manifest, intent=intent)
    elif isinstance(found.primary, Present):
        live = found.primary.value
        follows = _follows(record)
        operations = (
            autoscaler_patch(live, manifest) if follows else floor_patch(found.kind, live, floor)
        )
        if operations:
            meta = live["metadata"]
            seen = (str(meta["uid"]), str(meta["resourceVersion"]))
            yield Patch(found.resource, key, *seen, operations=tuple(operations), intent=intent)


def _follows(record: Record) -> bool:
    return not record.stage.running or record.stage in (Stage.PROMOTING, Stage.FINALISING)


def _pause(
    scene: Scene, found: Autoscaling, target: Obj, record: Record, view: View
) -> Iterator[Write]:
    """A ScaledObject must not bring back pods that are meant to be gone, nor end those that
    serve: it is paused when the target has drained, and resumed when a run begins."""
    if not found.kind.pausable:
        return
    stage = record.stage
    recycles = record.run is not None and record.run.recycle and stage.running
    operations = []
    if stage.idle or recycles:
        if record.weight == 0 and view.drained:
            operations = pause(target)
    elif stage.running or stage.leaving:
        operations = resume(target)
    if operations:
        meta = target["metadata"]
        yield Patch(
            found.resource,
            scene.names.key(meta["name"]),
            str(meta["uid"]),
            str(meta["resourceVersion"]),
            operations=tuple(operations),
            idles=stage.idle or recycles,
        )
