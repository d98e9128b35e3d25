"""An HTTP server on loopback that answers as a test says, with TLS where asked."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self

from aiohttp import web
from aiohttp.test_utils import TestServer as LoopbackServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Loopback:
    """``handler`` answers what comes, at ``url``."""

    handler: Handler
    url: str = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One request; a subclass may keep it."""
        return await self.handler(request)

    @asynccontextmanager
    async def running(self, context: ssl.SSLContext | None = None) -> AsyncIterator[Self]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.serve)
        server = LoopbackServer(app, host="127.0.0.1")
        await server.start_server(ssl=context)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{server.port}"
        try:
            yield self
        finally:
            await server.close()
