"""Reading the record of a Canary, or importing what Flagger left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from canary.controller.scene import Scene, traffic
from canary.kube.client import Client
from canary.kube.resources import REPLICA_SETS, Obj
from canary.rollout.adopt import adopt
from canary.rollout.codec import NewerRecord, decode
from canary.rollout.observed import Present, Unknown
from canary.rollout.plan import plan
from canary.rollout.record import Record
from canary.rollout.status import sealed_by_us
from canary.rollout.view import Now
from canary.rollout.world import World

ADOPTIONS = 2
"""How often the status of one Canary is imported before its other writer is named instead."""

_SHORTEST_SILENCE = 60.0


@dataclass(frozen=True, slots=True)
class Stored:
    """What the status holds.

    ``record`` is None while it has to be imported; ``before`` is then our last one, if there was
    one. ``refused`` says why the Canary must be left alone: for good, or if there is a ``before``
    until the other writer of the status is silent.
    """

    record: Record | None = None
    before: Record | None = None
    refused: str = ""


def stored(obj: Obj, last: Record | None = None) -> Stored:
    """The record in the status of ``obj``.

    ``last`` is the last one that this process knows of: Flagger's client drops what it doesn't
    know, so that its writes leave no record behind.
    """
    status: Mapping[str, Any] = obj.get("status") or {}
    engine = status.get("engine")
    if not engine:
        if not status.get("phase"):
            return Stored(Record())
        return Stored() if last is None else _broken(obj, last)
    try:
        record = decode(engine)
    except NewerRecord as error:
        return Stored(refused=f"{error}: another engine runs this Canary")
    except ValueError as error:
        return Stored(refused=f"{error}: delete status.engine to have the status imported anew")
    if sealed_by_us(status):
        return Stored(record)
    return _broken(obj, record)


def _broken(obj: Obj, before: Record) -> Stored:
    """Somebody else has written the status since ``before``."""
    if before.adoptions < ADOPTIONS:
        return Stored(before=before)
    text = f"its status is also written by {_other_writer(obj)}: stop it"
    return Stored(before=before, refused=text)


def silence(interval: float) -> float:
    """Seconds without a write of the status after which its other writer counts as gone: in a
    rollout Flagger writes once an ``interval``."""
    return max(_SHORTEST_SILENCE, 2 * interval)


def _other_writer(obj: Obj) -> str:
    """The other field manager of the status."""
    entries = obj["metadata"].get("managedFields") or ()
    names = {
        str(entry.get("manager"))
        for entry in entries
        if entry.get("subresource") == "status" and entry.get("manager") != "canary-engine"
    }
    return ", ".join(sorted(names)) or "somebody else"


async def imported(
    client: Client, scene: Scene, world: World, now: Now, before: Record | None
) -> Record | Unknown:
    """The record that status and live objects amount to; reads ReplicaSets where it must."""
    status: Mapping[str, Any] = scene.obj.get("status") or {}
    if status.get("phase") == "Failed" and isinstance(world.target, Present):
        fresh = await _fresh(client, scene, str(status.get("lastTransitionTime") or ""))
        world = replace(world, target=Present(replace(world.target.value, fresh=fresh)))
    steps = plan(scene.canary, traffic(scene.provider, scene.obj))
    return adopt(status, world, steps, now, before)


async def _fresh(client: Client, scene: Scene, since: str) -> bool:
    """Whether the target's newest ReplicaSet is younger than the last status that was written."""
    if not isinstance(scene.target, Present):
        return False
    uid = scene.target.value["metadata"]["uid"]
    listing = await client.list(REPLICA_SETS, scene.names.namespace)
    born = [
        str(item["metadata"].get("creationTimestamp") or "")
        for item in listing.items
        if any(ref["uid"] == uid for ref in item["metadata"].get("ownerReferences") or ())
    ]
    return bool(born and since) and _moment(max(born)) > _moment(since)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
