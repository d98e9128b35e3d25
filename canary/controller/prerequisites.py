"""The Canaries that one depends on, and those that these depend on: lookups only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from canary.api.canary import Canary
from canary.controller.cached import seen
from canary.kube.caches import Caches
from canary.kube.resources import CANARIES, WORKLOADS, Key, Obj, Resource
from canary.rollout.observed import Absent, Observed, Present


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """A Canary as cached, with its target. ``watched``: its namespace is looked at at all."""

    canary: Observed[Obj]
    target: Observed[Obj]
    place: tuple[Resource, Key] | None = None
    """Where the target is."""
    needs: tuple[Key, ...] = ()
    watched: bool = True


def named(canary: Canary) -> tuple[Key, ...]:
    """What ``spec.engine.dependsOn`` names, in its order."""
    own = canary.metadata.namespace
    refs = canary.spec.effective_engine.depends_on or ()
    return tuple(Key(ref.namespace or own, ref.name) for ref in refs)


def prerequisites(caches: Caches, canary: Canary) -> dict[Key, Prerequisite]:
    """Everything that ``canary`` depends on, directly or not; itself among it in a circle."""
    found: dict[Key, Prerequisite] = {}
    open_ = list(named(canary))
    while open_:
        key = open_.pop()
        if key not in found:
            found[key] = _look(caches, key)
            open_ += found[key].needs
    return found


def _look(caches: Caches, key: Key) -> Prerequisite:
    if not caches.covers(key.namespace):
        gone = Absent("its namespace is not watched")
        return Prerequisite(gone, gone, watched=False)
    canary = seen(caches, CANARIES, key)
    if not isinstance(canary, Present):
        return Prerequisite(canary, Absent())
    spec = _object(canary.value, "spec")
    ref = _object(spec, "targetRef")
    resource, name = WORKLOADS.get(str(ref.get("kind"))), ref.get("name")
    needs = tuple(_needs(spec, key.namespace))
    if resource is None or not isinstance(name, str):
        return Prerequisite(canary, Absent("it has no target"), needs=needs)
    place = (resource, Key(key.namespace, name))
    return Prerequisite(canary, seen(caches, *place), place, needs)


def _needs(spec: Mapping[str, Any], own: str) -> Iterator[Key]:
    """As ``named``, from a spec that nobody has validated yet."""
    refs = _object(spec, "engine").get("dependsOn")
    for ref in refs if isinstance(refs, list) else ():
        if isinstance(ref, Mapping) and isinstance(ref.get("name"), str):
            yield Key(str(ref.get("namespace") or own), ref["name"])


def _object(obj: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    found = obj.get(field)
    return found if isinstance(found, Mapping) else {}
