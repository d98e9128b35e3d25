"""Telling people, beside the queue: one task at a time for each Canary."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from canary.controller.alerts import Alerts
from canary.controller.announcer import Announcer
from canary.controller.memory import Memory
from canary.kube.errors import ApiError, Unreachable
from canary.kube.resources import Key, Obj
from canary.kube.store import key_of
from canary.rollout.announcement import Announcement
from canary.rollout.record import OUTBOX_LIMIT, Record
from canary.workloads.autoscalers import PAUSED
from canary.workloads.daemonset import SCALE_TO_ZERO

log = logging.getLogger("canary.events")

FIRST_RETRY, LAST_RETRY = 1.0, 60.0
"""Seconds between attempts while Kubernetes refuses events."""


class Heralds:
    """Delivers outboxes; ``wake`` hears when one is empty."""

    def __init__(self, announcer: Announcer, alerts: Alerts, wake: Callable[[Key], None]) -> None:
        self._announcer = announcer
        self._alerts = alerts
        self._wake = wake
        self._complaints: dict[str, str] = {}
        self._farewells: set[asyncio.Task[None]] = set()

    def announce(self, obj: Obj, record: Record, memory: Memory) -> None:
        """Send what the record queues and hasn't been sent yet."""
        todo = tuple(item for item in record.outbox if item.seq not in memory.announced)
        for item in record.outbox:
            if item.seq in memory.announced:
                self._alert(obj, item, memory)
        if todo and memory.announcer is None:
            memory.announcer = asyncio.create_task(self._deliver(obj, record, memory))

    async def complain(self, obj: Obj, text: str) -> None:
        """A warning beside the record, once for each text in a row."""
        uid = str(obj["metadata"]["uid"])
        if self._complaints.get(uid) != text:
            self._complaints[uid] = text
            await self._announcer.complain(obj, text)

    def content(self, obj: Obj) -> None:
        """There is nothing to complain about any more."""
        self._complaints.pop(str(obj["metadata"]["uid"]), None)

    def farewell(self, obj: Obj) -> None:
        """The Canary was deleted: what it leaves behind is said once (D36)."""
        self.content(obj)
        text = _last_words(obj)
        if text:
            task = asyncio.create_task(self._announcer.complain(obj, text, key="deleted"))
            self._farewells.add(task)
            task.add_done_callback(self._farewells.discard)

    async def close(self) -> None:
        """Let the last words out, for a moment."""
        if self._farewells:
            await asyncio.wait(self._farewells, timeout=1.0)

    async def _deliver(self, obj: Obj, record: Record, memory: Memory) -> None:
        def out(item: Announcement) -> None:
            memory.announced.add(item.seq)
            self._alert(obj, item, memory)

        delay = FIRST_RETRY
        todo = tuple(item for item in record.outbox if item.seq not in memory.announced)
        while todo:
            try:
                await self._announcer.deliver(obj, todo, out)
                break
            except (ApiError, Unreachable) as failure:
                log.warning("event of %s not sent: %s", key_of(obj), failure)
                await asyncio.sleep(delay)
                delay = min(delay * 2, LAST_RETRY)
                todo = tuple(item for item in todo if item.seq not in memory.announced)
        memory.announcer = None
        self._wake(key_of(obj))

    def _alert(self, obj: Obj, item: Announcement, memory: Memory) -> None:
        """The second half of an announcement, once its event is out."""
        if item.seq in memory.delivered or item.seq in memory.alerting:
            return
        if item.alert is None:
            memory.delivered.add(item.seq)
            return
        canary = memory.parsed[1].canary if memory.parsed else None
        # Who is to hear of it is said by the spec: one that can't be read keeps it waiting.
        if canary is None or len(memory.alerting) >= OUTBOX_LIMIT:
            return
        tasks = self._alerts.send(obj, canary, item.alert, item.seq, memory.couriers)
        if tasks:
            memory.alerting[item.seq] = asyncio.create_task(
                self._settle(obj, item.seq, tasks, memory)
            )
        else:
            memory.delivered.add(item.seq)

    async def _settle(
        self, obj: Obj, seq: int, tasks: Sequence[asyncio.Task[None]], memory: Memory
    ) -> None:
        """Delivered is what every receiver answered, or failed for good."""
        await asyncio.wait(tasks)
        for task in tasks:
            error = task.exception()
            if error is not None:
                # A defect stays with its alert: the Canary goes on.
                log.error("alert of %s failed", key_of(obj), exc_info=error)
        memory.alerting.pop(seq, None)
        memory.delivered.add(seq)
        self._wake(key_of(obj))


def _last_words(obj: Obj) -> str:
    """What becomes of the workload of a deleted Canary."""
    meta, spec = obj["metadata"], obj.get("spec") or {}
    target = (spec.get("targetRef") or {}).get("name")
    status = obj.get("status") or {}
    if not target or status.get("phase") in (None, "", "Terminated"):
        return ""
    return (
        f"Canary {meta['name']}.{meta['namespace']} was deleted in phase {status['phase']}: "
        f"{target}-primary and all generated objects go with it, {target}.{meta['namespace']} "
        f"{_KEEPS.get(str(spec['targetRef'].get('kind')), _KEEPS['Deployment'])}{_paused(spec)}"
    )


def _paused(spec: Obj) -> str:
    """What is left of the pause of a target's ScaledObject."""
    scaler = spec.get("autoscalerRef") or {}
    deployed = spec["targetRef"].get("kind") == "Deployment"
    if scaler.get("kind") != "ScaledObject" or not deployed:
        return ""
    return f"; ScaledObject {scaler.get('name')} stays paused by its annotation {PAUSED}"


_KEEPS = {
    "Deployment": "keeps its replicas; scale it up if it is to serve",
    "DaemonSet": f"keeps its node selector; remove {SCALE_TO_ZERO} if it is to serve",
    "Service": "stays as it is",
}
"""What the target is left with, by its kind."""
