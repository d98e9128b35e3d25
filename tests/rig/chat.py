"""Chats that a test looks into, or lets fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from canary.controller.settings import Settings
from canary.notify.chats import Request
from canary.notify.receiver import Receiver

NOTIFIED = Settings(notifier=Receiver("slack", "https://chat.test", "ops"))
"""Everybody's alerts go to one chat."""


@dataclass(frozen=True)
class Message:
    """One message as a chat got it; ``at`` is virtual time."""

    url: str
    text: str
    fields: dict[str, str]
    key: str
    at: float
    token: str = ""


class Chat:
    """Takes what is posted in Slack's form; ``behave`` may raise or wait before it is taken."""

    def __init__(self, behave: Callable[[Request], Awaitable[None]] | None = None) -> None:
        self.messages: list[Message] = []
        self.attempts = 0
        self.behave = behave

    async def __call__(self, request: Request, key: str) -> None:
        self.attempts += 1
        if self.behave is not None:
            await self.behave(request)
        (attachment,) = request.body["attachments"]
        fields = {field["title"]: field["value"] for field in attachment["fields"]}
        at = asyncio.get_running_loop().time()
        message = Message(request.url, attachment["text"], fields, key, at, request.token)
        self.messages.append(message)

    def texts(self, url: str = "") -> list[str]:
        """What was said at ``url``, or anywhere."""
        return [m.text for m in self.messages if not url or m.url == url]
