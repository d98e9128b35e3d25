"""The template that the primary is meant to run, from its pin."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from canary.controller.scene import Scene
from canary.kube.resources import Obj
from canary.rollout.observed import Present
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.workloads.configs import ConfigRef, references
from canary.workloads.primary import primary_template
from canary.workloads.service_target import copy_spec

_FLAGGER_ID = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The primary's template; ``mark`` is the ``flagger-id`` that it must carry, empty: any."""

    template: Obj
    mark: str


def run_mark(scene: Scene, record: Record) -> str:
    """The primary's ``flagger-id``: what Flagger draws at random derives from the run."""
    run = record.run.id if record.run else "first"
    return _mark(f"{scene.obj['metadata']['uid']}/{run}")


@lru_cache(maxsize=2048)
def _mark(name: str) -> str:
    return str(uuid.uuid5(_FLAGGER_ID, name))


def primary_manifest_template(
    scene: Scene, template: Obj, mark: str, tracked: Collection[ConfigRef]
) -> Obj | None:
    """``template`` rewritten for the primary, with the copies of ``tracked``; None without a
    usable selector. A Service is copied as it is."""
    if not scene.kind.runs_pods:
        return copy_spec(template, scene.obj["spec"].get("service"))
    if scene.label is None:
        return None
    return primary_template(
        template,
        label=scene.label,
        target_name=scene.names.target,
        tracked=tracked,
        flagger_id=mark,
        selector_labels=scene.selector_labels,
    )


def tracked_refs(scene: Scene) -> frozenset[ConfigRef]:
    """The references of the target that its primary takes from copies."""
    return frozenset(
        ref
        for ref, source in scene.tracked.items()
        if isinstance(source, Present) and source.value.tracked
    )


def wanted_template(scene: Scene, record: Record) -> Wanted | None:
    """What the primary should run by the record; None while its pin isn't there.

    During a promotion of ours the mark is part of it: a change of data alone restarts the primary
    by nothing else. At rest any mark will do, as Flagger's own is random.
    """
    if record.primary is None:
        return None
    pin = scene.pins.get(record.primary.template)
    if pin is None:
        return None
    mark = run_mark(scene, record)
    promoting = record.stage in (Stage.PROMOTING, Stage.FINALISING)
    strict = record.run is not None and not record.run.imported and promoting
    if not scene.kind.runs_pods:
        return Wanted(copy_spec(pin.template, scene.obj["spec"].get("service")), "")
    if pin.rewritten:
        return Wanted(pin.template, "")
    copied = [r for r in references(pin.template) if str(r) in record.primary.configs]
    template: Any = primary_manifest_template(scene, pin.template, mark, copied)
    return Wanted(template, mark if strict else "") if template is not None else None
