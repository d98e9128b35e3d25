"""Kubernetes events, at least once and in order, never twice the same."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable

from canary.clock import Clock, rfc3339
from canary.controller.webhooks import Webhooks
from canary.kube.client import Client
from canary.kube.errors import AlreadyExists, ApiError, Unreachable
from canary.kube.resources import EVENTS, Obj
from canary.rollout.announcement import Announcement

log = logging.getLogger("canary.events")

COMPONENT = "flagger"
"""Source of the events: what dashboards and alert rules select."""


def event_name(canary: Obj, key: str) -> str:
    """Name of an event: the same announcement always gets the same one."""
    meta = canary["metadata"]
    digest = hashlib.sha256(f"{meta['uid']}/{key}".encode()).hexdigest()[:16]
    return f"{meta['name'][:236]}.{digest}"


def event(canary: Obj, text: str, *, key: str, warning: bool, clock: Clock) -> dict[str, object]:
    """A core/v1 Event about ``canary`` in Flagger's form."""
    meta, stamp = canary["metadata"], rfc3339(clock.now())
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": event_name(canary, key), "namespace": meta["namespace"]},
        "involvedObject": {
            "apiVersion": "flagger.app/v1beta1",
            "kind": "Canary",
            "name": meta["name"],
            "namespace": meta["namespace"],
            "uid": meta["uid"],
            "resourceVersion": meta.get("resourceVersion", ""),
        },
        "type": "Warning" if warning else "Normal",
        "reason": "Synced",
        "message": text[:1024],
        "source": {"component": COMPONENT},
        "reportingComponent": COMPONENT,
        "firstTimestamp": stamp,
        "lastTimestamp": stamp,
        "count": 1,
    }


class Announcer:
    """Writes events and logs them as Flagger logs its own."""

    def __init__(self, client: Client, clock: Clock, webhooks: Webhooks) -> None:
        self._client = client
        self._clock = clock
        self._webhooks = webhooks

    async def deliver(
        self,
        canary: Obj,
        outbox: tuple[Announcement, ...],
        out: Callable[[Announcement], None],
    ) -> None:
        """Send what the record queued, in its order; calls ``out`` for each item that is.

        Post-rollout hooks stand in the same row: what they say comes where Flagger says it.
        Raises ApiError or Unreachable at the first that can't be sent.
        """
        for item in outbox:
            if item.text:
                await self.say(
                    canary,
                    item.text,
                    key=str(item.seq),
                    warning=item.warning,
                    error=item.error,
                    phase=item.phase,
                )
            said = await self._webhooks.after(canary, item)
            for number, (text, warning) in enumerate(said):
                key = f"{item.seq}/{number}"
                await self.say(canary, text, key=key, warning=warning, phase=item.phase)
            out(item)

    async def say(
        self,
        canary: Obj,
        text: str,
        *,
        key: str,
        warning: bool = True,
        error: bool = False,
        phase: str = "",
    ) -> None:
        """One event; one that exists already was sent before a crash.

        ``phase`` is what it led to; by default the present one.
        """
        if not await self._created(canary, text, key=key, warning=warning, phase=phase):
            return
        meta = canary["metadata"]
        level = logging.ERROR if error else logging.INFO
        log.log(level, text, extra={"canary": f"{meta['name']}.{meta['namespace']}"})

    async def warn(self, canary: Obj, text: str, *, key: str) -> None:
        """A warning of something that is logged elsewhere, best effort as ``complain``."""
        try:
            await self._created(canary, text, key=key, warning=True)
        except (ApiError, Unreachable) as failure:
            log.warning("event not sent: %s: %s", text, failure)

    async def complain(self, canary: Obj, text: str, *, key: str = "", error: bool = True) -> None:
        """A warning beside the record, best effort: its loss is logged and nothing else.

        The same ``key`` (by default the text) is one event.
        """
        try:
            await self.say(canary, text, key=key or f"complaint/{text}", error=error)
        except (ApiError, Unreachable) as failure:
            log.warning("event not sent: %s: %s", text, failure)

    async def _created(
        self, canary: Obj, text: str, *, key: str, warning: bool, phase: str = ""
    ) -> bool:
        """Whether the event is new. Event hooks hear of it either way: they may not have, before
        a crash, and know it by its key."""
        made = await self._made(canary, text, key=key, warning=warning)
        now = self._clock.now()
        self._webhooks.tell(canary, text, key=key, phase=phase, warning=warning, at=now)
        return made

    async def _made(self, canary: Obj, text: str, *, key: str, warning: bool) -> bool:
        try:
            await self._client.create(
                EVENTS, event(canary, text, key=key, warning=warning, clock=self._clock)
            )
        except AlreadyExists:
            return False
        return True
