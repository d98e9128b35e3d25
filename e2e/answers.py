"""A metrics server that answers what a scenario says, in the place of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType

from aiohttp import web

PASSES = 99.5
"""What is answered unless a scenario says otherwise: within every limit of the recordings."""


class Answers:
    """On loopback while the context is open. ``values`` are the answers to come, and the last one
    is repeated; ``queries`` what was asked, one line each."""

    def __init__(self, *values: float) -> None:
        self._values: Iterator[float] = iter(values)
        self._last = PASSES
        self.queries: list[str] = []
        self.address = ""

    def always(self, value: float) -> None:
        """Answer this from now on."""
        self._values, self._last = iter(()), value

    async def __aenter__(self) -> Answers:
        app = web.Application()
        app.router.add_route("*", "/api/v1/query", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        query = " ".join((request.query.get("query") or "").split())
        value = 1.0
        if query != "vector(1)":
            self.queries.append(query)
            value = self._last = next(self._values, self._last)
        data = {"resultType": "vector", "result": [{"metric": {}, "value": [0, str(value)]}]}
        return web.json_response({"status": "success", "data": data})
