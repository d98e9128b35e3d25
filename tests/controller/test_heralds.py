"""What is told comes in order, once, and after what kept it back."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from canary.controller.settings import Settings
from canary.rollout.record import OUTBOX_LIMIT
from tests.controller.telling import Telling, item, played


@played
async def test_an_event_that_is_refused_keeps_what_follows_back_and_is_tried_less_and_less(
    told: Telling,
) -> None:
    told.line.refused = {"event 2"}
    told.announce(item(1), item(2, alerts=True), item(3))
    await asyncio.sleep(200.0)
    assert told.events() == ["event 1"]
    # Nobody hears by chat of what can't be looked up yet.
    assert (told.chat.texts(), told.memory.announced) == ([], {1})
    times = [at for at, body in told.line.sent if b"event 2" in body]
    assert len(told.line.sent) == len(times) + 1
    assert [b - a for a, b in pairwise(times)] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    told.line.refused = set()
    await asyncio.sleep(60.0)
    assert told.events() == ["event 1", "event 2", "event 3"]
    assert (told.chat.texts(), told.memory.announcer) == (["alert 2"], None)
    # The look that follows drops them from the record.
    assert set(told.woken) == {"podinfo"}


@played
async def test_looks_in_the_meantime_send_nothing_twice(told: Telling) -> None:
    told.line.slow = 5.0
    for _ in range(3):
        told.announce(item(1), item(2))
        await asyncio.sleep(1.0)
    await asyncio.sleep(30.0)
    told.announce(item(1), item(2), item(3))
    await asyncio.sleep(30.0)
    assert told.events() == ["event 1", "event 2", "event 3"]
    assert len(told.line.sent) == 3


@played
async def test_a_complaint_is_made_once_until_there_is_nothing_to_complain_about(
    told: Telling,
) -> None:
    other = {**told.canary, "metadata": {**told.canary["metadata"], "uid": "u2"}}
    for text, canary in (("a", told.canary), ("a", told.canary), ("b", told.canary), ("a", other)):
        await told.heralds.complain(canary, text)
    assert told.events() == ["a", "b", "a"]
    assert len(told.line.sent) == 3
    told.heralds.content(told.canary)
    await told.heralds.complain(other, "a")
    assert len(told.line.sent) == 3
    await told.heralds.complain(told.canary, "b")
    assert len(told.line.sent) == 4


def test_an_alert_that_nobody_is_to_hear_is_delivered_at_once_and_is_no_trouble(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @played
    async def play(told: Telling) -> None:
        quiet = Telling(Settings())
        quiet.announce(item(1, alerts=True))
        told.announce(item(1))
        await asyncio.sleep(1.0)
        for one in (quiet, told):
            assert (one.memory.delivered, one.memory.alerting) == ({1}, {})

    play()
    assert [r for r in caplog.records if r.levelname == "ERROR"] == []


@played
async def test_no_more_alerts_wait_for_a_dead_chat_than_a_record_holds(told: Telling) -> None:
    dead = asyncio.Event()

    async def behave(request: object) -> None:
        await dead.wait()

    told.chat.behave = behave
    items = [item(number, alerts=True) for number in range(OUTBOX_LIMIT + 3)]
    told.announce(*items)
    await asyncio.sleep(1.0)
    assert len(told.memory.alerting) == OUTBOX_LIMIT
    dead.set()
    await asyncio.sleep(1.0)
    told.announce(*items)
    await asyncio.sleep(1.0)
    assert told.chat.texts() == [f"alert {number}" for number in range(OUTBOX_LIMIT + 3)]
    assert told.memory.delivered == set(range(OUTBOX_LIMIT + 3))


@pytest.mark.parametrize("broken", [False, True])
def test_a_defect_on_the_way_to_a_chat_is_logged_as_one(
    broken: bool, caplog: pytest.LogCaptureFixture
) -> None:
    @played
    async def play(told: Telling) -> None:
        async def behave(request: object) -> None:
            if broken:
                raise RuntimeError("not foreseen")

        told.chat.behave = behave
        told.announce(item(1, alerts=True))
        await asyncio.sleep(1.0)
        assert told.memory.delivered == {1}

    play()
    logged = [str(r.exc_info[1]) for r in caplog.records if r.exc_info]
    assert logged == (["not foreseen"] if broken else [])
    assert [r.levelname for r in caplog.records if r.levelname == "ERROR"] == ["ERROR"] * broken
