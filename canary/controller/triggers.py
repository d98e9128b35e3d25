"""Which Canaries a change in the cluster concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from canary.controller.autoscaling import RESOURCES
from canary.controller.indexes import BY_APEX, BY_INGRESS, BY_TARGET, target_index
from canary.controller.scene import Scene
from canary.kube.caches import Caches
from canary.kube.resources import (
    ALERT_PROVIDERS,
    AUTOSCALERS,
    CANARIES,
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    DAEMON_SETS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    METRIC_TEMPLATES,
    SCALED_OBJECTS,
    SECRETS,
    Key,
    Obj,
    Resource,
)
from canary.kube.store import key_of
from canary.workloads.configs import SUFFIX
from canary.workloads.endpoints import SERVICE_LABEL

_REFERRED = (CONFIG_MAPS, SECRETS, METRIC_TEMPLATES, AUTOSCALERS, SCALED_OBJECTS)
"""Kinds that concern only those who refer to an object of theirs."""
_SUFFIXES = ("", "-primary", "-canary")


class Triggers:
    """From changed objects to keys of Canaries.

    ConfigMaps, Secrets, MetricTemplates, autoscalers, and Canaries that others depend on, concern
    those that said so with ``refer``; everything else is found by the names that a Canary implies.
    """

    def __init__(self, caches: Caches) -> None:
        self._caches = caches
        self._readers: dict[tuple[Resource, Key], set[Key]] = {}
        self._reads: dict[Key, frozenset[tuple[Resource, Key]]] = {}

    def refer(self, canary: Key, places: frozenset[tuple[Resource, Key]]) -> None:
        """From now on these objects, and no others, concern ``canary`` by reference."""
        before = self._reads.get(canary, frozenset())
        for place in before - places:
            self._readers[place].discard(canary)
            if not self._readers[place]:
                del self._readers[place]
        for place in places - before:
            self._readers.setdefault(place, set()).add(canary)
        self._reads[canary] = places

    def forget(self, canary: Key) -> None:
        """The Canary is gone."""
        self.refer(canary, frozenset())
        self._reads.pop(canary, None)

    def readers(self, resource: Resource, key: Key) -> list[Key]:
        """The Canaries that this object concerns by reference."""
        return sorted(self._readers.get((resource, key), ()))

    def concerned(
        self, resource: Resource, key: Key, old: Obj | None, new: Obj | None
    ) -> Iterator[Key]:
        """The Canaries that a change of this object concerns, some of them maybe twice. Neither
        state: it is the whole collection that changed, and with it every Canary."""
        states = [state for state in (old, new) if state is not None]
        if not states:
            for store in self._caches.everywhere(CANARIES):
                yield from store
            return
        yield from self.readers(resource, key)
        if resource == CANARIES:
            yield key
            for place in _any(target_index, states):
                yield from self._at(BY_TARGET, key.namespace, place)
        elif resource in _REFERRED or resource == ALERT_PROVIDERS:
            # AlertProviders are looked up when there is an alert to send.
            return
        elif resource == CONTROLLER_REVISIONS:
            yield from (Key(key.namespace, name) for name in _any(_owners, states))
        elif resource in (DEPLOYMENTS, DAEMON_SETS):
            for name in _bases(key.name):
                yield from self._by(BY_TARGET, key.namespace, name)
        elif resource == ENDPOINT_SLICES:
            for service in _any(_services, states):
                for name in _bases(service):
                    yield from self._by(BY_APEX, key.namespace, name)
        else:
            index = BY_INGRESS if resource.kind == "Ingress" else BY_APEX
            for name in _bases(key.name):
                yield from self._by(index, key.namespace, name)

    def _by(self, index: str, namespace: str, name: str) -> Iterator[Key]:
        yield from self._at(index, namespace, f"{namespace}/{name}")

    def _at(self, index: str, namespace: str, place: str) -> Iterator[Key]:
        for canary in self._caches.store(CANARIES, namespace).by_index(index, place):
            yield key_of(canary)


def places(scene: Scene) -> frozenset[tuple[Resource, Key]]:
    """The objects that concern the Canary of ``scene`` by reference."""
    found: set[tuple[Resource, Key]] = set()
    for ref in scene.tracked:
        resource = CONFIG_MAPS if ref.kind == "configmap" else SECRETS
        place = (resource, scene.names.key(ref.name))
        found |= {place, _copy_of(place)}
    scaler = scene.canary.spec.scaler
    if scaler is not None:
        names = (scaler.name, f"{scaler.name}-primary")
        found |= {(RESOURCES[scaler.kind], scene.names.key(name)) for name in names}
    for key, prerequisite in scene.prerequisites.items():
        found.add((CANARIES, key))
        if prerequisite.place is not None:
            found.add(prerequisite.place)
    for metric in scene.canary.spec.analysis.metrics or ():
        if metric.template_ref is not None:
            namespace = metric.template_ref.namespace or scene.names.namespace
            found.add((METRIC_TEMPLATES, Key(namespace, metric.template_ref.name)))
    return frozenset(found)


def _copy_of(place: tuple[Resource, Key]) -> tuple[Resource, Key]:
    """Where the copy of a ConfigMap or Secret is."""
    resource, key = place
    return resource, Key(key.namespace, f"{key.name}{SUFFIX}")


def _bases(name: str) -> Iterable[str]:
    """The names of which ``name`` may be the primary's or the canary's."""
    return dict.fromkeys(map(name.removesuffix, _SUFFIXES))


def _any(what: Callable[[Obj], Iterable[str]], states: Sequence[Obj]) -> Iterable[str]:
    """What ``what`` gives for any of ``states``, each once."""
    return dict.fromkeys(chain.from_iterable(map(what, states)))


def _services(endpoints: Obj) -> Iterator[str]:
    yield (endpoints["metadata"].get("labels") or {}).get(SERVICE_LABEL, "")


def _owners(pin: Obj) -> Iterator[str]:
    for reference in pin["metadata"].get("ownerReferences") or ():
        if reference.get("kind") == "Canary":
            yield reference["name"]
