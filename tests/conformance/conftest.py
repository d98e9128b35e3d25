"""The API servers that cases run against."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from canary.clock import SystemClock
from canary.kube.http import connect
from canary.kube.resources import CRDS
from canary.kube.transport import Request, Transport
from canary.sandbox.cluster import Cluster
from canary.sandbox.http import serving, write_kubeconfig
from tests.conformance.api import Api
from tests.rig.definitions import bodies

TARGETS = ("in-process", "http")


@asynccontextmanager
async def target(name: str, folder: Path) -> AsyncIterator[Api]:
    """A namespace of its own on one of TARGETS, with the engine's CRDs installed."""
    cluster = Cluster(SystemClock())
    cluster.start()
    try:
        if name == "in-process":
            yield await ready(cluster.server.transport("conformance"), "conformance")
            return
        async with serving(cluster.server) as address:
            write_kubeconfig(folder / "kubeconfig", address)
            transport = await connect(kubeconfig=str(folder / "kubeconfig"))
            async with _closing(transport):
                yield await ready(transport, "conformance")
    finally:
        await cluster.stop()


@asynccontextmanager
async def _closing(transport: Transport) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await transport.close()


async def ready(transport: Transport, namespace: str) -> Api:
    """A new namespace on the API server behind ``transport``."""
    api = Api(transport, namespace, namespace.rpartition("-")[2])
    for body in bodies():
        answer = await transport.request(Request("POST", CRDS.path(), body=body))
        # On a real server they stay from run to run.
        assert answer.status in (201, 409), answer.body
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    await api.made("/api/v1/namespaces", body)
    return api
