"""The finalizer of a Canary, and what its deletion gives back, as far as they are due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from canary.controller.projected_autoscalers import autoscalers
from canary.controller.projected_routes import resource_of, routes
from canary.controller.projected_services import behind_canary
from canary.controller.projected_workloads import scales
from canary.controller.releases import FINALIZER, apex_operations, routes_given_back
from canary.controller.scene import Scene
from canary.controller.writes import Patch, Write
from canary.kube.resources import CANARIES, SERVICES, Key, Obj, Resource
from canary.rollout.observed import Present, Unknown
from canary.rollout.record import Record
from canary.rollout.rules.exits import given_back, may_go, may_release, pointless
from canary.rollout.stage import Stage
from canary.rollout.view import View


def finalizer(scene: Scene, record: Record, view: View) -> Iterator[Write]:
    """It is there while the Canary reverts on deletion, until what it changed is given back."""
    meta = scene.obj["metadata"]
    have = list(meta.get("finalizers") or ())
    wanted = scene.canary.spec.revert_on_deletion
    if record.stage.leaving:
        wanted = record.stage is not Stage.TERMINATED or not may_go(view)
    elif view.world.deleted:
        return
    if wanted is (FINALIZER in have) or (wanted and view.world.deleted):
        return
    yield _finalized(scene.obj, [*have, FINALIZER] if wanted else _without(have))


def without_finalizer(obj: Obj) -> Patch | None:
    """What lets a Canary go, as far as this engine is concerned; None if nothing keeps it."""
    have = list(obj["metadata"].get("finalizers") or ())
    return _finalized(obj, _without(have)) if FINALIZER in have else None


def _without(finalizers: list[str]) -> list[str]:
    return [name for name in finalizers if name != FINALIZER]


def _finalized(obj: Obj, finalizers: list[str]) -> Patch:
    operation = {"op": "add", "path": "/metadata/finalizers", "value": finalizers}
    return _patch(CANARIES, obj, (operation,))


def exits(scene: Scene, record: Record, view: View) -> Iterator[Write]:
    """Template and size of the target, then apex Service and routes of others, one after the other:
    nothing leads to the target before it is ready."""
    if record.stage is not Stage.TERMINATING or pointless(view) is not None:
        return
    if not may_release(view):
        apex = scene.services.get(scene.names.apex)
        if isinstance(view.world.route, Present) or isinstance(apex, Present):
            # A route that was never made isn't made for a Service that nobody made.
            yield from routes(scene, record, view)
        yield from _template(scene, record, view)
        yield from autoscalers(scene, record, view)
        yield from scales(scene, record, view)
        yield from behind_canary(scene)
        return
    yield from _services(scene)
    yield from _routes(scene)


def _template(scene: Scene, record: Record, view: View) -> Iterator[Write]:
    """The promoted template, as the target had it."""
    if given_back(view) is None or isinstance(view.revision, Unknown):
        return
    if record.promoted is None or not isinstance(scene.target, Present):
        return
    pin = scene.pins[record.promoted.template]
    operation = {"op": "replace", "path": "/spec/template", "value": pin.template}
    yield _patch(scene.workloads, scene.target.value, (operation,))


def _services(scene: Scene) -> Iterator[Write]:
    apex, operations = scene.services.get(scene.names.apex), apex_operations(scene)
    if operations and isinstance(apex, Present):
        yield _patch(SERVICES, apex.value, operations)


def _routes(scene: Scene) -> Iterator[Write]:
    for desired in routes_given_back(scene):
        live = scene.routes[(desired.kind, desired.name)]
        yield _patch(resource_of(desired.kind), live, desired.patch or (), waits=desired.waits)


def _patch(
    resource: Resource, live: Obj, operations: Sequence[Mapping[str, Any]], *, waits: bool = False
) -> Patch:
    meta = live["metadata"]
    key = Key(meta["namespace"], meta["name"])
    seen = (str(meta["uid"]), str(meta["resourceVersion"]))
    return Patch(resource, key, *seen, operations=tuple(operations), waits=waits)
