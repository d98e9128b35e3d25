"""What keeps a Canary from being run, in the order in which a person should mend it."""

from __future__ import annotations

from collections.abc import Iterator

from canary.api import semantics, support
from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.world import Problem
from canary.workloads.labels import UnusableSelector, selector_label


def problems(scene: Scene, settings: Settings, record: Record) -> tuple[Problem, ...]:
    """All problems of spec and cluster; the first one is announced and holds."""
    return (
        *_of_the_spec(scene, settings),
        *_of_the_target(scene, settings),
        *_of_configs(scene, record),
        *_of_routes(scene),
    )


def _of_the_spec(scene: Scene, settings: Settings) -> Iterator[Problem]:
    if scene.rival:
        yield Problem("TargetConflict", scene.rival, "spec.targetRef")
    for text in semantics.violations(scene.canary, settings.no_cross_namespace_refs):
        yield Problem("InvalidSpec", f"invalid canary spec: {text}")
    provider = scene.canary.spec.provider or settings.mesh_provider
    for refusal in support.refusals(scene.canary, provider):
        yield Problem("Unsupported", f"{refusal.field}: {refusal.message}", refusal.field)
    if scene.provider is not None:
        for found in scene.provider.problems(scene.obj):
            yield Problem("InvalidSpec", found.message, found.field)


def _of_the_target(scene: Scene, settings: Settings) -> Iterator[Problem]:
    where = f"{scene.names.target}.{scene.names.namespace}"
    if isinstance(scene.target, Absent):
        yield Problem(
            "TargetMissing", f"deployment {where} get query error: {scene.target.why}", error=True
        )
    elif isinstance(scene.target, Present):
        try:
            selector_label(scene.target.value, settings.selector_labels)
        except UnusableSelector as error:
            yield Problem("UnusableSelector", f"getSelectorLabel failed: {error}", error=True)


def _of_configs(scene: Scene, record: Record) -> Iterator[Problem]:
    """A missing source, and a copy that is lost or altered beyond repair."""
    prefix = "createPrimaryDeployment failed: " if record.stage is Stage.INITIALIZING else ""
    for ref, source in scene.tracked.items():
        if isinstance(source, Absent) and not ref.optional:
            error = f"{ref.kind} {ref.name}.{scene.names.namespace} get query error: "
            yield Problem(
                "ConfigMissing",
                f"{prefix}GetTargetConfigs failed: {error}{error}{source.why}",
                error=True,
            )
    if record.primary is None or record.stage in (Stage.INITIALIZING, Stage.PROMOTING):
        return
    for ref, copy in scene.copies.items():
        if not isinstance(copy, Absent):
            continue
        meant = record.primary.configs.get(f"{ref.kind}/{ref.name}")
        held = scene.tracked.get(ref)
        if meant and isinstance(held, Present) and held.value.checksum != meant:
            yield Problem(
                "ConfigLost",
                f"{ref.kind} {ref.name}-primary is gone and {ref.name} no longer holds the "
                f"promoted data ({meant}): put that data back, or promote a new revision",
            )


def _of_routes(scene: Scene) -> Iterator[Problem]:
    if isinstance(scene.route_gap, Absent):
        yield Problem("RouteKindMissing", scene.route_gap.why, error=True)


def unknown_parts(scene: Scene) -> Unknown | None:
    """The first thing that can't be seen."""
    for part in (scene.target, scene.primary, *scene.services.values()):
        if isinstance(part, Unknown):
            return part
    return scene.route_gap if isinstance(scene.route_gap, Unknown) else None
