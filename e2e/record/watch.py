"""What is seen of a scenario while it is played."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from canary.kube.errors import NotFound
from canary.kube.resources import CANARIES, DAEMON_SETS, DEPLOYMENTS, EVENTS, Obj, Resource
from e2e.record import shape
from e2e.replay import NAME, states
from e2e.scene import Scene

STEADY = 3
"""Looks for which a state has to last: Flagger writes routes and status one after the other."""


class Watch:
    """A scenario's objects; ``timeline`` are its states as a recording holds them."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._canaries = scene.timeline(CANARIES)
        self._events = scene.timeline(EVENTS)
        self._workloads = [scene.timeline(kind) for kind in (DEPLOYMENTS, DAEMON_SETS)]
        self._routes = [scene.timeline(kind) for kind in shape.ROUTES]
        self._candidate: tuple[int, float, dict[str, Any]] = (0, 0.0, {})
        self.timeline: list[dict[str, Any]] = []

    @property
    def status(self) -> Obj:
        """The Canary's status; empty where there is none."""
        return (self._canaries.get(NAME) or {}).get("status") or {}

    @property
    def is_daemon_set(self) -> bool:
        """Whether the target is one."""
        return any(True for _ in self._workloads[1])

    def look(self, seconds: float) -> None:
        """Take the present state down, once it has lasted."""
        now = self.now()
        count, since, before = self._candidate
        count, since = (count + 1, since) if now == before else (1, seconds)
        self._candidate = count, since, now
        last = {k: v for k, v in self.timeline[-1].items() if k != "t"} if self.timeline else {}
        if count >= STEADY and now != last and "phase" in now | last:
            self.timeline.append({"t": since, **now})

    def now(self) -> dict[str, Any]:
        """The present state."""
        workloads = [one for line in self._workloads for one in line]
        routes = [{"kind": line.resource.kind, **one} for line in self._routes for one in line]
        return shape.state(self._canaries.get(NAME), workloads, routes)

    def holds(self, wanted: Mapping[str, Any]) -> bool:
        """Whether all that is wanted is so; see ``scenario.When``."""
        now = self.now()
        for key, value in wanted.items():
            if key == "gone":
                held = ("gone" in now) is value
            elif key == "replicas":
                held = all(now.get(name, [None])[0] == size for name, size in value.items())
            else:
                held = now.get(key) == value
            if not held:
                return False
        return True

    def states(self) -> list[tuple[str, int, int, int, str]]:
        """Every state from the first on, however short."""
        lines = (self._canaries, *self._workloads, *self._routes)
        return states(lines, self._scene.namespace)

    def events(self) -> list[dict[str, Any]]:
        """The Canary's events by the order of their first appearance."""
        order = dict.fromkeys(change.name for change in self._events.changes)
        found = [self._events.get(name) for name in order]
        return [shape.event(obj) for obj in found if obj is not None and _of_canary(obj)]

    def told(self) -> list[tuple[str, str]]:
        """Type and text each time that something was told, in order: what was folded too."""
        changes = [change.obj for change in self._events.changes if change.obj is not None]
        return [(obj["type"], shape.text(obj)) for obj in changes if _of_canary(obj)]

    async def objects(self) -> dict[str, Any]:
        """All objects that recordings hold, as the API server has them."""
        found = {}
        for resource in shape.RECORDED:
            for obj in await self._listed(resource):
                if obj["metadata"]["name"] != "kube-root-ca.crt":
                    whole = {"kind": resource.kind, "apiVersion": resource.api_version, **obj}
                    found[f"{resource.kind}/{obj['metadata']['name']}"] = shape.cleaned(whole)
        return found

    async def _listed(self, resource: Resource) -> list[Obj]:
        with suppress(NotFound):
            return list((await self._scene.client.list(resource, self._scene.namespace)).items)
        return []


def _of_canary(event: Obj) -> bool:
    return bool(event["involvedObject"]["kind"] == CANARIES.kind)
