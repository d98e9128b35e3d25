"""The cached objects that belong to one Canary, gathered once per reconcile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from canary.api.canary import Canary
from canary.controller.autoscaling import Autoscaling
from canary.controller.digests import Source
from canary.controller.prerequisites import Prerequisite
from canary.kube.resources import WORKLOADS, Key, Obj, Resource
from canary.rollout.binding import Binding
from canary.rollout.observed import Absent, Observed, Unknown
from canary.rollout.plan import Traffic
from canary.workloads.configs import ConfigRef
from canary.workloads.labels import SelectorLabel
from canary.workloads.pins import Pin
from canary.workloads.targets import KINDS, TargetKind
from providers.demands import able
from providers.interface import INGRESS_ANNOTATIONS, Capability, ObjectKind, Provider
from providers.optional import Extension


@dataclass(frozen=True, slots=True)
class Names:
    """Names of everything that one Canary generates."""

    namespace: str
    canary: str
    target: str
    apex: str

    @property
    def primary(self) -> str:
        return f"{self.target}-primary"

    @property
    def primary_service(self) -> str:
        return f"{self.apex}-primary"

    @property
    def canary_service(self) -> str:
        return f"{self.apex}-canary"

    def key(self, name: str) -> Key:
        """``name`` in the Canary's namespace."""
        return Key(self.namespace, name)


def names(canary: Canary) -> Names:
    """The names that ``spec`` implies (``{t}``, ``{apex}``)."""
    target = canary.spec.target_ref.name
    service = canary.spec.service
    apex = (service.name if service else None) or target
    return Names(canary.metadata.namespace, canary.metadata.name, target, apex)


@dataclass(frozen=True, slots=True)
class Scene:
    """Objects as cached, with what is read off them directly.

    ``tracked`` holds, for each ConfigMap and Secret that the target refers to, its digest;
    ``copies`` the digests of the ``-primary`` copies. ``route_gap`` is set where the routes can't
    be seen (their kind isn't served, or isn't synced).
    """

    obj: Obj
    canary: Canary
    names: Names
    provider: Provider | None
    target: Observed[Obj]
    primary: Observed[Obj]
    services: Mapping[str, Observed[Obj]] = field(default_factory=dict)
    routes: Mapping[tuple[ObjectKind, str], Obj] = field(default_factory=dict)
    route_gap: Absent | Unknown | None = None
    label: SelectorLabel | None = None
    selector_labels: tuple[str, ...] = ()
    """Label keys by which pods find their own kind: selectors with these are rewritten."""
    tracked: Mapping[ConfigRef, Observed[Source]] = field(default_factory=dict)
    copies: Mapping[ConfigRef, Observed[Source]] = field(default_factory=dict)
    copied: Mapping[tuple[Resource, str], Obj] = field(default_factory=dict)
    """Metadata of the copies that exist, by resource and name."""
    pins: Mapping[str, Pin] = field(default_factory=dict)
    templates: Mapping[str, Obj] = field(default_factory=dict)
    """The MetricTemplates that the spec refers to and that exist, by ``NAME.NAMESPACE``."""
    endpoints: Mapping[str, int] = field(default_factory=dict)
    """Ready endpoints by Service name."""
    autoscaling: Autoscaling | None = None
    """Those that ``spec.autoscalerRef`` names."""
    wanted: Binding | None = None
    """What the spec asks for, where the run is bound to something else; ``canary`` and ``obj`` are
    as that has it."""
    lacking: tuple[Extension, ...] = ()
    """What the routes are to have and this cluster's CRDs don't know."""
    ingress_annotations: str = INGRESS_ANNOTATIONS
    """Prefix of the annotations that ingress-nginx reads."""
    prerequisites: Mapping[Key, Prerequisite] = field(default_factory=dict)
    """The Canaries that it depends on, directly or not."""
    rival: str = ""
    """Why another Canary has this target; empty if none has."""

    @property
    def kind(self) -> TargetKind:
        """Kind of the target, and of the primary."""
        return KINDS[self.canary.spec.target_ref.kind]

    @property
    def workloads(self) -> Resource:
        """Resource of the target, and of the primary."""
        return WORKLOADS[self.kind.name]


def traffic(provider: Provider | None, canary: Obj) -> Traffic:
    """What ``provider`` can do for ``canary``; an unknown one is taken for one that weights."""
    if provider is None:
        return Traffic()
    can = able(provider, canary)
    return Traffic(
        Capability.WEIGHTS in can, Capability.MIRROR in can, Capability.SESSION_AFFINITY in can
    )
