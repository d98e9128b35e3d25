"""A whole cluster in process: API server, workloads, endpoints, garbage collection, gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
import yaml

from canary.clock import Clock
from canary.kube.client import Client
from canary.kube.resources import (
    AUTOSCALERS,
    DAEMON_SETS,
    DEPLOYMENTS,
    PODS,
    REPLICA_SETS,
    SERVICES,
    Key,
    Resource,
)
from canary.sandbox.autoscalers import Autoscalers
from canary.sandbox.collector import Collector
from canary.sandbox.daemonsets import DaemonSets
from canary.sandbox.deployments import Deployments
from canary.sandbox.endpoints import Endpoints
from canary.sandbox.gateway import HTTP_ROUTES, Gateway
from canary.sandbox.jsonvalue import JsonObj
from canary.sandbox.kinds import NODES
from canary.sandbox.kubelet import Kubelet
from canary.sandbox.namespaces import Namespaces
from canary.sandbox.nodes import add_node
from canary.sandbox.pods import NODE, Behaves, Behaviour, Pod
from canary.sandbox.replicasets import ReplicaSets
from canary.sandbox.server import Server
from canary.sandbox.storage import Change

REACTION = 0.01
"""Seconds until the cluster's own controllers see a change: others see it first."""


def at_once(template: Mapping[str, Any]) -> Behaviour:
    """Pods that serve, and end, without delay."""
    return Behaviour()


@cache
def routing_crds() -> list[JsonObj]:
    """CRDs of the routing objects that the providers write, as the sandbox knows them."""
    return _definitions("routing.yaml")


def keda_crds() -> list[JsonObj]:
    """The CRD of KEDA's ScaledObject, as the sandbox knows it."""
    return _definitions("keda.yaml")


def _definitions(name: str) -> list[JsonObj]:
    found: list[JsonObj] = orjson.loads(_read(name))
    return found


@cache
def _read(name: str) -> bytes:
    """They are read once: parsing YAML takes longer than all that a test does with them."""
    text = files("canary.sandbox").joinpath("data", name).read_text(encoding="utf-8")
    return orjson.dumps([crd for crd in yaml.safe_load_all(text) if crd])


class Cluster:
    """Start it inside a running loop; ``client`` is a user's access."""

    def __init__(
        self, clock: Clock, behaves: Behaves = at_once, *, gateway: Gateway | bool = False
    ) -> None:
        self.clock = clock
        self.server = Server(clock)
        self.kubelet = Kubelet(self.server, clock, behaves, self._moved)
        self.deployments = Deployments(self.server, clock, self.kubelet)
        self.replica_sets = ReplicaSets(self.server, self.kubelet)
        self.daemon_sets = DaemonSets(self.server, self.kubelet)
        self.autoscalers = Autoscalers(self.server)
        self.endpoints = Endpoints(self.server, self.kubelet.pods)
        self._collector = Collector(self.server)
        self._namespaces = Namespaces(self.server)
        self.gateway = Gateway(self.server, clock) if gateway else None
        self._feed = self.server.storage.feed()
        self._task: asyncio.Task[None] | None = None
        add_node(self.server, NODE)

    def start(self) -> None:
        """Let its controllers work."""
        self._task = asyncio.create_task(self._follow(), name="sandbox")

    async def stop(self) -> None:
        """Stop its controllers; what is stored stays."""
        self.deployments.close()
        self.autoscalers.close()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def client(self, user: str = "user") -> Client:
        """Access to the API under a name that the audit log shows."""
        return Client(self.server.transport(user), manager=user)

    def get(self, resource: Resource, namespace: str, name: str) -> JsonObj | None:
        """An object as it is stored, without a request."""
        return self.server.storage.get(resource, Key(namespace, name))

    def _moved(self, pod: Pod) -> None:
        self.endpoints.pod_moved(pod)

    async def _follow(self) -> None:
        while True:
            found = [await self._feed.get()]
            await asyncio.sleep(REACTION)
            while not self._feed.empty():
                found.append(self._feed.get_nowait())
            for change in found:
                if change is not None:
                    self._react(change)

    def _react(self, change: Change) -> None:
        resource, key = change.resource, change.key
        self._collector.changed(resource, key, change.obj, gone=change.gone)
        self._namespaces.changed(resource, key, gone=change.gone)
        # A change that is no longer the newest is followed by the one that is.
        live = self.server.storage.get(resource, key)
        if resource == DEPLOYMENTS:
            self.deployments.changed(key, live)
            self.autoscalers.target_changed(key)
        elif resource == AUTOSCALERS:
            self.autoscalers.changed(key, live)
        elif resource == REPLICA_SETS:
            self.replica_sets.changed(key, live)
        elif resource == DAEMON_SETS:
            self.daemon_sets.changed(key, live)
        elif resource == NODES:
            self.daemon_sets.nodes_changed()
        elif resource == SERVICES:
            self.endpoints.service_changed(key, live)
        elif resource == PODS and change.gone:
            self.kubelet.deleted(key)
        elif resource == PODS and "deletionTimestamp" in change.obj["metadata"]:
            self.kubelet.marked(key)
        elif resource == HTTP_ROUTES and self.gateway and live is not None:
            self.gateway.changed(key, live)
