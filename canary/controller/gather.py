"""Gathering the cached objects of one Canary: lookups only, nothing is judged."""

from __future__ import annotations

from collections.abc import Iterator

from canary.api.canary import Canary
from canary.controller.autoscaling import Autoscaling, autoscaling
from canary.controller.cached import seen
from canary.controller.digests import Digests
from canary.controller.indexes import BY_OWNER, BY_SERVICE, BY_TARGET
from canary.controller.inforce import in_force
from canary.controller.prerequisites import prerequisites
from canary.controller.projected_routes import resource_of
from canary.controller.scene import Names, Scene, names
from canary.controller.schemas import Schemas
from canary.controller.settings import Settings
from canary.controller.tracked import Tracked
from canary.kube.caches import Caches
from canary.kube.resources import (
    CANARIES,
    CONTROLLER_REVISIONS,
    ENDPOINT_SLICES,
    METRIC_TEMPLATES,
    SERVICES,
    WORKLOADS,
    Key,
    Obj,
    Resource,
)
from canary.kube.store import Store, key_of
from canary.rollout.observed import Absent, Observed, Present, Unknown
from canary.rollout.record import Record
from canary.workloads.configs import SUFFIX
from canary.workloads.endpoints import ready_endpoints
from canary.workloads.labels import SelectorLabel, UnusableSelector, selector_label
from canary.workloads.pins import Pin, read_pin
from canary.workloads.service_target import serves_elsewhere
from canary.workloads.targets import DEPLOYMENT, KINDS, TargetKind
from providers.interface import ObjectKind, Provider
from providers.optional import Extension, extensions
from providers.registry import UnusableProvider, provider


def effective_provider(canary: Canary, settings: Settings) -> str:
    """The provider of ``canary``: its own, else that of the process."""
    return canary.spec.provider or settings.mesh_provider


