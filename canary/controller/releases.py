"""What the deletion of a Canary has to give back: a pure look at the cached objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from canary.controller.projected_routes import context
from canary.controller.scene import Scene
from canary.kube.resources import Obj
from canary.rollout.observed import Present
from canary.workloads.ownership import LAST_APPLIED, owned_by, owned_by_another
from canary.workloads.services import returned_patch
from providers.interface import Desired
from providers.optional import released

FINALIZER = "finalizer.flagger.app"


def apex_operations(scene: Scene) -> list[dict[str, Any]]:
    """What makes the apex Service lead to the target. One that the engine made becomes nobody's:
    it carries traffic, and must not go with the Canary (providers D34)."""
    apex = scene.services.get(scene.names.apex)
    if not isinstance(apex, Present) or scene.label is None or not scene.kind.runs_pods:
        return []
    live: Obj = apex.value
    if owned_by_another(live, scene.obj):
        return []
    before = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    returned = returned_patch(live, {scene.label.key: scene.label.value}, before)
    return [*returned, *_orphaned(live, scene)]


def _orphaned(live: Obj, scene: Scene) -> list[dict[str, Any]]:
    """Without the Canary's owner reference; others stay."""
    if not owned_by(live, scene.obj):
        return []
    kept = [
        dict(reference)
        for reference in live["metadata"].get("ownerReferences") or ()
        if reference.get("kind") != "Canary"
    ]
    return [{"op": "add", "path": "/metadata/ownerReferences", "value": kept}]


def routes_given_back(scene: Scene) -> Iterator[Desired]:
    """The routes of others that still lead to what goes with the Canary."""
    if scene.provider is None or scene.route_gap is not None:
        return
    for desired in released(scene.provider, context(scene)):
        if desired.patch and (desired.kind, desired.name) in scene.routes:
            yield desired


def all_given_back(scene: Scene) -> bool:
    """Nothing of somebody else leads to what goes with the Canary."""
    return not apex_operations(scene) and not any(routes_given_back(scene))
