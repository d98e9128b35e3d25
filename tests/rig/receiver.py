"""Receivers of webhooks that a test opens, closes, and looks into."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from canary.api.hooks import HookType, Webhook
from canary.hooks import HookAnswer, Passed, Refused


@dataclass(frozen=True)
class HookCall:
    """One call as its receiver got it.

    ``at`` is virtual time, ``version`` the newest one of the cluster that it was called in.
    """

    hook: str
    type: HookType
    payload: Mapping[str, Any]
    key: str
    at: float
    status: int
    version: int = 0

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
        self.version: Callable[[], int] = lambda: 0

    async def __call__(self, hook: Webhook, payload: bytes, key: str) -> HookAnswer:
        version, at = self.version(), asyncio.get_running_loop().time()
        if self.behave is not None:
            await self.behave(hook)
        answer = self.answers.get(hook.name, 200)
        status, text = answer if isinstance(answer, tuple) else (answer, "")
        said = json.loads(payload)
        self.calls.append(HookCall(hook.name, hook.hook_type, said, key, at, status, version))
        return Passed(status) if 200 <= status < 300 else Refused(text, status)

    def of(self, hook: str) -> list[HookCall]:
        """The calls of one hook."""
        return [call for call in self.calls if call.hook == hook]
