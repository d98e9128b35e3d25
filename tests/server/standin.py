"""A whole process around a controller that only shows whether it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cluster import Cluster

from canary.controller.settings import Settings
from canary.kube.http import HttpTransport, connect
from canary.server.process import Parts, Surroundings, live


class Controller:
    """Runs until cancelled."""

    def __init__(self, winding_up: float = 0.0, failure: Exception | None = None) -> None:
        self.ready = False
        self.running = asyncio.Event()
        self.cleaned_up = False
        self.given: Surroundings | None = None
        self._winding_up = winding_up
        self._failure = failure

    def make(self, given: Surroundings) -> Controller:
        self.given = given
        return self

    async def run(self) -> None:
        self.running.set()
        try:
            if self._failure:
                raise self._failure
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(self._winding_up)
            self.cleaned_up = True


class Process:
    """One process under test: its API server, its controller, its exit code."""

    def __init__(self, cluster: Cluster, controller: Controller) -> None:
        self.cluster = cluster
        self.controller = controller
        self.stop = asyncio.Event()
        self.code: asyncio.Task[int]
        self.settings: dict[str, Any] = {"port": 0, "metrics_server": "http://127.0.0.1:9"}

    async def start(self, address: str, **settings: Any) -> None:
        async def transport(settings: Settings) -> HttpTransport:
            return await connect(master=address)

        parts = Parts(self.controller.make, transport)
        found = Settings(**{**self.settings, **settings})
        self.code = asyncio.create_task(live(found, self.stop, parts))


@asynccontextmanager
async def running(
    controller: Controller | None = None,
    spoil: Callable[[Cluster], None] = lambda cluster: None,
    **settings: Any,
) -> AsyncIterator[Process]:
    cluster = Cluster()
    spoil(cluster)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", cluster.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found = Process(cluster, controller or Controller())
    await found.start(f"http://127.0.0.1:{runner.addresses[0][1]}", **settings)
    try:
        async with asyncio.timeout(20):
            yield found
    finally:
        found.stop.set()
        await asyncio.wait({found.code})
        await runner.cleanup()


def port(caplog: pytest.LogCaptureFixture) -> int:
    line = next(m for m in caplog.messages if m.startswith("Starting HTTP server on port "))
    return int(line.rpartition(" ")[2])


class Lines(logging.Handler):
    """What the engine logged, to be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []
        self._more = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())
        self._more.set()

    async def until(self, text: str) -> None:
        """Wait for a line that starts with ``text``."""
        async with asyncio.timeout(20):
            while not any(message.startswith(text) for message in self.messages):
                self._more.clear()
                await self._more.wait()


@contextmanager
def listening() -> Iterator[Lines]:
    """The lines from here on."""
    lines, logger = Lines(), logging.getLogger("canary")
    logger.addHandler(lines)
    try:
        yield lines
    finally:
        logger.removeHandler(lines)


async def fetched(caplog: pytest.LogCaptureFixture, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port(caplog)}{path}") as response,
    ):
        return response.status, await response.text()
