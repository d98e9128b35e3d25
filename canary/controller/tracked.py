"""ConfigMaps and Secrets of one Canary as they are cached: which, what is in them, their copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import orjson

from canary.controller.cached import seen
from canary.controller.digests import Digests, Source
from canary.controller.scene import Names
from canary.controller.settings import Settings
from canary.kube.caches import Caches
from canary.kube.resources import CONFIG_MAPS, SECRETS, Obj, Resource
from canary.rollout.observed import Observed, Present
from canary.rollout.record import Record
from canary.workloads.configs import SUFFIX, ConfigRef, references
from canary.workloads.pins import Pin


class Tracked:
    """Looks them up; asks for digests that aren't known yet."""

    def __init__(self, caches: Caches, digests: Digests, settings: Settings) -> None:
        self._caches = caches
        self._digests = digests
        self._settings = settings

    def refs(
        self, target: Observed[Obj], record: Record, pins: Mapping[str, Pin]
    ) -> tuple[ConfigRef, ...]:
        """What target and primary refer to; that of the target decides what is optional."""
        if not self._settings.config_tracking:
            return ()
        found: dict[tuple[str, str], ConfigRef] = {}
        primary = record.primary
        if primary and (pin := pins.get(primary.template)) and not pin.rewritten:
            for ref in _references(orjson.dumps(pin.template)):
                if str(ref) in primary.configs:
                    found[ref.identity] = ConfigRef(ref.kind, ref.name, optional=True)
        if isinstance(target, Present):
            template = orjson.dumps(target.value["spec"]["template"])
            found |= {ref.identity: ref for ref in _references(template)}
        return tuple(found[identity] for identity in sorted(found))

    def digest(self, called: Names, ref: ConfigRef, name: str) -> Observed[Source]:
        """What is in an object of the kind of ``ref``: the source, or its copy."""
        resource = CONFIG_MAPS if ref.kind == "configmap" else SECRETS
        found = seen(self._caches, resource, called.key(name))
        if not isinstance(found, Present):
            return found
        return self._digests.look(resource, found.value)

    def copied(
        self, called: Names, refs: Iterable[ConfigRef]
    ) -> Iterator[tuple[tuple[Resource, str], Obj]]:
        """The copies that exist, by resource and name."""
        for ref in refs:
            resource = CONFIG_MAPS if ref.kind == "configmap" else SECRETS
            name = f"{ref.name}{SUFFIX}"
            obj = self._caches.store(resource, called.namespace).get(called.key(name))
            if obj is not None:
                yield (resource, name), obj


@lru_cache(maxsize=2048)
def _references(template: bytes) -> tuple[ConfigRef, ...]:
    """Of a pod template as JSON: it is looked at many times between two changes."""
    return references(orjson.loads(template))
