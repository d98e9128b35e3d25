"""The way in for other processes: the API server on loopback, and a kubeconfig for it."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from canary.kube.transport import JSON, Request
from canary.sandbox.cluster import Cluster
from canary.sandbox.live.ports import LOOPBACK

_USER = "sandbox"


async def serve(
    stack: AsyncExitStack, cluster: Cluster, folder: Path, port: int
) -> tuple[str, Path]:
    """Serve until ``stack`` is left; gives the address and the path of the kubeconfig."""
    app = web.Application(client_max_size=2**22)
    bridge = _Bridge(cluster)
    app.router.add_route("*", "/{path:.*}", bridge.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, LOOPBACK, port).start()
    host, taken = runner.addresses[0][:2]
    address = f"http://{host}:{taken}"
    path = folder / "kubeconfig"
    path.write_text(json.dumps(kubeconfig(address), indent=1))
    return address, path


def kubeconfig(address: str) -> dict[str, object]:
    """A kubeconfig with one context."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": _USER, "cluster": {"server": address}}],
        "users": [{"name": _USER, "user": {}}],
        "contexts": [{"name": _USER, "context": {"cluster": _USER, "user": _USER}}],
        "current-context": _USER,
    }


class _Bridge:
    """HTTP to the seam of ``canary.kube.transport``."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def answer(self, request: web.Request) -> web.StreamResponse:
        user = request.headers.get("User-Agent", _USER).partition("/")[0]
        transport = self._cluster.server.transport(user)
        asked = Request(
            request.method,
            request.path,
            dict(request.query),
            await request.read() or None,
            request.content_type,
            request.headers.get("Accept", JSON),
        )
        if request.query.get("watch") not in ("1", "true"):
            found = await transport.request(asked)
            return web.Response(status=found.status, body=found.body, content_type=JSON)
        async with transport.stream(asked) as stream:
            if stream.status >= 400:
                body = await stream.body()
                return web.Response(status=stream.status, body=body, content_type=JSON)
            response = web.StreamResponse(headers={"Content-Type": JSON})
            await response.prepare(request)
            async for line in stream.lines():
                await response.write(line + b"\n")
            return response
