"""The container runtime: pods are processes, started, probed, restarted, ended and measured."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from canary.kube.resources import PODS, Key
from canary.sandbox.cluster import Cluster
from canary.sandbox.live.behaviour import of_template
from canary.sandbox.live.exposition import labelled, merged
from canary.sandbox.live.ports import LOOPBACK
from canary.sandbox.live.supervise import Child, Supervisor
from canary.sandbox.pods import Behaviour
from canary.sandbox.storage import Change

DRAIN = 1.5
"""Seconds between leaving the endpoints and SIGTERM: every proxy has heard of it by then."""
PROBE_STARTING, PROBE_READY = 0.1, 0.5
"""Seconds between readiness probes, before and after the first success."""
BACKOFF = (1.0, 2.0, 4.0, 8.0)
"""Seconds before a restart; Kubernetes starts at 10 s, which is long for a look."""
_APP = str(Path(__file__).parent / "app.py")
_QUICK = aiohttp.ClientTimeout(total=0.9)


def simulated(template: Mapping[str, Any]) -> Behaviour:
    """For the simulated Deployments: no pod serves by itself, and each one drains."""
    return Behaviour(starts_in=None, ends_in=DRAIN)


class Runtime:
    """Runs all pods of a cluster."""

    def __init__(
        self, cluster: Cluster, supervisor: Supervisor, session: aiohttp.ClientSession
    ) -> None:
        self._cluster, self._supervisor, self._session = cluster, supervisor, session
        self._feed: asyncio.Queue[Change | None] = cluster.server.storage.feed(PODS)
        self._pods: dict[Key, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self.ports: dict[Key, int] = {}
        """The port on loopback of each pod whose process listens."""
        self.metrics = ""
        """Address (host:port) of the metrics of all pods."""

    async def start(self) -> None:
        """Serve the metrics."""
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, 0).start()
        host, port = self._runner.addresses[0][:2]
        self.metrics = f"{host}:{port}"

    async def run(self) -> None:
        """Follow the pods until cancelled; raises ChildFailed when none can be started."""
        while True:
            waiting = asyncio.ensure_future(self._feed.get())
            done, _ = await asyncio.wait(
                {waiting, *self._pods.values()}, return_when=asyncio.FIRST_COMPLETED
            )
            if waiting not in done:
                waiting.cancel()
                for task in done:
                    await task
                continue
            change = waiting.result()
            if change is None:
                return
            if change.gone:
                self._end(change.key)
            elif change.key not in self._pods:
                coroutine = self._live(change.key, change.obj)
                self._pods[change.key] = asyncio.create_task(coroutine, name=str(change.key))

    async def stop(self) -> None:
        """Stop looking after pods, and serving their metrics. Their processes stay."""
        for task in (*self._pods.values(), *self._ending):
            task.cancel()
        await asyncio.gather(*self._pods.values(), *self._ending, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()

    def _end(self, key: Key) -> None:
        task = self._pods.pop(key, None)
        if task is not None:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _live(self, key: Key, obj: Mapping[str, Any]) -> None:
        """The life of one pod, until it is cancelled."""
        behaviour = of_template(obj)
        command = [sys.executable, "-I", "-S", _APP, "--pod", key.name, *behaviour.arguments()]
        restarts = 0
        while True:
            name = f"{key.namespace}.{key.name}"
            child = await self._supervisor.start(name, command, output=subprocess.PIPE)
            try:
                await self._watch(key, child)
            finally:
                self.ports.pop(key, None)
                await asyncio.shield(self._supervisor.end(child))
            self._probed(key, ready=False)
            await asyncio.sleep(BACKOFF[min(restarts, len(BACKOFF) - 1)])
            restarts += 1

    async def _watch(self, key: Key, child: Child) -> None:
        """Probe a process until it ends by itself."""
        assert child.process.stdout is not None
        line = await child.process.stdout.readline()
        if not line.strip().isdigit():
            return
        port = self.ports[key] = int(line)
        while child.running:
            ready = await self._probe(port)
            self._probed(key, ready)
            pause = PROBE_READY if ready else PROBE_STARTING
            with contextlib.suppress(TimeoutError):
                # Not the process that is waited for here: a cancelled wait must not touch it.
                await asyncio.wait_for(asyncio.shield(child.process.wait()), pause)

    def _probed(self, key: Key, ready: bool) -> None:
        """Tell the kubelet, and through it the pod's controller."""
        kubelet = self._cluster.kubelet
        pod = kubelet.pods.get(key)
        if pod is None or pod.ending:
            return
        if kubelet.ready(pod, ready):
            if ready:
                pod.progressed()
            pod.changed()

    async def _probe(self, port: int) -> bool:
        url = f"http://{LOOPBACK}:{port}/readyz"
        try:
            async with self._session.get(url, timeout=_QUICK) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _metrics(self, request: web.Request) -> web.Response:
        """The metrics of all pods, each series with the labels of its pod."""
        pages = await asyncio.gather(*(self._page(*item) for item in sorted(self.ports.items())))
        return web.Response(text=merged(pages))

    async def _page(self, key: Key, port: int) -> str:
        url = f"http://{LOOPBACK}:{port}/metrics"
        try:
            async with self._session.get(url, timeout=_QUICK) as response:
                text = await response.text()
        except (aiohttp.ClientError, TimeoutError):
            return ""
        labels = {"kubernetes_namespace": key.namespace, "kubernetes_pod_name": key.name}
        return labelled(text, labels)
