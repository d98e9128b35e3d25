"""One recording: the real Flagger plays a scenario in a namespace of its own."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson

from canary.kube.errors import NotFound
from canary.kube.resources import CANARIES, DAEMON_SETS, DEPLOYMENTS, EVENTS, Obj, Resource
from canary.kube.transport import MERGE_PATCH, Request
from e2e.flagger import Flagger
from e2e.record import shape
from e2e.record.receivers import Receivers
from e2e.record.scenario import Scenario
from e2e.replay import NAME, RECORDED
from e2e.scene import Scene
from e2e.stack.image import tag_of

POLL = 0.1
STEADY = 3
"""Polls for which a state has to last: Flagger writes routes and status one after the other."""
PATIENCE = 300.0
LIGHT = "-light"
"""Word of image tags: pods are ready at once and no processes."""


class Take:
    """A scenario under way; ``recording`` is what came of it."""

    def __init__(self, scene: Scene, scenario: Scenario) -> None:
        self._scene = scene
        self._scenario = scenario
        self._receivers = Receivers(scenario, lambda: str(self._status.get("phase", "")))
        self._canaries = scene.timeline(CANARIES)
        self._events = scene.timeline(EVENTS)
        self._workloads = [scene.timeline(kind) for kind in (DEPLOYMENTS, DAEMON_SETS)]
        self._routes = [scene.timeline(kind) for kind in shape.ROUTES]
        self._timeline: list[dict[str, Any]] = []
        self._candidate: tuple[int, float, dict[str, Any]] = (0, 0.0, {})

    async def record(self) -> dict[str, Any]:
        """Play it from the manifests to the end."""
        scenario, namespace = self._scenario, self._scene.namespace
        provider = next(o for o in scenario.applied if o["kind"] == "Canary")["spec"]["provider"]
        async with self._receivers as receivers:
            flags = [self._here(flag) for flag in scenario.flags]
            async with Flagger(self._scene, receivers.address, provider, flags):
                receivers.begin()
                await self._scene.apply(*self._here([*scenario.applied]))
                await self._until({"phase": "Initialized"})
                await asyncio.sleep(2.0)
                initialized = await self._objects()
                receivers.begin()
                receivers.queries.clear()
                self._timeline.clear()
                for step in scenario.trigger:
                    await self._until(step.get("when") or {}, step.get("after", 0.0))
                    self._timeline.append({"t": receivers.seconds, "trigger": step})
                    await self._change(step)
                await self._until(scenario.ends, scenario.rest)
                final = await self._objects()
        found = {
            "scenario": namespace,
            "applied": self._named([*scenario.applied]),
            "trigger": list(scenario.trigger),
            "answers": dict(scenario.answers),
            "hooks": dict(scenario.hooks),
            "flags": list(scenario.flags),
            "ends": dict(scenario.ends),
            "rest": scenario.rest,
            "timeline": self._timeline,
            "metricQueries": dict(Counter(receivers.queries)),
            "hookCalls": receivers.heard,
            "alerts": receivers.alerts,
            "events": self._events_now(),
            "told": self._told(),
            "objectsInitialized": initialized,
            "objectsFinal": final,
        }
        text = json.dumps(found).replace(receivers.address, RECORDED).replace(LIGHT, "")
        recording: dict[str, Any] = json.loads(text)
        return recording

    def _named(self, what: Any) -> Any:
        """With the namespace in it."""
        named = json.loads(json.dumps(what).replace("NAMESPACE", self._scene.namespace))
        if isinstance(named, list):
            for manifest in named:
                manifest["metadata"]["namespace"] = self._scene.namespace
        return named

    def _here(self, what: Any) -> Any:
        """With the addresses of this run, and with pods that are no processes where the tag of
        their image asks for no behaviour."""
        found = json.loads(json.dumps(self._named(what)).replace(RECORDED, self._receivers.address))
        _lighten(found)
        return found

    async def _until(self, wanted: Mapping[str, Any], after: float = 0.0) -> None:
        """Watch until all that is wanted holds, and ``after`` seconds more."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + PATIENCE
        while not self._holds(wanted):
            if clock() > deadline:
                raise AssertionError(
                    f"{self._scene.namespace}: never {dict(wanted)}: {self._now()}"
                )
            await self._poll()
        end = clock() + after
        while clock() < end:
            await self._poll()

    async def _poll(self) -> None:
        await asyncio.sleep(POLL)
        now = self._now()
        count, since, before = self._candidate
        count, since = (count + 1, since) if now == before else (1, self._receivers.seconds)
        self._candidate = count, since, now
        last = {k: v for k, v in self._timeline[-1].items() if k != "t"} if self._timeline else {}
        if count >= STEADY and now != last and "phase" in now | last:
            self._timeline.append({"t": since, **now})

    def _now(self) -> dict[str, Any]:
        workloads = [one for line in self._workloads for one in line]
        routes = [{"kind": line.resource.kind, **one} for line in self._routes for one in line]
        return shape.state(self._canaries.get(NAME), workloads, routes)

    @property
    def _status(self) -> Obj:
        return (self._canaries.get(NAME) or {}).get("status") or {}

    def _holds(self, wanted: Mapping[str, Any]) -> bool:
        now = self._now()
        for key, value in wanted.items():
            if key == "event":
                held = any(value in text for _, text in self._told())
            elif key == "gone":
                held = ("gone" in now) is value
            elif key == "replicas":
                held = all(now.get(name, [None])[0] == size for name, size in value.items())
            else:
                held = now.get(key) == value
            if not held:
                return False
        return True

    async def _change(self, step: Mapping[str, Any]) -> None:
        client, namespace = self._scene.client, self._scene.namespace
        if step["op"] == "image":
            kind = "DaemonSet" if list(self._workloads[1]) else "Deployment"
            resource = DAEMON_SETS if kind == "DaemonSet" else DEPLOYMENTS
            container = {"name": NAME, "image": step["image"]}
            change = {"spec": {"template": {"spec": {"containers": [container]}}}}
            await self._scene.patch(resource, NAME, self._here(change))
        elif step["op"] == "delete":
            obj = await client.get(CANARIES, namespace, NAME)
            await client.delete(CANARIES, namespace, NAME, uid=obj["metadata"]["uid"])
        else:
            resource = next(one for one in shape.RECORDED if one.kind == step["kind"])
            path = resource.path(namespace, step["name"])
            body = orjson.dumps(self._here(step["patch"]))
            query = {"fieldManager": client.manager}
            request = Request("PATCH", path, query, body, MERGE_PATCH)
            await client.send(request, "patch", str(resource))

    async def _objects(self) -> dict[str, Any]:
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

    def _events_now(self) -> list[dict[str, Any]]:
        """The Canary's events by the order of their first appearance."""
        order = dict.fromkeys(change.name for change in self._events.changes)
        found = [self._events.get(name) for name in order]
        return [shape.event(obj) for obj in found if obj is not None and _of_canary(obj)]

    def _told(self) -> list[tuple[str, str]]:
        """Type and text each time that something was told, in order: what was folded too."""
        changes = [change.obj for change in self._events.changes if change.obj is not None]
        return [(obj["type"], shape.text(obj)) for obj in changes if _of_canary(obj)]


def _of_canary(event: Obj) -> bool:
    return bool(event["involvedObject"]["kind"] == CANARIES.kind)


def _lighten(obj: Any) -> None:
    if isinstance(obj, dict):
        image = obj.get("image")
        if isinstance(image, str) and "-" not in tag_of(image):
            obj["image"] = f"{image}{LIGHT}"
        for value in obj.values():
            _lighten(value)
    elif isinstance(obj, list):
        for value in obj:
            _lighten(value)
