"""A kubelet without containers: pods are processes whose image tag decides their behaviour.

Argument: the run's settings file.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import logging
import os
import random
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from canary.kube.client import Client
from canary.kube.reflector import Reflector
from canary.kube.resources import CONFIG_MAPS, PODS, SECRETS, Key, Obj, Resource
from canary.kube.store import Store
from canary.kube.transport import MERGE_PATCH, Request
from canary.kube.trim import trimmed
from e2e.stack.apply import client_of
from e2e.stack.network import NODE_ADDRESSES
from e2e.stack.pod import Pod
from e2e.stack.podspec import ports
from e2e.stack.settings import Settings

NODES = {f"node-{number}": address for number, address in enumerate(NODE_ADDRESSES, start=1)}
HEALTH_PORT = 10248
_NODES = Resource("", "v1", "nodes", "Node")
_CAPACITY = {"cpu": "64", "memory": "256Gi", "pods": "5000", "ephemeral-storage": "100Gi"}


def pod_addresses() -> Iterator[str]:
    """Addresses for pods, none given twice before 60,000 others were."""
    return (f"10.244.{high}.{low}" for _ in itertools.count() for high in range(254)
            for low in range(1, 255))  # fmt: skip


def targets(pods: Mapping[str, tuple[Obj, str]]) -> list[dict[str, Any]]:
    """What Prometheus is to scrape: each pod with a port, at its first one, unless its annotation
    ``prometheus.io/scrape`` says no. The labels are those of Flagger's built-in queries."""
    result = []
    for pod, address in pods.values():
        meta, spec = pod["metadata"], pod["spec"]
        annotations = meta.get("annotations") or {}
        found = [port for container in spec["containers"] for port in ports(container)]
        if not found or annotations.get("prometheus.io/scrape") == "false":
            continue
        port = annotations.get("prometheus.io/port", found[0])
        labels = {
            "kubernetes_namespace": meta["namespace"],
            "kubernetes_pod_name": meta["name"],
            "namespace": meta["namespace"],
            "pod": meta["name"],
            "app": (meta.get("labels") or {}).get("app", ""),
        }
        result.append({"targets": [f"{address}:{port}"], "labels": labels})
    return result


class Kubelet:
    """Both nodes' kubelet."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._addresses = pod_addresses()
        self._pods: dict[str, tuple[Pod, asyncio.Task[None]]] = {}
        self._stores = {kind: Store() for kind in (PODS, CONFIG_MAPS, SECRETS)}
        self._logs = settings.logs / "pods"

    async def run(self) -> None:
        """Register the nodes and run their pods until cancelled."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for name, address in NODES.items():
            await self._register(name, address)
        self._stores[PODS].listen(self._heard)
        async with asyncio.TaskGroup() as tasks:
            for resource, store in self._stores.items():
                rng = random.Random(resource.plural)
                reflector = Reflector(self._client, resource, store, rng=rng, trim=trimmed)
                tasks.create_task(reflector.run())

    async def _register(self, name: str, address: str) -> None:
        labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
        node = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels},
        }
        await self._client.apply(_NODES, node)
        now = _now()
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
        ready |= {"lastHeartbeatTime": now, "lastTransitionTime": now, "message": ""}
        status = {
            "capacity": _CAPACITY,
            "allocatable": _CAPACITY,
            "conditions": [ready],
            "addresses": [{"type": "InternalIP", "address": address}],
        }
        path, body = _NODES.path(None, name, "status"), orjson.dumps({"status": status})
        request = Request("PATCH", path, body=body, content_type=MERGE_PATCH)
        await self._client.send(request, "patch", "nodes/status")

    def _heard(self, key: Key, old: Obj | None, new: Obj | None) -> None:
        # Of the same name, but another pod: the one before was deleted in between.
        if old is not None and (new is None or new["metadata"]["uid"] != old["metadata"]["uid"]):
            self._tell(old, None)
        if new is not None and new["spec"].get("nodeName") in NODES:
            self._tell(new, new)

    def _tell(self, which: Obj, pod: Obj | None) -> None:
        uid = which["metadata"]["uid"]
        if uid in self._pods:
            self._pods[uid][0].seen(pod)
        elif pod is not None and (_unfinished(pod) or "deletionTimestamp" in pod["metadata"]):
            self._start(uid, pod)

    def _start(self, uid: str, pod: Obj) -> None:
        namespace = pod["metadata"]["namespace"]

        def find(kind: str, name: str) -> Mapping[str, str] | None:
            return self._find(kind, Key(namespace, name))

        running = Pod(
            self._client,
            pod,
            next(self._addresses),
            NODES[pod["spec"]["nodeName"]],
            find=find,
            logs=self._logs,
            now=_now,
        )
        running.seen(pod)
        self._pods[uid] = (running, asyncio.create_task(self._live(uid, running)))
        self._write_targets()

    async def _live(self, uid: str, pod: Pod) -> None:
        try:
            await pod.live()
        finally:
            del self._pods[uid]
            self._write_targets()

    def _find(self, kind: str, key: Key) -> Mapping[str, str] | None:
        secret = kind == "Secret"
        found = self._stores[SECRETS if secret else CONFIG_MAPS].get(key)
        if found is None:
            return None
        data = found.get("data") or {}
        return {name: _decoded(text) if secret else text for name, text in data.items()}

    def _write_targets(self) -> None:
        pods = {uid: (pod.latest, pod.address) for uid, (pod, _) in self._pods.items()}
        file = self._settings.targets
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(targets(pods)))
        os.replace(fresh, file)


def _unfinished(pod: Obj) -> bool:
    return (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode(errors="replace")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _healthy(request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def main(settings: Settings) -> None:
    """Run until killed."""
    health = web.Application()
    health.router.add_get("/healthz", _healthy)
    runner = web.AppRunner(health, access_log=None)
    await runner.setup()
    async with client_of(settings.kubeconfig) as client:
        kubelet = asyncio.create_task(Kubelet(client, settings).run())
        await web.TCPSite(runner, "127.0.0.1", HEALTH_PORT).start()
        await kubelet


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    asyncio.run(main(Settings.load(Path(sys.argv[1]))))
