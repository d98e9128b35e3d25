"""What the engine meets over HTTP: the sandbox's API, and a metrics server that always passes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import cast

from aiohttp import web

from canary.kube.transport import Request, Response, Transport
from canary.sandbox import http
from canary.sandbox.server import Entry, Server

Heard = Callable[[Entry, float], None]
"""Hears each request that isn't a watch, with the time of its arrival (monotonic seconds)."""


class Overheard:
    """As much of a server as HTTP needs, with a listener."""

    def __init__(self, server: Server, heard: Heard) -> None:
        self._server = server
        self._heard = heard

    def handle(self, user: str, request: Request) -> Response:
        """Answer one request that is no watch."""
        arrived = asyncio.get_running_loop().time()
        answer = self._server.handle(user, request)
        self._heard(self._server.audit[-1], arrived)
        return answer

    def transport(self, user: str) -> Transport:
        """For watches, that nobody listens to."""
        return self._server.transport(user)


def serving(server: Server, heard: Heard) -> AbstractAsyncContextManager[str]:
    """Serve the API while the context is open; gives the address."""
    return http.serving(cast(Server, Overheard(server, heard)))


async def query(request: web.Request) -> web.Response:
    """Answer of a Prometheus: 1 to the engine's probe, latencies of 0.1 s, 100 for the rest."""
    text = request.query.get("query", "")
    value = "1" if text == "vector(1)" else "0.1" if "histogram_quantile" in text else "100"
    data = {"resultType": "vector", "result": [{"metric": {}, "value": [0, value]}]}
    return web.json_response({"status": "success", "data": data})
