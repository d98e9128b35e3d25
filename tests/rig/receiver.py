"""Receivers of webhooks that a test opens, closes, and looks into."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from canary.api.hooks import Webhook
from canary.hooks import HookAnswer, Passed, Refused


@dataclass(frozen=True)
class HookCall:
    """One call as its receiver got it; ``at`` is virtual time."""

    hook: str
    payload: Mapping[str, Any]
    key: str
    at: float
    status: int

    def __str__(self) -> str:
        return f"H[{self.hook} {self.payload['phase']}\N{RIGHTWARDS ARROW}{self.status}]"


class Receivers:
    """Answers 200, unless ``answers`` has a status, or a status and a body, for a hook's name.

    ``behave`` may wait before the answer, as a slow or hanging receiver would.
    """

    def __init__(self) -> None:
        self.calls: list[HookCall] = []
        self.answers: dict[str, int | tuple[int, str]] = {}
        self.behave: Callable[[Webhook], Awaitable[None]] | None = None

    async def __call__(self, hook: Webhook, payload: bytes, key: str) -> HookAnswer:
        if self.behave is not None:
            await self.behave(hook)
        answer = self.answers.get(hook.name, 200)
        status, text = answer if isinstance(answer, tuple) else (answer, "")
        at = asyncio.get_running_loop().time()
        self.calls.append(HookCall(hook.name, json.loads(payload), key, at, status))
        return Passed(status) if 200 <= status < 300 else Refused(text, status)

    def of(self, hook: str) -> list[HookCall]:
        """The calls of one hook."""
        return [call for call in self.calls if call.hook == hook]
