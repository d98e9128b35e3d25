"""Pins, config copies, the primary and replica counts, as far as they are due."""

from __future__ import annotations

from collections.abc import Iterator

from canary.controller.observed_workloads import drifted
from canary.controller.projected_copies import primary_service
from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.controller.templates import wanted_template
from canary.controller.writes import Copy, Create, Delete, Patch, Scale, Write, intent_of
from canary.kube.resources import (
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    SECRETS,
    Key,
    Obj,
)
from canary.rollout.observed import Absent, Present
from canary.rollout.record import Record, Revision
from canary.rollout.settled import primary_resized, target_resized
from canary.rollout.stage import Stage
from canary.rollout.view import View
from canary.workloads.configs import SUFFIX, ConfigRef
from canary.workloads.daemonset import resize
from canary.workloads.labels import portable
from canary.workloads.managers import inherits
from canary.workloads.ownership import other_owners, owner_reference
from canary.workloads.pins import pin_manifest, pin_name
from canary.workloads.primary import metadata_patch, primary_workload, promotion_patch
from canary.workloads.revision import template_digest
from canary.workloads.targets import DAEMON_SET, DEPLOYMENT


def pins(scene: Scene, record: Record) -> Iterator[Write]:
    """The templates of record are pinned; pins of others go."""
    wanted = [r for r in (record.primary, record.promoted) if r]
    if record.run and record.stage.running:
        wanted.append(record.run.revision)
    for revision in {r.template: r for r in wanted}.values():
        if revision.template not in scene.pins:
            yield from _pin(scene, revision)
    keep = {r.template for r in wanted} | ({record.run.revision.template} if record.run else set())
    for digest, pin in scene.pins.items():
        if digest not in keep:
            key = Key(scene.names.namespace, pin.name)
            yield Delete(CONTROLLER_REVISIONS, key, pin.uid)


def _pin(scene: Scene, revision: Revision) -> Iterator[Write]:
    """The pin of ``revision``, from the target that has it, else from the primary that runs it."""
    found = _source(scene, revision)
    if found is None:
        return
    obj, rewritten = found
    fields = scene.kind.copied
    settings = {field: obj["spec"][field] for field in fields if field in obj["spec"]}
    if not rewritten:
        meta = obj["metadata"]
        settings["metadata"] = {k: portable(meta.get(k)) for k in ("labels", "annotations")}
    manifest = pin_manifest(
        scene.obj,
        scene.kind.content(obj),
        revision.template,
        rewritten=rewritten,
        settings=settings,
    )
    key = scene.names.key(pin_name(scene.names.canary, revision.template))
    yield Create(CONTROLLER_REVISIONS, key, manifest=manifest, intent=revision.template)


def _source(scene: Scene, revision: Revision) -> tuple[Obj, bool] | None:
    """The object whose template ``revision`` is, and whether it is the primary's own."""
    if isinstance(scene.target, Present):
        target = scene.target.value
        meta = target["metadata"]
        same = revision.taken_on(meta["uid"], int(meta.get("generation", 0)))
        if same or template_digest(scene.kind.content(target)) == revision.template:
            return target, False
    if isinstance(scene.primary, Present):
        primary = scene.primary.value
        if template_digest(scene.kind.content(primary)) == revision.template:
            return primary, True
    return None


def copies(scene: Scene, record: Record) -> Iterator[Write]:
    """``-primary`` copies hold the data of record, made of sources that have exactly that."""
    if record.primary is None:
        return
    for ref, checksum in due_copies(scene, record.primary):
        source = scene.tracked.get(ref)
        if not isinstance(source, Present) or source.value.checksum != checksum:
            continue
        resource = CONFIG_MAPS if ref.kind == "configmap" else SECRETS
        name = f"{ref.name}{SUFFIX}"
        live = scene.copied.get((resource, name))
        meta = live["metadata"] if live else {}
        yield Copy(
            resource,
            scene.names.key(name),
            str(meta.get("uid", "")),
            str(meta.get("resourceVersion", "")),
            source=scene.names.key(ref.name),
            checksum=checksum,
            owners=tuple(other_owners(live, scene.obj)) if live else (),
            intent=checksum,
            inherits=live is not None and inherits(live),
        )


