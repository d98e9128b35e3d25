"""Events to event hooks: in order, beside everything else (webhooks 8.12)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from canary.api.hooks import HookType, Webhook
from canary.hooks.client import Refused
from canary.hooks.gate import Call, of_type
from canary.hooks.payload import HookEvent, event_payload

log = logging.getLogger("canary.hooks")

LONGEST_QUEUE = 100
"""Events that wait for one receiver of one Canary."""


class _Lane(NamedTuple):
    """One receiver of one Canary; a dead one keeps nobody else waiting."""

    namespace: str
    canary: str
    hook: str
    url: str


class _Parcel(NamedTuple):
    hook: Webhook
    event: HookEvent
    key: str


class EventSender:
    """Sends events; nothing depends on whether they arrive."""

    def __init__(self, call: Call, address: str = "") -> None:
        """``address`` gets the events of Canaries that have no event hook; empty for nobody."""
        self._call = call
        self._everybody = (
            (Webhook(name="event-webhook", url=address, type="event"),) if address else ()
        )
        self._queues: dict[_Lane, deque[_Parcel]] = {}
        self._tasks: dict[_Lane, asyncio.Task[None]] = {}

    def send(self, hooks: Sequence[Webhook] | None, event: HookEvent, key: str) -> None:
        """Queue ``event`` for each receiver of a Canary with these hooks; returns at once.

        ``key`` identifies the event: a receiver that got it before a crash gets it with the same
        one. A full queue loses its oldest event, which is logged.
        """
        subject = event.subject
        for index, hook in enumerate(of_type(hooks, HookType.EVENT) or self._everybody):
            lane = _Lane(subject.namespace, subject.name, hook.name, hook.url)
            queue = self._queues.setdefault(lane, deque())
            if len(queue) == LONGEST_QUEUE:
                lost = queue.popleft().event
                _failed(lost, f'{LONGEST_QUEUE} events are waiting, lost is "{lost.text}"')
            queue.append(_Parcel(hook, event, f"{key}/{index}"))
            if lane not in self._tasks:
                self._tasks[lane] = asyncio.create_task(self._deliver(lane, queue))

    async def drained(self) -> None:
        """Wait until nothing is left to send."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def close(self) -> None:
        """Stop at once; what wasn't sent is logged."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for queue in self._queues.values():
            for parcel in queue:
                _failed(parcel.event, f'the process ends, lost is "{parcel.event.text}"')
        self._queues.clear()
        self._tasks.clear()

    async def _deliver(self, lane: _Lane, queue: deque[_Parcel]) -> None:
        while queue:
            hook, event, key = queue.popleft()
            try:
                answer = await self._call(hook, event_payload(event, hook.metadata), key)
            except asyncio.CancelledError:
                _failed(event, f'the process ends, lost is "{event.text}"')
                raise
            if isinstance(answer, Refused):
                _failed(event, answer.text)
        del self._queues[lane], self._tasks[lane]


def _failed(event: HookEvent, text: str) -> None:
    subject = event.subject
    log.error(
        "error sending event to webhook: %s",
        text,
        extra={"canary": f"{subject.name}.{subject.namespace}"},
    )
