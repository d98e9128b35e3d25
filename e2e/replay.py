"""A recording of Flagger 1.44, played once more on a real API server: manifests, trigger, end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from canary.kube.resources import CANARIES, CONFIG_MAPS, DEPLOYMENTS, EVENTS, Key, Obj, Resource
from canary.sandbox.storage import Change as Stored
from e2e.answers import Answers
from e2e.routes import HTTP_ROUTES, INGRESSES, VIRTUAL_SERVICES
from e2e.scene import Scene
from e2e.timeline import Change, Timeline
from tests.rig.stage import resource_of
from tests.transcripts import recorded
from tests.transcripts.timeline import Recorder, split

PATIENCE = 400.0
"""Seconds that a phase may take to come on a machine that others use."""
RECORDED = "http://127.0.0.1:9099"
"""What answered metrics and webhooks when Flagger was recorded."""
NAME = "app"
"""Target and Canary of every recording."""
ROUTES = (HTTP_ROUTES, VIRTUAL_SERVICES, INGRESSES)
ENDS = ("Succeeded", "Failed")


class Replay:
    """One recording in the scene's namespace; metrics are answered by ``answers``."""

    def __init__(self, scene: Scene, name: str, answers: Answers) -> None:
        self.recording = recorded.load(name)
        self._scene = scene
        self._answers = answers
        kinds = {key.split("/")[0] for key in self.recording["objectsFinal"]}
        self._routes = [scene.timeline(kind) for kind in ROUTES if kind.kind in kinds]
        self._canaries = scene.timeline(CANARIES)
        self._deployments = scene.timeline(DEPLOYMENTS)

    @property
    def manifests(self) -> list[dict[str, Any]]:
        """What was applied, in this namespace and with this server of metrics and webhooks."""
        text = json.dumps(self.recording["applied"]).replace(RECORDED, self._answers.address)
        found: list[dict[str, Any]] = json.loads(text)
        for manifest in found:
            manifest["metadata"]["namespace"] = self._scene.namespace
        return found

    async def apply(self) -> None:
        """Apply the manifests."""
        await self._scene.apply(*self.manifests)

    @property
    def status(self) -> dict[str, Any]:
        """The Canary's status as last seen."""
        found: dict[str, Any] = (self._canaries.get(NAME) or {}).get("status") or {}
        return found

    @property
    def phase(self) -> str:
        return str(self.status.get("phase", ""))

    def replicas(self, name: str = NAME) -> tuple[int, int]:
        """Wanted and existing pods of a Deployment; -1 where there is none."""
        obj = self._deployments.get(name)
        if obj is None:
            return -1, -1
        return int(obj["spec"]["replicas"]), int(obj["status"].get("replicas", 0))

    async def until(self, *phases: str) -> None:
        """Wait for a phase."""
        what = f"phase {' or '.join(phases)}"
        await self._canaries.until(lambda: self.phase in phases, what, PATIENCE)

    async def weighs(self, weight: int) -> None:
        """Wait for a weight of the canary, in the status and on the route."""
        what = f"weight {weight}"
        now = f"{100 - weight}/{weight}"
        await self._canaries.until(
            lambda: self.status.get("canaryWeight") == weight, what, PATIENCE
        )
        (routes,) = self._routes
        await routes.until(lambda: split(routes.get(NAME) or {}) == now, what, PATIENCE)

    async def tells(self, part: str) -> None:
        """Wait for an event with these words."""
        events = self._scene.timeline(EVENTS)
        what = f"event about {part!r}"
        await events.until(lambda: any(part in text for _, text in self.events), what, PATIENCE)

    async def at_rest(self) -> None:
        """Wait until the target has no pods left: the last thing that a rollout does, but for our
        own note that all is told and done."""
        timeline, canaries = self._deployments, self._canaries
        await timeline.until(lambda: self.replicas() == (0, 0), "target at rest", PATIENCE)
        await canaries.until(lambda: not self._unfinished, "record at rest", PATIENCE)

    @property
    def _unfinished(self) -> bool:
        engine = self.status.get("engine") or {}
        return bool(engine.get("outbox") or "scaleTarget" in engine)

    async def initialized(self) -> None:
        """Wait for an idle Canary."""
        await self.until("Initialized")
        await self.at_rest()

    async def trigger(self) -> None:
        """Change what was changed, once everything before is over."""
        self._answers.queries.clear()
        for step in self.recording["trigger"]:
            if step["op"] == "image":
                container = {"name": NAME, "image": step["image"]}
                patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
                await self._scene.patch(DEPLOYMENTS, NAME, patch)
            elif step["op"] == "configmap":
                await self._scene.patch(CONFIG_MAPS, step["name"], {"data": step["data"]})
            else:
                raise AssertionError(f"no way to replay {step}")

    async def objects(self, when: str) -> dict[str, Any]:
        """The objects that were recorded ``when``, as they are now."""
        found = {}
        for key in self.recording[when]:
            kind, name = key.split("/")
            manifest = {"apiVersion": recorded.api_version(kind), "kind": kind}
            resource = resource_of(manifest)
            found[key] = await self._scene.client.get(resource, self._scene.namespace, name)
        return found

    @property
    def states(self) -> list[recorded.State]:
        """The states from the trigger on."""
        return states((self._canaries, self._deployments, *self._routes), self._scene.namespace)

    @property
    def events(self) -> list[tuple[str, str]]:
        """Types and texts of the Canary's events, in the order of their sequence numbers."""
        found: list[Obj] = list(self._scene.timeline(EVENTS))
        ours = [event for event in found if event["involvedObject"]["kind"] == "Canary"]
        ours.sort(key=lambda event: int(event["metadata"]["resourceVersion"]))
        return [(str(event["type"]), str(event["message"])) for event in ours]

    @property
    def queries(self) -> dict[str, int]:
        """What was asked since the trigger, and how often."""
        return dict(Counter(self._answers.queries))


def states(timelines: Iterable[Timeline], namespace: str) -> list[recorded.State]:
    """Every state that the timelines show of a Canary which has been initialized."""
    recorder = Recorder(NAME, namespace, NAME)
    every = [(change, line.resource) for line in timelines for change in line.changes]
    every.sort(key=lambda pair: pair[0].version)
    recorder.take([_stored(change, resource, namespace) for change, resource in every])
    rows = [(r.phase, r.weight, r.iterations, r.failed, r.split) for r in recorder.finish()]
    return [state for state in rows if state[0] != "Initializing"]


def _stored(change: Change, resource: Resource, namespace: str) -> Stored:
    key = Key(namespace, change.name)
    return Stored(0, resource, key, dict(change.obj or {}), None, change.obj is None)
