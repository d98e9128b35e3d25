"""Health and metrics over plain HTTP."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from canary.server.startup import StartRefused

log = logging.getLogger("canary.server")

IDLE = 15.0
"""Seconds that a connection may stay open between two requests."""

STOP_GRACE = 0.5
"""Seconds that answers under way get when the server stops."""

_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


def application(registry: CollectorRegistry, unready: Callable[[], str]) -> web.Application:
    """The endpoints; ``unready`` says why this process isn't ready, nothing when it is."""

    async def health(request: web.Request) -> web.Response:
        return web.Response(text="OK")

    async def readiness(request: web.Request) -> web.Response:
        reason = unready()
        return web.Response(status=503 if reason else 200, text=reason or "OK")

    async def metrics(request: web.Request) -> web.Response:
        answer = web.Response(body=generate_latest(registry), headers={"Content-Type": _EXPOSITION})
        answer.enable_compression()
        return answer

    app = web.Application()
    app.router.add_route("*", "/healthz", health)
    app.router.add_route("*", "/readyz", readiness)
    app.router.add_get("/metrics", metrics)
    return app


class Server:
    """The server on all addresses of this machine, while the context is open.

    ``port`` 0 takes a free one; then ``port`` says which. Entering raises StartRefused when the
    port can't be had.
    """

    def __init__(self, app: web.Application, port: int) -> None:
        self.port = port
        self._runner = web.AppRunner(
            app, access_log=None, keepalive_timeout=IDLE, shutdown_timeout=STOP_GRACE
        )

    async def __aenter__(self) -> Server:
        await self._runner.setup()
        try:
            listener = _listen(self.port)
        except OSError as error:
            await self._runner.cleanup()
            cause = os.strerror(error.errno or 0)
            raise StartRefused(f"can't serve HTTP on port {self.port}: {cause}") from error
        self.port = listener.getsockname()[1]
        await web.SockSite(self._runner, listener).start()
        log.info("Starting HTTP server on port %d", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        log.info("HTTP server stopped")


def _listen(port: int) -> socket.socket:
    """One socket for both families, so that a free port is one port."""
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("", port))
