"""A metrics server, and receivers of webhooks, that answer what a scenario says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any

from aiohttp import web

PASSES = 99.5
"""What is answered unless a scenario says otherwise: within every limit of the recordings."""


class Answers:
    """On loopback while the context is open. ``values`` are the answers to come, and the last one
    is repeated; ``queries`` what was asked, one line each. ``hooks`` are calls as recorded: a
    receiver answers with their codes, then with 200; ``calls`` are hook, code and payload."""

    def __init__(self, *values: float, hooks: Iterable[Mapping[str, Any]] = ()) -> None:
        self._values: Iterator[float] = iter(values)
        self._last = PASSES
        self.queries: list[str] = []
        self.address = ""
        self.calls: list[tuple[str, int, dict[str, Any]]] = []
        self._codes = defaultdict[str, list[int]](list)
        for call in hooks:
            self._codes[call["hook"]].append(call["code"])

    def always(self, value: float) -> None:
        """Answer this from now on."""
        self._values, self._last = iter(()), value

    def routes(self) -> list[web.RouteDef]:
        """What it serves."""
        return [
            web.route("*", "/api/v1/query", self._answer),
            web.post("/hook/{namespace}/{hook}", self._hear),
        ]

    async def __aenter__(self) -> Answers:
        app = web.Application()
        app.add_routes(self.routes())
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

    async def _hear(self, request: web.Request) -> web.Response:
        hook = request.match_info["hook"]
        codes = self._codes[hook]
        code = codes.pop(0) if codes else 200
        self.calls.append((hook, code, await request.json()))
        return web.Response(status=code)

    async def _answer(self, request: web.Request) -> web.Response:
        query = " ".join((request.query.get("query") or "").split())
        value: float | None = 1.0
        if query != "vector(1)":
            self.queries.append(query)
            value = self.value(query)
        result = [] if value is None else [{"metric": {}, "value": [0, str(value)]}]
        data = {"resultType": "vector", "result": result}
        return web.json_response({"status": "success", "data": data})

    def value(self, query: str) -> float | None:
        """The answer to a query; None: there is no such series."""
        self._last = next(self._values, self._last)
        return self._last
