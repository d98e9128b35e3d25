"""Whether the Canaries that one depends on are at rest and promoted."""

from __future__ import annotations

from canary.controller.contents import content_digest
from canary.controller.prerequisites import named
from canary.controller.records import stored
from canary.controller.scene import Scene
from canary.kube.resources import Key, Obj
from canary.rollout.observed import Absent, Observed, Present, Unknown
from canary.rollout.record import Record
from canary.rollout.world import Dependency
from canary.workloads.targets import KINDS

_PROMOTED = ("Initialized", "Succeeded")


def dependencies(scene: Scene) -> tuple[Dependency, ...]:
    """One for each entry of ``spec.engine.dependsOn``."""
    return tuple(
        _judged(scene, key, f"spec.engine.dependsOn[{index}]")
        for index, key in enumerate(named(scene.canary))
    )


def _judged(scene: Scene, key: Key, field: str) -> Dependency:
    found = scene.prerequisites[key]
    if not found.watched:
        text = f"{field}: the namespace of Canary {key} is not watched: add it to -namespace"
        return Dependency(str(key), text, "DependencyUnwatched")
    if isinstance(found.canary, Absent):
        text = f"{field}: Canary {key} does not exist: create it, or remove the entry"
        return Dependency(str(key), text, "DependencyMissing")
    circle = _circle(scene, key)
    if circle:
        text = f"{field}: {' -> '.join(map(str, circle))} is a circle: remove one of its entries"
        return Dependency(str(key), text, "DependencyCycle")
    return Dependency(str(key), _unrest(found.canary, found.target))


def _circle(scene: Scene, first: Key) -> tuple[Key, ...]:
    """The shortest way from the Canary over ``first`` back to itself; empty if there is none."""
    own = scene.names.key(scene.names.canary)
    ways: list[tuple[Key, ...]] = [(own, first)]
    known = {first}
    for way in ways:
        if way[-1] == own:
            return way
        for key in scene.prerequisites[way[-1]].needs:
            if key not in known:
                known.add(key)
                ways.append((*way, key))
    return ()


def _unrest(canary: Present[Obj] | Unknown, target: Observed[Obj]) -> str:
    """Why it isn't at rest and promoted; empty if it is."""
    if isinstance(canary, Unknown):
        return canary.why
    if isinstance(target, Unknown):
        return target.why
    obj = canary.value
    if "deletionTimestamp" in obj["metadata"]:
        return "it is being deleted"
    phase = str((obj.get("status") or {}).get("phase") or "")
    if phase not in _PROMOTED:
        return f"it is {phase}" if phase else "it is not initialized"
    record = stored(obj).record
    if record is None:
        # What Flagger left, and nobody has imported yet, is as its phase says.
        return ""
    if record.queued is not None:
        return "it waits for its turn"
    if isinstance(target, Present) and _changed(obj, target.value, record):
        return "it has a new revision"
    return ""


def _changed(canary: Obj, target: Obj, record: Record) -> bool:
    """Whether its target has a template that it has neither promoted nor looked at."""
    meta = target["metadata"]
    kind = KINDS[canary["spec"]["targetRef"]["kind"]]
    digest = content_digest(kind, target)
    known = [revision for revision in (record.applied, record.promoted) if revision]
    generation = int(meta.get("generation", 0))
    return not any(
        revision.template == digest or revision.taken_on(meta["uid"], generation)
        for revision in known
    )
