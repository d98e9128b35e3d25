"""A look that fails stays with its Canary: it is tried again, and people hear of it as is due."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from canary import virtualtime
from canary.controller.looks import Looks
from canary.controller.memory import Memory
from canary.controller.metrics import Metrics
from canary.controller.projector import PromiseBroken
from canary.kube.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ServerError,
    TooManyRequests,
    Unreachable,
)
from canary.kube.queue import WorkQueue
from canary.kube.resources import Key
from tests.rig.manifests import setting

KEY = Key("test", "podinfo")


class Around:
    """Looks whose reconcile raises ``failure``, and everybody who hears of it."""

    def __init__(self, failure: Exception | None) -> None:
        self.failure, self.queue = failure, WorkQueue[Key](random.Random(1))
        self.withdrawn_: list[Key] = []
        self.complaints: list[str] = []
        self.registry = CollectorRegistry()
        parts: Any = (self, self.queue, self, self, Metrics(self.registry))
        self._looks = Looks(*parts)

    async def reconcile(self, obj: object, memory: object) -> None:
        if self.failure is not None:
            raise self.failure

    def withdrawn(self, key: Key) -> None:
        self.withdrawn_.append(key)

    async def complain(self, obj: object, text: str) -> None:
        self.complaints.append(text)

    async def look(self) -> None:
        await self._looks.look(setting()[-1], Memory())

    async def again(self) -> float:
        """Seconds until the next try."""
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(3600):
            assert await self.queue.get() == KEY
        self.queue.done(KEY)
        return asyncio.get_running_loop().time() - began


async def tried(failure: Exception) -> tuple[Around, float]:
    around = Around(failure)
    await around.look()
    return around, await around.again()


@pytest.mark.parametrize(
    ("failure", "level", "complaints"),
    [
        # Somebody was quicker: that is how it is meant to be, and nobody need know.
        (Conflict(409, "Conflict", "no"), logging.DEBUG, []),
        (NotFound(404, "NotFound", "no"), logging.WARNING, []),
        (ServerError(503, "Unavailable", "no"), logging.WARNING, []),
        (TooManyRequests(429, "TooManyRequests", "no"), logging.WARNING, []),
        (Unreachable("no"), logging.WARNING, []),
        (Forbidden(403, "Forbidden", "no"), logging.ERROR, ["no"]),
        (Invalid(422, "Invalid", "no"), logging.ERROR, ["no"]),
        (PromiseBroken("no"), logging.ERROR, ["no"]),
        (RuntimeError("a defect"), logging.ERROR, []),
    ],
)
def test_each_failure_is_told_to_those_who_can_do_something(
    failure: Exception, level: int, complaints: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="canary.controller")
    around, delay = virtualtime.run(tried(failure))
    assert delay <= 0.1
    (logged,) = [record for record in caplog.records if record.name == "canary.controller"]
    assert (logged.levelno, logged.canary) == (level, "podinfo.test")
    assert around.complaints == complaints
    # It waits for the next try, and keeps no other run from starting meanwhile.
    assert around.withdrawn_ == [KEY]


def test_a_server_that_says_when_is_not_asked_before() -> None:
    for after, least in ((None, 0.0), (7.0, 7.0)):
        failure = TooManyRequests(429, "TooManyRequests", "no", retry_after=after)
        _, delay = virtualtime.run(tried(failure))
        assert least <= delay <= least + 0.1


def test_the_rests_grow_until_a_look_succeeds() -> None:
    async def play() -> None:
        around = Around(ServerError(500, "Internal", "no"))
        delays = []
        for _ in range(4):
            await around.look()
            delays.append(await around.again())
        assert delays == sorted(delays) and delays[-1] >= 0.4
        around.failure = None
        await around.look()
        around.failure = ServerError(500, "Internal", "no")
        await around.look()
        assert await around.again() <= 0.1
        count = "canary_engine_reconcile_duration_seconds_count"
        assert around.registry.get_sample_value(count) == 6

    virtualtime.run(play())
