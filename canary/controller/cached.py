"""One object as the caches show it."""

from __future__ import annotations

from canary.kube.caches import Caches
from canary.kube.resources import Key, Obj, Resource
from canary.rollout.observed import Absent, Observed, Present, Unknown


def seen(caches: Caches, resource: Resource, key: Key) -> Observed[Obj]:
    """Absent only where that is sure: its collection is in sync, or isn't served at all."""
    store = caches.store(resource, key.namespace)
    if not store.served:
        return Absent(f"{resource} is not served by this cluster ({store.gap}): install its CRDs")
    if not store.synced:
        return Unknown(store.gap)
    obj = store.get(key)
    return Present(obj) if obj is not None else Absent(f'{resource} "{key.name}" not found')
