"""The sandbox's API server over HTTP, for kubectl and the engine's own process.

Plain HTTP on loopback: there is nobody to authenticate. The user that the audit log shows is the
program's name in the User-Agent (``kubectl``), as is the default of the field manager.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from canary.kube.transport import JSON, Request
from canary.sandbox.server import Server

LOOPBACK = "127.0.0.1"
LARGEST = 3 * 2**20
"""Bytes of a request's body, as with a real API server."""
_NAME = "sandbox"


@asynccontextmanager
async def serving(server: Server, host: str = LOOPBACK, port: int = 0) -> AsyncIterator[str]:
    """Serve while the context is open; gives the address. Port 0: any free one.

    Raises OSError when the port is taken.
    """
    app = web.Application(client_max_size=LARGEST)
    bridge = _Bridge(server)
    app.router.add_route("*", "/{path:.*}", bridge.answer)
    # A watch whose client is gone has to end, though nothing happens that it could report.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield "http://{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


def kubeconfig(address: str, namespace: str = "default") -> dict[str, Any]:
    """A kubeconfig with one context that leads to ``address``."""
    context = {"cluster": _NAME, "user": _NAME, "namespace": namespace}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": _NAME, "cluster": {"server": address}}],
        "users": [{"name": _NAME, "user": {}}],
        "contexts": [{"name": _NAME, "context": context}],
        "current-context": _NAME,
    }


def write_kubeconfig(path: Path, address: str, namespace: str = "default") -> None:
    """Write a kubeconfig for ``address`` (as JSON, which is YAML)."""
    path.write_bytes(orjson.dumps(kubeconfig(address, namespace), option=orjson.OPT_INDENT_2))


class _Bridge:
    """HTTP to the seam of ``canary.kube.transport``."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request, or follow a watch."""
        user = request.headers.get("User-Agent", "unknown").partition("/")[0]
        asked = Request(
            request.method,
            request.path,
            dict(request.query),
            await request.read() or None,
            request.content_type if "Content-Type" in request.headers else JSON,
            request.headers.get("Accept", "*/*"),
        )
        if request.method == "GET" and request.query.get("watch") in ("1", "true"):
            return await self._watch(request, user, asked)
        found = self._server.handle(user, asked)
        return web.Response(status=found.status, body=found.body, headers=_headers(found.headers))

    async def _watch(self, request: web.Request, user: str, asked: Request) -> web.StreamResponse:
        async with self._server.transport(user).stream(asked) as stream:
            if stream.status != 200:
                body = await stream.body()
                return web.Response(status=stream.status, body=body, headers={"Content-Type": JSON})
            response = web.StreamResponse(headers={"Content-Type": JSON})
            await response.prepare(request)
            async for line in stream.lines():
                try:
                    await response.write(line + b"\n")
                except ConnectionError:
                    # The client left between two events.
                    break
            return response


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.title(): value for name, value in headers.items()}
