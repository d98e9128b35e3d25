"""From cached objects to facts: the only place that reads Kubernetes objects for the engine."""

from __future__ import annotations

from canary.controller.dependencies import dependencies
from canary.controller.memory import Memory
from canary.controller.observed_route import apex_ready, live_route, parted
from canary.controller.observed_workloads import primary, target
from canary.controller.problems import problems
from canary.controller.releases import FINALIZER, all_given_back
from canary.controller.requests import request
from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.rollout.record import Record
from canary.rollout.world import World


def observe(scene: Scene, record: Record, memory: Memory, settings: Settings, now: float) -> World:
    """The world of one Canary. Every fact is as fresh as the caches, none is made up."""
    return World(
        target=target(scene, memory, now),
        primary=primary(scene, record),
        route=live_route(scene, record, memory, now),
        pins=frozenset(scene.pins),
        apex_ready=apex_ready(scene),
        problems=problems(scene, settings, record),
        dependencies=dependencies(scene),
        deleted="deletionTimestamp" in scene.obj["metadata"],
        finalizer=FINALIZER in (scene.obj["metadata"].get("finalizers") or ()),
        original=_original(scene, record),
        released=not record.stage.leaving or all_given_back(scene),
        wanted=scene.wanted,
        parted=scene.wanted is not None and parted(scene, record),
        request=request(scene.obj),
    )


def _original(scene: Scene, record: Record) -> bool:
    pin = scene.pins.get(record.promoted.template) if record.promoted else None
    return pin is not None and not pin.rewritten and scene.kind.runs_pods
