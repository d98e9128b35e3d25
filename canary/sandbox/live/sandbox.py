"""The whole sandbox: API server, pods as processes, gateway, load, Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import yaml

from canary.api import crd
from canary.clock import SystemClock
from canary.kube.resources import CRDS
from canary.sandbox.cluster import Cluster, routing_crds
from canary.sandbox.http import serving, write_kubeconfig
from canary.sandbox.live import envoy, prometheus
from canary.sandbox.live.gateway import LiveGateway
from canary.sandbox.live.load import Load
from canary.sandbox.live.manifests import Applier, Manifest
from canary.sandbox.live.ports import available
from canary.sandbox.live.runtime import Runtime, simulated
from canary.sandbox.live.supervise import Supervisor


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for; port 0 is any free one, ``load`` is in requests a second."""

    api_port: int = 0
    traffic_port: int = 0
    prometheus_port: int = 0
    load: float = 20.0
    manifests: Sequence[Manifest] = ()


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox: its parts, and where people find them."""

    cluster: Cluster
    supervisor: Supervisor
    envoy: envoy.Envoy
    load: Load
    kubeconfig: Path
    api: str
    traffic: str
    prometheus: str
    tasks: tuple[asyncio.Task[None], ...]

    async def failed(self) -> BaseException:
        """Wait until a part of it fails; gives the reason."""
        done, _ = await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().exception() or RuntimeError("a part of the sandbox ended")


@asynccontextmanager
async def running(wanted: Wanted) -> AsyncIterator[Sandbox]:
    """A sandbox, ready when this yields, gone with all its processes when it is left.

    Raises NoEnvoy, NoPrometheus, PortInUse, ChildFailed and BadManifest.
    """
    # What can't work is said before anything is started.
    envoy.binary()
    prometheus.binary()
    available(wanted.traffic_port, "--traffic-port")
    available(wanted.prometheus_port, "--prometheus-port")
    available(wanted.api_port, "--api-port")
    async with AsyncExitStack() as stack:
        supervisor = stack.enter_context(Supervisor())
        stack.push_async_callback(supervisor.stop)
        session = await stack.enter_async_context(
            # Requests to stale connections would be retried, and counted twice.
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60))
        )
        cluster = Cluster(SystemClock(), simulated)
        runtime = Runtime(cluster, supervisor, session)
        cluster.start()
        stack.push_async_callback(cluster.stop)
        user = cluster.client("sandbox")
        for text in crd.manifests().values():
            await user.create(CRDS, yaml.safe_load(text))
        for definition in routing_crds():
            await user.create(CRDS, definition)
        await runtime.start()
        stack.push_async_callback(runtime.stop)
        api = await stack.enter_async_context(serving(cluster.server, port=wanted.api_port))
        kubeconfig = supervisor.folder / "kubeconfig"
        write_kubeconfig(kubeconfig, api)
        proxy = envoy.Envoy(supervisor, session)
        monitor = prometheus.Prometheus(supervisor, session)
        await _all(
            proxy.start(wanted.traffic_port),
            monitor.start(runtime.metrics, wanted.prometheus_port),
        )
        gateway = LiveGateway(cluster, runtime, proxy)
        load = Load(session, proxy.address, wanted.load, lambda: gateway.targets)
        tasks = [_task(stack, gateway.run(), "gateway"), _task(stack, runtime.run(), "runtime")]
        if wanted.load:
            tasks.append(_task(stack, load.run(), "load"))
        applier = Applier(cluster.server.transport("kubectl"), cluster.server.storage, "kubectl")
        await applier.apply(wanted.manifests)
        yield Sandbox(
            cluster,
            supervisor,
            proxy,
            load,
            kubeconfig,
            api,
            proxy.address,
            monitor.address,
            tuple(tasks),
        )


async def _all(*parts: Coroutine[None, None, None]) -> None:
    """Run at the same time; the first error counts, alone."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


def _task(
    stack: AsyncExitStack, part: Coroutine[None, None, None], name: str
) -> asyncio.Task[None]:
    task = asyncio.create_task(part, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)
    return task
