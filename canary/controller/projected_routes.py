"""The route's part of a projection: the weight of record, as far as it is safe."""

from __future__ import annotations

from collections.abc import Iterator

from canary.controller.scene import Scene
from canary.controller.writes import Apply, Patch, Write, intent_of
from canary.kube.resources import Key, Resource
from canary.rollout.observed import Present
from canary.rollout.record import Record
from canary.rollout.view import View
from canary.workloads.managers import inherits
from canary.workloads.ownership import owner_reference
from providers.interface import Context, Desired, ObjectKind, Routing


def resource_of(kind: ObjectKind) -> Resource:
    """The API resource of a provider's kind."""
    return Resource(kind.group, kind.version, kind.plural, kind.kind)


def routes(scene: Scene, record: Record, view: View) -> Iterator[Write]:
    """Writes that make the routing objects what they should be; none where nothing is safe."""
    weight = safe_weight(record, view)
    if weight is None or scene.provider is None or scene.route_gap is not None:
        return
    wanted = scene.provider.desired(context(scene), _routing(record, view, weight))
    for desired in wanted:
        if desired.differs:
            yield _write(scene, desired, weight if desired.weights else None)


def context(scene: Scene) -> Context:
    """What the provider gets to see."""
    labels = {}
    service = scene.canary.spec.service
    if service is not None and service.apex is not None and scene.label is not None:
        labels = {scene.label.key: scene.names.apex}
    return Context(
        canary=scene.obj,
        live=scene.routes,
        labels=labels,
        owner=owner_reference(scene.obj),
        ingress_annotations=scene.ingress_annotations,
        lacking=frozenset(one.path for one in scene.lacking),
    )


def _routing(record: Record, view: View, weight: int) -> Routing:
    """The routing of record at ``weight``; a canary that has no endpoint mirrors nothing."""
    mirror = record.mirror and weight == record.weight and view.world.canary_endpoints > 0
    return Routing(100 - weight, weight, mirror, record.affinity)


def safe_weight(record: Record, view: View) -> int | None:
    """The weight to write: that of record under the ceiling, if who gets more can serve.

    Where who gets more can't, the live weight stays; None where even that isn't known to be safe.
    """
    world = view.world
    meant = record.weight if view.ceiling is None else min(record.weight, view.ceiling)
    live = world.route.value.weight if isinstance(world.route, Present) else None
    rises = meant > 0 and (live is None or meant > live)
    falls = meant < 100 and (live is None or meant < live)
    if rises and world.canary_endpoints == 0:
        return live
    if falls and world.primary_endpoints == 0:
        return live
    return meant


def _write(scene: Scene, desired: Desired, weight: int | None) -> Write:
    live = scene.routes.get((desired.kind, desired.name))
    meta = live["metadata"] if live else {}
    resource = resource_of(desired.kind)
    key = Key(scene.names.namespace, desired.name)
    uid, seen = str(meta.get("uid", "")), str(meta.get("resourceVersion", ""))
    intent = intent_of(desired.fields)
    if desired.patch is not None:
        operations = tuple(desired.patch)
        return Patch(
            resource,
            key,
            uid,
            seen,
            operations=operations,
            routing=weight,
            intent=intent,
            waits=desired.waits,
        )
    return Apply(
        resource,
        key,
        uid,
        seen,
        manifest=desired.fields,
        routing=weight,
        intent=intent,
        inherits=live is not None and inherits(live),
    )