class Gatherer:
    """Builds scenes from caches; asks for digests that aren't known yet."""

    def __init__(
        self, caches: Caches, digests: Digests, schemas: Schemas, settings: Settings
    ) -> None:
        self._caches = caches
        self._schemas = schemas
        self._tracked = Tracked(caches, digests, settings)
        self._settings = settings

    def gather(self, obj: Obj, canary: Canary, record: Record) -> Scene:
        """The scene of one Canary, as its run goes by it."""
        held = in_force(obj, canary, record, self._settings.mesh_provider)
        obj, canary = held.obj, held.canary
        called, kind = names(canary), KINDS[canary.spec.target_ref.kind]
        workloads = WORKLOADS[kind.name]
        scalers = autoscaling(self._caches, canary)
        blind = self._blind(workloads, called.namespace) or _unseen(scalers)
        target = blind or seen(self._caches, workloads, called.key(called.target))
        primary = blind or seen(self._caches, workloads, called.key(called.primary))
        pins = self._pins(obj)
        refs = self._tracked.refs(target, record, pins) if kind.runs_pods else ()
        found = _provider(effective_provider(canary, self._settings))
        routes, gap = self._routes(found, obj, called.namespace)
        lacking = self._lacking(found, obj)
        gap = gap or (lacking if isinstance(lacking, Unknown) else None)
        services = (called.apex, called.primary_service, called.canary_service)
        return Scene(
            obj=obj,
            canary=canary,
            names=called,
            provider=found,
            target=target,
            primary=primary,
            services={n: blind or seen(self._caches, SERVICES, called.key(n)) for n in services},
            routes=routes,
            route_gap=gap,
            wanted=held.wanted,
            lacking=() if isinstance(lacking, Unknown) else lacking,
            label=_label(target, kind, self._settings),
            selector_labels=self._settings.selector_labels if kind is DEPLOYMENT else (),
            tracked={ref: self._tracked.digest(called, ref, ref.name) for ref in refs},
            copies={ref: self._tracked.digest(called, ref, f"{ref.name}{SUFFIX}") for ref in refs},
            copied=dict(self._tracked.copied(called, refs)),
            pins=pins,
            templates=dict(self._templates(canary)),
            endpoints={n: self._endpoints(called, n) for n in services},
            ingress_annotations=self._settings.ingress_annotations,
            prerequisites=prerequisites(self._caches, canary),
            rival=self._rival(obj, canary),
            autoscaling=scalers,
        )

    def _blind(self, workloads: Resource, namespace: str) -> Unknown | None:
        """Why nothing can be said of any workload, if a cache behind it isn't in sync."""
        for resource in (CANARIES, workloads, SERVICES, ENDPOINT_SLICES, CONTROLLER_REVISIONS):
            store = self._caches.store(resource, namespace)
            if not store.synced:
                return Unknown(store.gap)
        return None

    def _pins(self, obj: Obj) -> dict[str, Pin]:
        meta = obj["metadata"]
        store = self._caches.store(CONTROLLER_REVISIONS, meta["namespace"])
        found = {}
        for revision in store.by_index(BY_OWNER, f"{meta['namespace']}/{meta['uid']}"):
            try:
                pin = read_pin(revision)
            except (KeyError, TypeError):
                # Somebody else's object under our label: not ours to read, nor to delete.
                continue
            found[pin.digest] = pin
        return found

    def _templates(self, canary: Canary) -> Iterator[tuple[str, Obj]]:
        for metric in canary.spec.analysis.metrics or ():
            if metric.template_ref is None:
                continue
            namespace = metric.template_ref.namespace or canary.metadata.namespace
            key = Key(namespace, metric.template_ref.name)
            if self._caches.covers(namespace):
                obj = self._caches.store(METRIC_TEMPLATES, namespace).get(key)
                if obj is not None:
                    yield str(key), obj

    def _endpoints(self, called: Names, service: str) -> int:
        live = self._caches.store(SERVICES, called.namespace).get(called.key(service))
        if live is not None and serves_elsewhere(live):
            return 1
        store = self._caches.store(ENDPOINT_SLICES, called.namespace)
        return ready_endpoints(store.by_index(BY_SERVICE, f"{called.namespace}/{service}"))

    def _routes(
        self, found: Provider | None, obj: Obj, namespace: str
    ) -> tuple[dict[tuple[ObjectKind, str], Obj], Absent | Unknown | None]:
        if found is None:
            return {}, None
        routes: dict[tuple[ObjectKind, str], Obj] = {}
        for kind, name in found.names(obj):
            store = self._caches.store(resource_of(kind), namespace)
            if not store.synced:
                return {}, _gap(store, kind)
            live = store.get(Key(namespace, name))
            if live is not None:
                routes[(kind, name)] = live
        return routes, None

    def _lacking(self, found: Provider | None, obj: Obj) -> tuple[Extension, ...] | Unknown:
        """What the routes are to have and their CRDs don't know; Unknown while that is asked."""
        lacking, key = [], key_of(obj)
        for extension in extensions(found, obj):
            known = self._schemas.has(extension.kind, extension.path, key)
            if known is None:
                return Unknown(f"the schema of {extension.kind.kind} is being read")
            lacking += [] if known else [extension]
        return tuple(lacking)

    def _rival(self, obj: Obj, canary: Canary) -> str:
        """Names the older Canary of the same target: the younger one is refused."""
        meta, target = obj["metadata"], canary.spec.target_ref.name
        store = self._caches.store(CANARIES, meta["namespace"])
        mine = (meta.get("creationTimestamp", ""), meta["name"])
        for other in store.by_index(BY_TARGET, f"{meta['namespace']}/{target}"):
            its = other["metadata"]
            if (its.get("creationTimestamp", ""), its["name"]) < mine:
                return (
                    f"Canary {its['name']}.{its['namespace']} has the target "
                    f"{target}.{meta['namespace']} already: Canary "
                    f"{meta['name']}.{meta['namespace']}, which is younger, is refused"
                )
        return ""


def _unseen(scalers: Autoscaling | None) -> Unknown | None:
    """Why nothing can be said of the autoscalers, if that is so."""
    seen = (scalers.target, scalers.primary) if scalers else ()
    return next((one for one in seen if isinstance(one, Unknown)), None)


def _gap(store: Store, kind: ObjectKind) -> Absent | Unknown:
    if store.served:
        return Unknown(store.gap)
    what = f"{kind.plural}.{kind.group}"
    return Absent(f"{what} is not served by this cluster ({store.gap}): install its CRDs")


def _label(target: Observed[Obj], kind: TargetKind, settings: Settings) -> SelectorLabel | None:
    if not isinstance(target, Present) or not kind.runs_pods:
        return None
    try:
        return selector_label(target.value, settings.selector_labels, kind.name)
    except UnusableSelector:
        return None


def _provider(name: str) -> Provider | None:
    try:
        return provider(name)
    except UnusableProvider:
        return None
