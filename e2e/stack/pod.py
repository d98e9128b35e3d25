"""The life of one pod: containers up, status reported, graceful end."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from canary.kube.client import Client
from canary.kube.errors import ApiError, NotFound, Unreachable
from canary.kube.resources import PODS, Obj
from canary.kube.transport import MERGE_PATCH, Request
from e2e.stack.container import Container
from e2e.stack.daemon import send
from e2e.stack.podspec import Find, grace, port_number
from e2e.stack.podstatus import status

log = logging.getLogger("e2e.kubelet")
_RETRY = 0.5


class Pod:
    """Runs ``pod`` at ``address`` until it is deleted."""

    def __init__(
        self,
        client: Client,
        pod: Obj,
        address: str,
        node_address: str,
        *,
        find: Find,
        logs: Path,
        now: Callable[[], str],
    ) -> None:
        self.latest = pod
        self.address = address
        self._client = client
        self._node_address = node_address
        self._now = now
        self._started = now()
        self._dirty = asyncio.Event()
        self._dirty.set()
        self._ending = asyncio.Event()
        self._gone = asyncio.Event()
        meta = pod["metadata"]
        self.containers = [
            Container(
                pod,
                spec,
                address,
                find=find,
                log=logs / f"{meta['namespace']}_{meta['name']}_{spec['name']}.log",
                now=now,
                changed=self._dirty.set,
            )
            for spec in pod["spec"]["containers"]
        ]

    def seen(self, pod: Obj | None) -> None:
        """The pod as the API server has it now; None: deleted without waiting for us."""
        if pod is None:
            self._gone.set()
            self._ending.set()
            return
        self.latest = pod
        if pod["metadata"].get("deletionTimestamp"):
            self._ending.set()

    async def live(self) -> None:
        """From start to end; the object is deleted when this returns."""
        if self._ending.is_set():  # Nobody ran the kubelet when it was deleted.
            await self._confirm()
            return
        tasks = [asyncio.create_task(container.live()) for container in self.containers]
        reporting = asyncio.create_task(self._report())
        try:
            await self._ending.wait()
            await self._stop()
        finally:
            for task in (*tasks, reporting):
                task.cancel()
            await asyncio.wait({*tasks, reporting})
            for container in self.containers:
                container.kill()
        await self._confirm()

    async def _stop(self) -> None:
        """End the processes within the grace period; probes and endpoints go on meanwhile."""
        seconds = grace(self.latest)
        if self._gone.is_set() or not seconds:
            return
        stopping = asyncio.create_task(self._stop_all(seconds))
        gone = asyncio.create_task(self._gone.wait())
        await asyncio.wait({stopping, gone}, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        stopping.cancel()

    async def _stop_all(self, seconds: float) -> None:
        await asyncio.gather(*(self._stop_one(each, seconds) for each in self.containers))

    async def _stop_one(self, container: Container, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        hook = (container.spec.get("lifecycle") or {}).get("preStop")
        if hook:
            try:
                async with asyncio.timeout(seconds):
                    await self._pre_stop(container, hook)
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                log.warning("preStop of %s: %s", self.latest["metadata"]["name"], error)
        # Past the deadline a kubelet still gives two seconds.
        await container.stop(max(2.0, deadline - loop.time()))

    async def _pre_stop(self, container: Container, hook: Obj) -> None:
        if sleep := hook.get("sleep"):
            await asyncio.sleep(float(sleep["seconds"]))
        elif get := hook.get("httpGet"):
            port = port_number(container.spec, get["port"])
            url = f"http://{self.address}:{port}{get.get('path') or '/'}"
            async with aiohttp.request("GET", url) as response:
                await response.read()
        elif run := hook.get("exec"):
            process = await asyncio.create_subprocess_exec(*run["command"])
            try:
                await process.wait()
            finally:
                send(process, signal.SIGKILL)

    async def _report(self) -> None:
        """Bring each change of the containers' states into the pod's status."""
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            try:
                await self._patch()
            except NotFound:
                return
            except (ApiError, Unreachable) as error:
                log.warning("status of %s: %s", self.latest["metadata"]["name"], error)
                self._dirty.set()
                await asyncio.sleep(_RETRY)

    async def _patch(self) -> None:
        meta = self.latest["metadata"]
        report = status(
            [container.state for container in self.containers],
            self.latest.get("status", {}).get("conditions") or (),
            restarts=self.latest["spec"].get("restartPolicy", "Always") == "Always",
            address=self.address,
            node_address=self._node_address,
            started=self._started,
            now=self._now(),
        )
        body: dict[str, Any] = {"metadata": {"uid": meta["uid"]}, "status": report}
        path = PODS.path(meta["namespace"], meta["name"], "status")
        request = Request("PATCH", path, body=orjson.dumps(body), content_type=MERGE_PATCH)
        await self._client.send(request, "patch", "pods/status")

    async def _confirm(self) -> None:
        """Tell the API server that nothing of the pod is left."""
        meta = self.latest["metadata"]
        options = {"gracePeriodSeconds": 0, "preconditions": {"uid": meta["uid"]}}
        path = PODS.path(meta["namespace"], meta["name"])
        request = Request("DELETE", path, body=orjson.dumps(options))
        while not self._gone.is_set():
            try:
                await self._client.send(request, "delete", "pods")
                return
            except (ApiError, Unreachable) as error:
                # 404: gone already; 409: another pod of that name.
                if isinstance(error, ApiError) and error.status in (404, 409):
                    return
                log.warning("deletion of %s: %s", meta["name"], error)
                await asyncio.sleep(_RETRY)
