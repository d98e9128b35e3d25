"""The autoscalers of one Canary as they are cached, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from canary.api.canary import Canary
from canary.api.spec import ScalerReplicas
from canary.controller.cached import seen
from canary.kube.caches import Caches
from canary.kube.resources import AUTOSCALERS, SCALED_OBJECTS, Key, Obj, Resource
from canary.rollout.observed import Observed, Present
from canary.workloads.autoscalers import KINDS, AutoscalerKind, Overrides, least, most

RESOURCES: Mapping[str, Resource] = {
    "HorizontalPodAutoscaler": AUTOSCALERS,
    "ScaledObject": SCALED_OBJECTS,
}
"""By ``spec.autoscalerRef.kind``."""


@dataclass(frozen=True, slots=True)
class Autoscaling:
    """The target's autoscaler, and the primary's."""

    kind: AutoscalerKind
    resource: Resource
    target: Observed[Obj]
    primary: Observed[Obj]
    overrides: Overrides

    @property
    def least(self) -> int:
        """Replicas with which the target starts from zero; 1 where that can't be read."""
        return least(self.kind, self.target.value) if isinstance(self.target, Present) else 1

    @property
    def most(self) -> int | None:
        """The primary's maximum, if there is one."""
        if not isinstance(self.target, Present):
            return None
        return most(self.kind, self.target.value, self.overrides)


def autoscaling(caches: Caches, canary: Canary) -> Autoscaling | None:
    """The autoscalers of ``canary``; None without any. Only then are they watched."""
    ref = canary.spec.scaler
    if ref is None:
        return None
    resource, namespace = RESOURCES[ref.kind], canary.metadata.namespace
    replicas = ref.primary_scaler_replicas or ScalerReplicas()
    return Autoscaling(
        KINDS[ref.kind],
        resource,
        seen(caches, resource, Key(namespace, ref.name)),
        seen(caches, resource, Key(namespace, f"{ref.name}-primary")),
        Overrides(replicas.min_replicas, replicas.max_replicas, ref.primary_scaler_queries),
    )
