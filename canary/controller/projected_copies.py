"""The two copies of a Service that is itself the target, as far as they are due."""

from __future__ import annotations

from collections.abc import Iterator

from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.controller.writes import Apply, Write, intent_of
from canary.kube.resources import SERVICES, Obj
from canary.rollout.observed import Absent, Present
from canary.rollout.record import Record, Revision
from canary.rollout.stage import Stage
from canary.rollout.view import View
from canary.workloads.managers import inherits
from canary.workloads.ownership import owned_by_another, owner_reference
from canary.workloads.pins import Pin
from canary.workloads.service_target import canary_copy, copy_differs, copy_spec, primary_copy


def canary_service(scene: Scene, record: Record, view: View) -> Iterator[Write]:
    """The canary's copy follows the target, but never while it carries traffic (D41)."""
    if not isinstance(scene.target, Present):
        return
    if record.stage is not Stage.INITIALIZING and (record.weight > 0 or not view.drained):
        return
    target, owner = scene.target.value, owner_reference(scene.obj)
    spec = copy_spec(scene.kind.content(target), scene.obj["spec"].get("service"))
    manifest = canary_copy(target, scene.names.canary_service, spec, owner)
    yield from _copy(scene, scene.names.canary_service, manifest)


def primary_service(
    scene: Scene, revision: Revision, pin: Pin, spec: Obj, settings: Settings
) -> Iterator[Write]:
    """The primary's copy has the pinned spec of record, as ``spec`` gives it."""
    manifest = primary_copy(
        scene.names.primary,
        scene.names.namespace,
        (pin.spec or {}).get("metadata") or {},
        spec,
        owner_reference(scene.obj),
        settings.include_label_prefixes,
    )
    yield from _copy(scene, scene.names.primary, manifest, revision.template)


def _copy(scene: Scene, name: str, manifest: Obj, template: str = "") -> Iterator[Write]:
    live, key = scene.services.get(name), scene.names.key(name)
    intent = intent_of(manifest)
    if isinstance(live, Absent):
        yield Apply(SERVICES, key, manifest=manifest, template=template, intent=intent)
    if not isinstance(live, Present) or owned_by_another(live.value, scene.obj):
        return
    obj = live.value
    if copy_differs(obj, manifest):
        yield Apply(
            SERVICES,
            key,
            str(obj["metadata"]["uid"]),
            str(obj["metadata"]["resourceVersion"]),
            manifest=manifest,
            template=template,
            intent=intent,
            inherits=inherits(obj),
        )
