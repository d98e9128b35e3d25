"""What keeps a Canary from being run, in the order in which a person should mend it."""

from __future__ import annotations

from collections.abc import Iterator

from canary.api import semantics, support
from canary.api.canary import InvalidObject, parse_metric_template
from canary.controller.name_limits import too_long
from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.world import ROUTE_KIND_MISSING, Problem
from canary.workloads.autoscalers import other_target
from canary.workloads.daemonset import unusable_strategy
from canary.workloads.labels import UnusableSelector, selector_label
from canary.workloads.ownership import owned_by_another
from canary.workloads.targets import DAEMON_SET
from providers.demands import unmet


def problems(scene: Scene, settings: Settings, record: Record) -> tuple[Problem, ...]:
    """All problems of spec and cluster; the first one is announced and holds."""
    return (
        *_of_the_spec(scene, settings),
        *too_long(scene),
        *_of_the_target(scene, settings),
        *_of_autoscalers(scene, record),
        *_of_templates(scene),
        *_of_services(scene),
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
    yield from _of_a_service(scene)
    if scene.provider is not None:
        for found in (*scene.provider.problems(scene.obj), *unmet(scene.provider, scene.obj)):
            yield Problem("InvalidSpec", found.message, found.field)


def _of_a_service(scene: Scene) -> Iterator[Problem]:
    """Parts of the spec that mean nothing with a Service as target."""
    service = scene.canary.spec.service
    if scene.kind.runs_pods or service is None:
        return
    if service.name not in (None, "", scene.names.target):
        field = "spec.service.name"
        text = f"{field}: {service.name} can't be the apex of the target {scene.names.target}"
        yield Problem("InvalidSpec", f"{text}, a Service that is its own: remove it", field)


def _of_the_target(scene: Scene, settings: Settings) -> Iterator[Problem]:
    where = f"{scene.names.target}.{scene.names.namespace}"
    kind = scene.kind.name
    if isinstance(scene.target, Absent):
        text = f"{kind.lower()} {where} get query error: {scene.target.why}"
        yield Problem("TargetMissing", text, error=True)
    elif isinstance(scene.target, Present) and scene.kind.runs_pods:
        try:
            selector_label(scene.target.value, settings.selector_labels, kind)
        except UnusableSelector as error:
            yield Problem("UnusableSelector", f"getSelectorLabel failed: {error}", error=True)
        unusable = unusable_strategy(scene.target.value) if scene.kind is DAEMON_SET else ""
        if unusable:
            text = f"createPrimaryDaemonSet failed: {unusable}"
            yield Problem("UnusableStrategy", text, error=True)


def _of_autoscalers(scene: Scene, record: Record) -> Iterator[Problem]:
    """An autoscaler that is missing, or can't be the target's.

    While initialising it is asked for only once the primary serves (S70).
    """
    ref, found = scene.canary.spec.scaler, scene.autoscaling
    if ref is None or found is None:
        return
    field, where = "spec.autoscalerRef", f"{ref.name}.{scene.names.namespace}"
    if record.stage is Stage.INITIALIZING and not scene.endpoints[scene.names.primary_service]:
        return
    elif isinstance(found.target, Absent):
        text = f"{ref.kind} {where} get query error: {found.target.why}"
        yield Problem("AutoscalerMissing", text, field, error=True)
    elif isinstance(found.target, Present):
        other = other_target(found.kind, found.target.value, scene.kind.name)
        if other:
            yield Problem("AutoscalerMismatch", f"{field}: {other}", field, error=True)


def _of_templates(scene: Scene) -> Iterator[Problem]:
    """Templates that ask for a metrics server that isn't supported; others fail their check."""
    for name, obj in scene.templates.items():
        try:
            template = parse_metric_template(obj)
        except InvalidObject:
            continue
        for refusal in support.template_refusals(template):
            text = f"MetricTemplate {name} {refusal.field}: {refusal.message}"
            yield Problem("Unsupported", text, "spec.analysis.metrics")


def _of_services(scene: Scene) -> Iterator[Problem]:
    """A Service under one of our names that another Canary controls."""
    for name, seen in scene.services.items():
        other = owned_by_another(seen.value, scene.obj) if isinstance(seen, Present) else ""
        if other:
            where = f"{name}.{scene.names.namespace}"
            text = f"Service {where} belongs to Canary {other}: choose another spec.service.name"
            yield Problem("ServiceTaken", text, "spec.service.name")


def _of_configs(scene: Scene, record: Record) -> Iterator[Problem]:
    """A missing source, and a copy that is lost or altered beyond repair."""
    creating = record.stage is Stage.INITIALIZING
    prefix = f"createPrimary{scene.kind.name} failed: " if creating else ""
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
                passing=True,
            )


def _of_routes(scene: Scene) -> Iterator[Problem]:
    if isinstance(scene.route_gap, Absent):
        yield Problem(ROUTE_KIND_MISSING, scene.route_gap.why, error=True)


def unknown_parts(scene: Scene) -> Unknown | None:
    """The first thing that can't be seen."""
    for part in (scene.target, scene.primary, *scene.services.values()):
        if isinstance(part, Unknown):
            return part
    return scene.route_gap if isinstance(scene.route_gap, Unknown) else None
