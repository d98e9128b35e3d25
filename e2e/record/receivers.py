"""What stands around Flagger while it is recorded: metrics, webhooks and chats, by script."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from e2e.answers import PASSES, Answers
from e2e.record.scenario import Scenario


class Receivers(Answers):
    """Answers what the scenario says, and keeps what came in: ``heard`` are the calls of webhooks
    and ``alerts`` the messages to chats as recordings hold them. ``phase`` gives the Canary's."""

    def __init__(self, scenario: Scenario, phase: Callable[[], str]) -> None:
        super().__init__()
        self._phase = phase
        self._metrics = {part: list(values) for part, values in scenario.answers.items()}
        self._hooks = {hook: list(codes) for hook, codes in scenario.hooks.items()}
        self._began = time.monotonic()
        self.heard: list[dict[str, Any]] = []
        self.alerts: list[dict[str, Any]] = []

    async def __aenter__(self) -> Receivers:
        await super().__aenter__()
        return self

    def begin(self) -> None:
        """Count seconds from now on."""
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return round(time.monotonic() - self._began, 1)

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), web.post("/alert/{tail:.*}", self._alerted)]

    def value(self, query: str) -> float | None:
        for part, values in self._metrics.items():
            if part in query:
                found: float | None = _next(values)
                return found
        return PASSES

    async def _hear(self, request: web.Request) -> web.Response:
        hook = request.match_info["hook"]
        code = _next(self._hooks[hook]) if hook in self._hooks else 200
        payload = await request.json()
        # When it was sent, which is never twice the same.
        payload.get("metadata", {}).pop("timestamp", None)
        call = {"t": self.seconds, "hook": hook, "code": code, "payload": payload}
        self.heard.append({**call, "phase": self._phase()})
        return web.Response(status=code)

    async def _alerted(self, request: web.Request) -> web.Response:
        alert = {"t": self.seconds, "path": request.path, "body": await request.json()}
        self.alerts.append({**alert, "phase": self._phase()})
        return web.Response(text="ok")


def _next(values: list[Any]) -> Any:
    """The next of the values, the last one again and again."""
    return values.pop(0) if len(values) > 1 else values[0]
