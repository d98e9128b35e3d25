"""A way to the API server on which one request can be held back: how a write comes to be late."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable
from pathlib import Path

import aiohttp
import yaml
from aiohttp import web

_HOP = ("host", "connection", "transfer-encoding", "content-length", "keep-alive")
"""Headers of one connection, which aren't passed on."""


class FrontDoor:
    """Plain HTTP on loopback, passed on to the API server of ``administrators``' kubeconfig; only
    the caller's own credentials are used. ``address`` is known while the context is open."""

    def __init__(self, administrators: Path) -> None:
        config = yaml.safe_load(administrators.read_text())
        current = next(c for c in config["contexts"] if c["name"] == config["current-context"])
        name = current["context"]["cluster"]
        cluster = next(c for c in config["clusters"] if c["name"] == name)["cluster"]
        self._server = str(cluster["server"])
        self._tls = ssl.create_default_context(
            cadata=base64.b64decode(cluster["certificate-authority-data"]).decode()
        )
        self._wanted: Callable[[str, str], bool] | None = None
        self._released = asyncio.Event()
        self.held = asyncio.Event()
        """Set when the request that was to be held has arrived."""
        self.answered = asyncio.Event()
        """Set when the API server has answered it."""
        self.address = ""

    def hold(self, wanted: Callable[[str, str], bool]) -> None:
        """Hold back the next request of which ``wanted(method, path)`` is true."""
        self._wanted = wanted

    def release(self) -> None:
        """Pass on the request that is held."""
        self._released.set()

    async def __aenter__(self) -> FrontDoor:
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        connector = aiohttp.TCPConnector(ssl=self._tls, limit=0)
        timeout = aiohttp.ClientTimeout(total=None)
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, auto_decompress=False
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._released.set()
        await self._runner.cleanup()
        await self._session.close()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        late = self._wanted is not None and self._wanted(request.method, request.path)
        if late:
            self._wanted = None
            self.held.set()
            await self._released.wait()
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        async with self._session.request(
            request.method, self._server + request.path_qs, data=body or None, headers=headers
        ) as answer:
            if late:
                self.answered.set()
            own = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
            response = web.StreamResponse(status=answer.status, headers=own)
            await response.prepare(request)
            # A watch is an answer that goes on.
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
            return response
