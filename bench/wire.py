"""The sandbox's API server, and a metrics server that is always content, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from canary.kube.transport import Request
from canary.sandbox.server import Entry, Server

USER = "canary-engine"
"""Whoever comes in over HTTP, in the audit log."""

Heard = Callable[[Entry, float], None]
"""Hears each request that isn't a watch, with the time of its arrival (monotonic seconds)."""


class Wire:
    """Serves ``server``; whatever asks over HTTP is the engine that is measured."""

    def __init__(self, server: Server, heard: Heard) -> None:
        self._server = server
        self._transport = server.transport(USER)
        self._heard = heard

    def routes(self, app: web.Application) -> None:
        """Add the endpoints, a catch-all last."""
        app.router.add_get("/api/v1/query", _query)
        app.router.add_route("*", "/{path:.*}", self.answer)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of the Kubernetes API."""
        body = await request.read()
        asked = Request(
            request.method,
            request.path,
            dict(request.query),
            body or None,
            request.headers.get("Content-Type", "application/json"),
            request.headers.get("Accept", "application/json"),
        )
        if asked.query.get("watch") == "true":
            return await self._watch(request, asked)
        arrived = asyncio.get_running_loop().time()
        answer = self._server.handle(USER, asked)
        self._heard(self._server.audit[-1], arrived)
        headers = {"Content-Type": "application/json"}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    async def _watch(self, request: web.Request, asked: Request) -> web.StreamResponse:
        async with self._transport.stream(asked) as stream:
            headers = {"Content-Type": "application/json"}
            if stream.status != 200:
                body = await stream.body()
                return web.Response(status=stream.status, body=body, headers=headers)
            response = web.StreamResponse(status=200, headers=headers)
            await response.prepare(request)
            async for line in stream.lines():
                await response.write(line + b"\n")
            return response


async def _query(request: web.Request) -> web.Response:
    """The engine's probe gets its 1, latencies are 0.1 s, everything else is at 100 %."""
    text = request.query.get("query", "")
    value = "1" if text == "vector(1)" else "0.1" if "histogram_quantile" in text else "100"
    data = {"resultType": "vector", "result": [{"metric": {}, "value": [0, value]}]}
    return web.json_response({"status": "success", "data": data})
