"""Names that the engine derives, against the lengths that Kubernetes accepts."""

from __future__ import annotations

from collections.abc import Iterator

from canary.controller.scene import Scene
from canary.rollout.observed import Present
from canary.rollout.world import Problem
from canary.workloads.configs import SUFFIX

OBJECT, SERVICE = 253, 63
"""Characters of an object's name, and of a Service's or a label's value."""
WORKLOAD = 242
"""Of a Deployment's or DaemonSet's: names of its revisions have up to 11 more."""


def too_long(scene: Scene) -> Iterator[Problem]:
    """A problem for each derived name that can't be, by the field that it derives from."""
    for field, name, limit in _derived(scene):
        if len(name) > limit:
            text = f"{field}: {name} has {len(name)} characters, accepted are {limit}"
            yield Problem("NameTooLong", text, field)


def _derived(scene: Scene) -> Iterator[tuple[str, str, int]]:
    names, spec = scene.names, scene.canary.spec
    target = "spec.targetRef.name"
    yield target, names.primary, WORKLOAD if scene.kind.runs_pods else SERVICE
    apex = "spec.service.name" if spec.service and spec.service.name else target
    yield apex, names.primary_service, SERVICE
    if scene.label is not None:
        label = scene.label
        yield f"spec.selector.matchLabels[{label.key}] of {names.target}", label.primary, SERVICE
    if spec.scaler is not None:
        yield "spec.autoscalerRef.name", f"{spec.scaler.name}{SUFFIX}", OBJECT
    for ref, source in scene.tracked.items():
        if isinstance(source, Present) and source.value.tracked:
            yield f"{ref.kind} {ref.name} of {names.target}", f"{ref.name}{SUFFIX}", OBJECT
