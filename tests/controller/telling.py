"""Heralds on a line that takes events late, or not at all."""

from __future__ import annotations

import asyncio
import random

from canary.api.canary import parse
from canary.clock import LoopClock
from canary.controller.alerts import Alerts
from canary.controller.announcer import Announcer
from canary.controller.heralds import Heralds
from canary.controller.memory import Memory, Parsed
from canary.controller.settings import Settings
from canary.controller.webhooks import Webhooks
from canary.kube.caches import Caches
from canary.kube.client import Client
from canary.kube.resources import EVENTS
from canary.kube.transport import Request, Response, Transport
from canary.rollout.announcement import Alert, Announcement
from canary.rollout.record import Record
from canary.sandbox.cluster import Cluster
from tests.rig.chat import NOTIFIED, Chat
from tests.rig.manifests import setting
from tests.rig.played import played_on
from tests.rig.receiver import Receivers
from tests.rig.stage import ORIGIN


class Line:
    """Takes ``slow`` seconds for each event; those whose texts are in ``refused`` are."""

    def __init__(self, inner: Transport) -> None:
        self.slow = 0.0
        self.refused: set[str] = set()
        self.sent: list[tuple[float, bytes]] = []
        """When each event was sent, and its body."""
        self._request, self.stream, self.close = inner.request, inner.stream, inner.close

    async def request(self, call: Request) -> Response:
        body = call.body or b""
        self.sent.append((asyncio.get_running_loop().time(), body))
        await asyncio.sleep(self.slow)
        if any(text.encode() in body for text in self.refused):
            return Response(503, {}, b'{"message": "not now"}')
        return await self._request(call)


class Telling:
    """A Canary, those who hear of it, and what they heard."""

    def __init__(self, settings: Settings = NOTIFIED) -> None:
        clock = LoopClock(ORIGIN)
        self.cluster = Cluster(clock)
        self.line = Line(self.cluster.server.transport("engine"))
        self.chat, self.receivers = Chat(), Receivers()
        self.woken: list[str] = []
        client = Client(self.line)
        caches = Caches(client, lambda *_: None, random.Random(1))
        self.announcer = Announcer(client, clock, Webhooks(self.receivers))
        alerts = Alerts(client, caches, settings, self.chat, self.announcer)
        self.heralds = Heralds(self.announcer, alerts, lambda key: self.woken.append(key.name))
        self.canary = setting()[-1]
        self.canary["metadata"] |= {"namespace": "default", "uid": "u1", "generation": 1}
        self.memory = Memory(parsed=(("u1", 1), Parsed(parse(self.canary), self.canary["spec"])))

    def announce(self, *items: Announcement) -> None:
        self.heralds.announce(self.canary, Record(outbox=items), self.memory)

    def events(self) -> list[str]:
        """What the events say, in the order in which they came."""
        found = [obj for _, obj in self.cluster.server.storage.all(EVENTS)]
        found.sort(key=lambda obj: int(obj["metadata"]["resourceVersion"]))
        return [obj["message"] for obj in found]


def item(seq: int, *, alerts: bool = False) -> Announcement:
    alert = Alert("info", f"alert {seq}") if alerts else None
    return Announcement(seq, f"event {seq}", alert=alert)


async def _ended(telling: Telling) -> None:
    telling.memory.cancel()


played = played_on(Telling, _ended)
"""A test under virtual time."""