def due_copies(scene: Scene, revision: Revision) -> Iterator[tuple[ConfigRef, str]]:
    """References whose copy is missing or holds other data, with the checksum that it needs."""
    for ref, copy in scene.copies.items():
        checksum = revision.configs.get(str(ref))
        if checksum is None:
            continue
        if isinstance(copy, Absent) or (
            isinstance(copy, Present) and copy.value.checksum != checksum
        ):
            yield ref, checksum


def primary(scene: Scene, record: Record, settings: Settings) -> Iterator[Write]:
    """The primary exists and runs the template of record, once all its data is in place."""
    if record.primary is None or any(due_copies(scene, record.primary)):
        return
    wanted = wanted_template(scene, record)
    if wanted is None:
        return
    if not all(isinstance(copy, (Present, Absent)) for copy in scene.copies.values()):
        return
    pin = scene.pins[record.primary.template]
    if not scene.kind.runs_pods:
        yield from primary_service(scene, record.primary, pin, wanted.template, settings)
        return
    key = scene.names.key(scene.names.primary)
    if isinstance(scene.primary, Absent) and isinstance(scene.target, Present) and scene.label:
        target = scene.target.value
        kept = {k: v for k, v in (pin.spec or {}).items() if k in scene.kind.copied}
        target = {**target, "spec": {**target["spec"], **kept}}
        manifest = primary_workload(
            scene.kind,
            target,
            wanted.template,
            label=scene.label,
            owner=owner_reference(scene.obj),
            prefixes=settings.include_label_prefixes,
            replicas=_first_size(scene, record, target),
        )
        yield Create(scene.workloads, key, manifest=manifest, intent=intent_of(wanted.template))
    elif isinstance(scene.primary, Present):
        live = scene.primary.value
        if not drifted(scene, live, wanted.template, wanted.mark):
            return
        meta = live["metadata"]
        promoted = pin.spec if record.stage is Stage.PROMOTING else None
        source = {"spec": promoted} if promoted else None
        operations = promotion_patch(scene.kind, live, source, dict(wanted.template))
        if promoted:
            prefixes = settings.include_label_prefixes
            operations += metadata_patch(live, promoted.get("metadata") or {}, prefixes)
        yield Patch(
            scene.workloads,
            key,
            str(meta["uid"]),
            str(meta["resourceVersion"]),
            operations=tuple(operations),
            template=record.primary.template,
            intent=intent_of(wanted.template),
        )


def scales(scene: Scene, record: Record, view: View) -> Iterator[Write]:
    """The replica commands of record; down to zero only what has drained."""
    target = record.scale_target
    if target_resized(view, target):
        target = None
    if target is not None and (target > 0 or (record.weight == 0 and view.drained)):
        yield from _scale(scene, scene.names.target, target, primary=False)
    size = record.scale_primary
    if size and not primary_resized(view.world, size, autoscaled=view.autoscaled):
        yield from _scale(scene, scene.names.primary, size, primary=True)


def _scale(scene: Scene, name: str, replicas: int, *, primary: bool) -> Iterator[Write]:
    found, kind = scene.primary if primary else scene.target, scene.kind
    if not isinstance(found, Present):
        return
    meta = found.value["metadata"]
    yield Scale(
        scene.workloads,
        scene.names.key(name),
        str(meta["uid"]),
        str(meta["resourceVersion"]),
        replicas=replicas,
        primary=primary,
        operations=tuple(resize(found.value, replicas)) if kind is DAEMON_SET else (),
    )


def _first_size(scene: Scene, record: Record, target: Obj) -> int | None:
    """Replicas of a primary that is created: its last, else the target's, never none."""
    if scene.kind is not DEPLOYMENT:
        return None
    return record.primary_replicas or scene.kind.size(target) or 1
