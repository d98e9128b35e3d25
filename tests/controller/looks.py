"""Looks of the engine at one Canary, written by hand: scene, record and view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from canary.api.canary import Canary
from canary.controller.scene import Scene, names
from canary.controller.settings import Settings
from canary.rollout.observed import Absent, Observed, Present
from canary.rollout.record import Record, Revision, Run
from canary.rollout.view import Now, Timing, View
from canary.rollout.world import Primary, Ready, Route, Target, World
from canary.workloads.labels import SelectorLabel
from canary.workloads.pins import Pin
from canary.workloads.targets import KINDS
from providers.interface import Context, Desired, ObjectKind, Routing
from providers.registry import provider
from tests.rig.manifests import setting

OLD, NEW = Revision("e1-old"), Revision("e1-new", uid="podinfo-uid", generation=1)
RUN = Run(NEW)
SETTINGS = Settings()


def live(obj: dict[str, Any], version: str = "7") -> dict[str, Any]:
    """``obj`` as a server has it; its uid is told by its name."""
    meta = {"uid": f"{obj['metadata']['name']}-uid", "resourceVersion": version, "generation": 1}
    return {**obj, "metadata": {"namespace": "test", **obj["metadata"], **meta}}


def pin(revision: Revision, template: dict[str, Any], **more: Any) -> Pin:
    """The pin of a revision."""
    name = f"podinfo-{revision.template}"
    return Pin(revision.template, template, name, f"{name}-uid", **more)


ROUTE = ObjectKind("example.org", "v1", "routes", "Route")


class Ours:
    """A provider of somebody else's, whose objects a test gives."""

    def __init__(self, *desired: Desired, released: Sequence[Desired] = ()) -> None:
        self._desired, self._released = desired, released
        self.asked: list[Routing] = []

    def desired(self, context: Context, routing: Routing) -> Sequence[Desired]:
        self.asked.append(routing)
        return self._desired

    def released(self, context: Context) -> Sequence[Desired]:
        return self._released


@dataclass(frozen=True)
class Look:
    """What a projection is computed of."""

    scene: Scene
    record: Record
    view: View

    def at(self, **parts: Any) -> Look:
        """The same with another record."""
        record = replace(self.record, **parts)
        return Look(self.scene, record, replace(self.view, record=record))

    def seeing(self, **parts: Any) -> Look:
        """The same with other objects."""
        return replace(self, scene=replace(self.scene, **parts))

    def knowing(self, **parts: Any) -> Look:
        """The same with other facts."""
        world = replace(self.view.world, **parts)
        return replace(self, view=replace(self.view, world=world))

    def under(self, ceiling: int | None) -> Look:
        """The same with a weight that must not be exceeded, whatever the record says."""
        return replace(self, view=replace(self.view, ceiling=ceiling))


def world(
    *,
    route: int | None = 0,
    canary: int = 2,
    primary: int = 2,
    replicas: int = 2,
    matched_at: float = 0.0,
) -> World:
    """Facts: endpoints of both sides, the live weight, and the target's size."""
    carried: Observed[Route] = Absent()
    if route is not None:
        carried = Present(Route(route, matched_at, None))
    return World(
        target=Present(Target(Present(NEW), replicas, replicas, Ready(), canary)),
        primary=Present(Primary(2, Ready(), primary)),
        route=carried,
        apex_ready=True,
    )


def look(
    record: Record,
    facts: World | None = None,
    *,
    spec: dict[str, Any] | None = None,
    manifests: list[dict[str, Any]] | None = None,
    **parts: Any,
) -> Look:
    """A Canary with a target that is there, and nothing that the engine makes; ``parts`` are those
    of the scene. It is a hundred seconds since anything changed."""
    *_, target, obj = manifests or setting(spec)
    obj["metadata"] |= {"uid": "canary", "resourceVersion": "3", "generation": 1}
    canary = Canary.model_validate(obj)
    called = names(canary)
    services = (called.apex, called.primary_service, called.canary_service)
    found: dict[str, Any] = {
        "provider": provider(canary.spec.provider),
        "target": Present(live(target)),
        "primary": Absent(),
        "services": dict.fromkeys(services, Absent()),
    }
    if KINDS[canary.spec.target_ref.kind].runs_pods:
        found["label"] = SelectorLabel("app", "podinfo")
    scene = Scene(obj=obj, canary=canary, names=called, **(found | parts))
    now = Now(100.0, datetime(2026, 1, 1, tzinfo=UTC))
    timing = Timing(60.0, 2.0, 5.0, 600.0)
    return Look(scene, record, View(canary, record, facts or world(), timing, now))
