"""The three Services of a Canary, as far as they are due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from canary.controller.scene import Scene
from canary.controller.writes import Apply, Patch, Write, intent_of
from canary.kube.resources import SERVICES, Obj
from canary.rollout.observed import Absent, Present
from canary.rollout.view import View
from canary.workloads.labels import SelectorLabel
from canary.workloads.managers import inherits
from canary.workloads.ownership import owned_by, owned_by_another, owner_reference
from canary.workloads.services import adoption_patch, differs, service_manifest


def services(scene: Scene, view: View) -> Iterator[Write]:
    """Canary and primary Service at once; the apex when a primary pod is ready behind it."""
    label, names = scene.label, scene.names
    if label is None:
        return
    primary = {label.key: label.primary}
    yield from behind_canary(scene)
    yield from _service(scene, label, names.primary_service, primary, "primary")
    if view.world.primary_endpoints > 0:
        yield from _service(scene, label, names.apex, primary, "apex")


def behind_canary(scene: Scene) -> Iterator[Write]:
    """The Service of the target's own pods: by it they are seen to serve."""
    label = scene.label
    if label is not None:
        selector = {label.key: label.value}
        yield from _service(scene, label, scene.names.canary_service, selector, "canary")


def _service(
    scene: Scene, label: SelectorLabel, name: str, selector: Mapping[str, str], role: str
) -> Iterator[Write]:
    live = scene.services.get(name)
    manifest = _manifest(scene, label, name, selector, role)
    key, serves, intent = scene.names.key(name), role == "apex", intent_of(manifest)
    if isinstance(live, Absent):
        yield Apply(SERVICES, key, manifest=manifest, serves=serves, intent=intent)
    if not isinstance(live, Present) or owned_by_another(live.value, scene.obj):
        return
    obj = live.value
    seen = (str(obj["metadata"]["uid"]), str(obj["metadata"]["resourceVersion"]))
    if owned_by(obj, scene.obj):
        if differs(obj, manifest):
            yield Apply(
                SERVICES,
                key,
                *seen,
                manifest=manifest,
                serves=serves,
                intent=intent,
                inherits=inherits(obj),
            )
        return
    operations = adoption_patch(obj, manifest)
    if operations:
        yield Patch(
            SERVICES, key, *seen, operations=tuple(operations), serves=serves, intent=intent
        )


def _manifest(
    scene: Scene, label: SelectorLabel, name: str, selector: Mapping[str, str], role: str
) -> Obj:
    service: dict[str, Any] = dict(scene.obj["spec"].get("service") or {})
    template = None
    if isinstance(scene.target, Present):
        template = scene.target.value["spec"]["template"]
    return service_manifest(
        name=name,
        namespace=scene.names.namespace,
        selector=selector,
        label=label,
        service=service,
        metadata=service.get(role),
        template=template,
        owner=owner_reference(scene.obj),
    )
