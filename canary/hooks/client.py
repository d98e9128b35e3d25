"""A call of a hook from its first attempt to its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from canary.api.hook_timeout import InvalidTimeout, hook_timeout
from canary.api.hooks import Webhook
from canary.clock import Clock
from canary.hooks.address import InvalidUrl, check, redacted
from canary.hooks.retry import pause, repeatable
from canary.hooks.transport import HookRequest, NoReply, Reply


@dataclass(frozen=True, slots=True)
class Passed:
    """A 2xx answer, each of which is a success (webhooks 8.1)."""

    status: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Anything else; ``text`` is what events say. ``status`` is None where no answer came."""

    text: str
    status: int | None


HookAnswer = Passed | Refused


class Transport(Protocol):
    """What carries one attempt: HTTP, or something in process."""

    async def send(self, request: HookRequest) -> Reply | NoReply:
        """Keeps the request's timeout and raises nothing."""


class HookClient:
    """Calls hooks, with their retries."""

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """``sleep`` waits between attempts, in seconds."""
        self._transport = transport
        self._clock = clock
        self._sleep = sleep

    async def call(self, hook: Webhook, payload: bytes, key: str) -> HookAnswer:
        """The hook's answer; raises nothing but CancelledError.

        ``key`` identifies this poll to the receiver (S10): its attempts share it, and no other
        call may have it.
        """
        try:
            check(hook.url)
            request = HookRequest(
                hook.url, payload, key, hook_timeout(hook), verify=not hook.disable_tls
            )
        except InvalidTimeout as error:
            return Refused(f"spec.analysis.webhooks[{hook.name}].timeout: {error}", None)
        except InvalidUrl as error:
            return Refused(str(error), None)
        attempt = 1
        while True:
            reply = await self._transport.send(request)
            if attempt > hook.retries or not _again(reply):
                return _answer(hook.url, reply, attempt)
            await self._sleep(self._pause(attempt, reply))
            attempt += 1

    def _pause(self, attempt: int, reply: Reply | NoReply) -> float:
        now = self._clock.now()
        if isinstance(reply, Reply):
            return pause(attempt, reply.status, reply.retry_after, now)
        return pause(attempt, None, "", now)


def _again(reply: Reply | NoReply) -> bool:
    return repeatable(reply.status) if isinstance(reply, Reply) else reply.passing


def _answer(url: str, reply: Reply | NoReply, attempts: int) -> HookAnswer:
    gave_up = f"POST {redacted(url)} giving up after {attempts} attempt(s)"
    if isinstance(reply, NoReply):
        return Refused(f"{gave_up}: {reply.cause}", None)
    if 200 <= reply.status < 300:
        return Passed(reply.status)
    if repeatable(reply.status):
        return Refused(f"{gave_up}: {reply.text}" if reply.text else gave_up, reply.status)
    if reply.status in (301, 302, 303):
        # Following would send a GET, whose 200 from any page opened a gate (webhooks 8.3).
        return Refused(
            f"POST {redacted(url)} was redirected with status {reply.status} to "
            f'"{redacted(reply.location[:300])}"; accepted are 307 and 308, which keep the method',
            reply.status,
        )
    return Refused(reply.text, reply.status)
