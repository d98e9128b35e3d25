"""One recording: an engine plays a scenario in a namespace of its own."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from canary.kube.resources import CANARIES, DAEMON_SETS, DEPLOYMENTS
from canary.kube.transport import MERGE_PATCH, Request
from e2e.record import shape
from e2e.record.engines import Plays
from e2e.record.receivers import Receivers
from e2e.record.scenario import Scenario
from e2e.record.watch import Watch
from e2e.replay import NAME, RECORDED
from e2e.scene import Scene
from e2e.stack.image import tag_of

POLL = 0.1
PATIENCE = 300.0
LIGHT = "-light"
"""Word of image tags: pods are ready at once and no processes."""


class Take:
    """A scenario under way. ``settles``: seconds until all is done once it is Initialized."""

    def __init__(self, scene: Scene, scenario: Scenario, plays: Plays, settles: float) -> None:
        self._scene = scene
        self._scenario = scenario
        self._plays = plays
        self._settles = settles
        self._watch = Watch(scene)
        self._receivers = Receivers(scenario, lambda: str(self._watch.status.get("phase", "")))

    async def record(self) -> dict[str, Any]:
        """Play it from the manifests to the end."""
        scenario, watch = self._scenario, self._watch
        provider = next(o for o in scenario.applied if o["kind"] == "Canary")["spec"]["provider"]
        async with self._receivers as receivers:
            flags = [self._here(flag) for flag in scenario.flags]
            async with self._plays(self._scene, receivers.address, provider, flags):
                receivers.begin()
                await self._scene.apply(*self._here([*scenario.applied]))
                await self._until({"phase": "Initialized"}, self._settles)
                initialized = await watch.objects()
                receivers.begin()
                receivers.queries.clear()
                watch.timeline.clear()
                for step in scenario.trigger:
                    await self._until(step.get("when") or {}, step.get("after", 0.0))
                    watch.timeline.append({"t": receivers.seconds, "trigger": step})
                    await self._change(step)
                await self._until(scenario.ends, scenario.rest)
                final = await watch.objects()
        found = {
            "scenario": self._scene.namespace,
            "applied": self._named([*scenario.applied]),
            "trigger": list(scenario.trigger),
            "answers": dict(scenario.answers),
            "hooks": dict(scenario.hooks),
            "flags": list(scenario.flags),
            "ends": dict(scenario.ends),
            "rest": scenario.rest,
            "timeline": watch.timeline,
            "metricQueries": dict(Counter(receivers.queries)),
            "hookCalls": receivers.heard,
            "alerts": receivers.alerts,
            "events": watch.events(),
            "told": watch.told(),
            "objectsInitialized": initialized,
            "objectsFinal": final,
        }
        text = json.dumps(found).replace(receivers.address, RECORDED).replace(LIGHT, "")
        recording: dict[str, Any] = json.loads(text)
        return recording

    def states(self) -> list[tuple[str, int, int, int, str]]:
        """Every state that was there, however short."""
        return self._watch.states()

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
        while not self._watch.holds(wanted):
            if clock() > deadline:
                where, now = self._scene.namespace, self._watch.now()
                raise AssertionError(f"{where}: never {dict(wanted)}: {now}")
            await self._look()
        end = clock() + after
        while clock() < end:
            await self._look()

    async def _look(self) -> None:
        await asyncio.sleep(POLL)
        self._watch.look(self._receivers.seconds)

    async def _change(self, step: Mapping[str, Any]) -> None:
        client, namespace = self._scene.client, self._scene.namespace
        if step["op"] == "image":
            resource = DAEMON_SETS if self._watch.is_daemon_set else DEPLOYMENTS
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
