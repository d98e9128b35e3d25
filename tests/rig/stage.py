"""A cluster, a controller and a script, under virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry

from canary.clock import LoopClock
from canary.controller.controller import Controller
from canary.controller.metrics import Metrics
from canary.controller.settings import Settings
from canary.kube.client import Client
from canary.kube.resources import CANARIES, CRDS, DEPLOYMENTS, EVENTS, NAMESPACES, Resource
from canary.kube.transport import Transport
from canary.sandbox.cluster import Cluster, at_once, keda_crds, routing_crds
from canary.sandbox.pods import Behaves, Behaviour
from canary.sandbox.storage import Change
from tests.conformance.shapes import uncovered
from tests.rig.chat import Chat
from tests.rig.definitions import own_crds
from tests.rig.prometheus import Prometheus
from tests.rig.receiver import Receivers
from tests.rig.routes import VIRTUAL_SERVICES

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)

KINDS = {
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): "httproutes",
    ("networking.istio.io/v1beta1", "VirtualService"): "virtualservices",
    ("networking.istio.io/v1beta1", "DestinationRule"): "destinationrules",
    ("networking.k8s.io/v1", "Ingress"): "ingresses",
}


def resource_of(obj: dict[str, Any]) -> Resource:
    """The resource of a manifest."""
    group, _, version = obj["apiVersion"].rpartition("/")
    known = KINDS.get((obj["apiVersion"], obj["kind"]))
    plural = known or {"Canary": "canaries"}.get(obj["kind"], obj["kind"].lower() + "s")
    return Resource(group, version, plural, obj["kind"])


class Stage:
    """Everything a test drives. Create it inside a running virtual loop."""

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        behaves: Behaves = at_once,
        gateway: bool = False,
        prometheus: Prometheus | None = None,
        chat: Chat | None = None,
        receivers: Receivers | None = None,
        seed: int = 0,
    ) -> None:
        self.clock = LoopClock(ORIGIN)
        self.starts_in: float | None = 0.0
        """Seconds until new pods serve, where ``behaves`` says at once; None: never by itself."""

        def behaviour(template: dict[str, Any]) -> Behaviour:
            found = behaves(template)
            return replace(found, starts_in=self.starts_in) if found.starts_in == 0 else found

        self.cluster = Cluster(self.clock, behaviour, gateway=gateway)
        self.cluster.autoscalers.period = 15.0
        self.settings = settings or Settings()
        self.prometheus = prometheus or Prometheus()
        self.chat = chat or Chat()
        self.receivers = receivers or Receivers()
        self.receivers.version = lambda: self.cluster.server.storage.version
        self.user = self.cluster.client("kubectl")
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self.seed = seed
        self.wrap: Callable[[Transport], Transport] = lambda transport: transport
        self.task: asyncio.Task[None] | None = None
        self.controller: Controller | None = None
        self.calls: set[tuple[str, str]] = set()
        """Verb and resource of everything that the controller asked the API server for."""
        self.changes = self.cluster.server.storage.feed()

    async def up(self, *, namespaces: tuple[str, ...] = ("test",), crds: bool = True) -> None:
        """Start the cluster with CRDs and namespaces."""
        self.cluster.start()
        for crd in own_crds() + (routing_crds() if crds else []):
            await self.user.create(CRDS, crd)
        for name in namespaces:
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            await self.user.create(NAMESPACES, body)

    async def keda(self) -> None:
        """Install KEDA's ScaledObjects; nothing acts on them."""
        for crd in keda_crds():
            await self.user.create(CRDS, crd)

    def start(self) -> None:
        """Start a controller."""
        transport = self.wrap(self.cluster.server.transport("canary-engine"))
        self.controller = Controller(
            Client(transport, on_call=lambda verb, what: self.calls.add((verb, what))),
            self.settings,
            self.clock,
            metrics=self.metrics,
            rng=random.Random(self.seed),
            connector=self.prometheus,
            post=self.chat,
            call=self.receivers,
        )
        self.task = asyncio.create_task(self.controller.run(), name="controller")

    async def stop(self) -> None:
        """Stop the controller, as a kill would: nothing is finished."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
            self.task = None

    async def down(self) -> None:
        """Stop everything. All that was asked of the sandbox has a case in tests/conformance."""
        await self.stop()
        await self.cluster.stop()
        missing = uncovered(self.cluster.server.audit)
        assert not missing, f"no case of tests/conformance sends {sorted(missing)}"

    async def apply(self, *manifests: dict[str, Any]) -> None:
        """Apply manifests as a GitOps tool would."""
        for manifest in manifests:
            await self.user.apply(resource_of(manifest), manifest)

    async def patch(self, resource: Resource, name: str, patch: Any, namespace="test") -> None:
        """Merge ``patch`` into an object."""
        await self.user.merge_patch(resource, namespace, name, patch)

    async def delete(self, resource: Resource, name: str, namespace: str = "test") -> None:
        """Delete an object as a user would."""
        uid = self.get(resource, name, namespace)["metadata"]["uid"]
        await self.user.delete(resource, namespace, name, uid=uid)

    async def set_image(
        self,
        image: str,
        name: str = "podinfo",
        namespace: str = "test",
        resource: Resource = DEPLOYMENTS,
    ) -> None:
        """Give a workload's first container another image."""
        obj = await self.user.get(resource, namespace, name)
        containers = obj["spec"]["template"]["spec"]["containers"]
        containers = [{**containers[0], "image": image}, *containers[1:]]
        patch = {"spec": {"template": {"spec": {"containers": containers}}}}
        await self.patch(resource, name, patch, namespace)

    async def route_weights(self, primary: int, canary: int, name: str = "podinfo") -> None:
        """Change the split by hand, as an impatient user would."""
        route = self.get(VIRTUAL_SERVICES, name)
        http = [dict(rule) for rule in route["spec"]["http"]]
        for rule in http:
            shares = zip(rule["route"], (primary, canary), strict=True)
            rule["route"] = [{**backend, "weight": weight} for backend, weight in shares]
        await self.patch(VIRTUAL_SERVICES, name, {"spec": {"http": http}})

    def get(self, resource: Resource, name: str, namespace: str = "test") -> Any:
        return self.cluster.get(resource, namespace, name)

    def status(self, name: str = "podinfo", namespace: str = "test") -> dict[str, Any]:
        obj = self.get(CANARIES, name, namespace)
        return (obj or {}).get("status") or {}

    def phase(self, name: str = "podinfo", namespace: str = "test") -> str:
        return self.status(name, namespace).get("phase", "")

    async def until(self, holds: Callable[[], bool], limit: float = 3600.0) -> None:
        """Let virtual time pass until ``holds``; fails after ``limit`` seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + limit
        while not holds():
            if loop.time() >= end:
                raise AssertionError(f"not so after {limit} s: {self.story()}")
            await asyncio.sleep(0.25)

    async def rest(self, seconds: float) -> None:
        """Let virtual time pass."""
        await asyncio.sleep(seconds)

    def events(self, namespace: str = "test") -> list[tuple[str, str]]:
        """(type, message) of all events in the order in which they came."""
        storage = self.cluster.server.storage
        found = [obj for key, obj in storage.all(EVENTS) if key.namespace == namespace]
        found.sort(key=lambda obj: int(obj["metadata"]["resourceVersion"]))
        return [(obj["type"], obj["message"]) for obj in found]

    def history(self) -> list[Change]:
        """All changes since the last call."""
        found = []
        while not self.changes.empty():
            change = self.changes.get_nowait()
            if change is not None:
                found.append(change)
        return found

    def story(self) -> str:
        """What a person would look at."""
        lines = [f"phase {self.phase()} {self.status().get('engine', {})}"]
        lines += [f"{kind} {text}" for kind, text in self.events()]
        return "\n".join(lines)
