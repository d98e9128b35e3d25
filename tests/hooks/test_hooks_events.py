"""Event hooks: webhooks.md 6, and 8.12."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime

import pytest
from hook_receiver import hook

from canary.hooks import EventSender, HookEvent, Passed, Refused, Subject
from canary.hooks.events import LONGEST_QUEUE

AT = datetime(2026, 3, 1, tzinfo=UTC)


def event(text: str, canary: str = "podinfo") -> HookEvent:
    return HookEvent(Subject(canary, "test", "Progressing", "758df7c9fc"), text, False, AT)


class Receivers:
    """Keeps (hook, event text) in the order of arrival; closed ones wait until they are opened."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.keys: list[str] = []
        self.payloads: list[dict] = []
        self.closed: dict[str, asyncio.Event] = {}
        self.refusing: set[str] = set()

    async def __call__(self, hook, payload, key):
        if hook.name in self.closed:
            await self.closed[hook.name].wait()
        body = json.loads(payload)
        self.payloads.append(body)
        self.keys.append(key)
        self.got.append((hook.name, body["metadata"]["eventMessage"]))
        return Refused("gone", 410) if hook.name in self.refusing else Passed(200)


def receiver_named(name: str, **fields):
    return hook(f"http://{name}.test", name=name, type="event", **fields)


@pytest.mark.asyncio
async def test_events_go_to_the_canarys_own_hooks_in_order():
    receivers = Receivers()
    sender = EventSender(receivers, "http://everybody.test")
    hooks = [receiver_named("a", metadata={"cmd": "x"}), hook("http://no.test", type="rollout")]
    for n in range(5):
        sender.send(hooks, event(f"e{n}"), f"uid/{n}")
    await sender.drained()
    assert receivers.got == [("a", f"e{n}") for n in range(5)]
    assert receivers.keys == [f"uid/{n}/0" for n in range(5)]
    assert receivers.payloads[0] == {
        "name": "podinfo",
        "namespace": "test",
        "phase": "Progressing",
        "checksum": "758df7c9fc",
        "metadata": {
            "cmd": "x",
            "eventMessage": "e0",
            "eventType": "Normal",
            "timestamp": "1772323200000",
        },
    }


@pytest.mark.asyncio
@pytest.mark.parametrize("hooks", [None, [], [hook("http://no.test", type="rollout")]])
async def test_without_hooks_of_its_own_the_global_address_gets_them(hooks):
    receivers = Receivers()
    sender = EventSender(receivers, "http://everybody.test")
    sender.send(hooks, event("hello"), "uid/1")
    await sender.drained()
    assert receivers.got == [("event-webhook", "hello")]
    assert set(receivers.payloads[0]["metadata"]) == {"eventMessage", "eventType", "timestamp"}


@pytest.mark.asyncio
async def test_without_any_receiver_nothing_is_sent():
    receivers = Receivers()
    sender = EventSender(receivers)
    sender.send(None, event("hello"), "uid/1")
    await sender.drained()
    assert receivers.got == []


@pytest.mark.asyncio
async def test_a_dead_receiver_keeps_nobody_else_waiting():
    receivers = Receivers()
    receivers.closed["dead"] = asyncio.Event()
    sender = EventSender(receivers)
    hooks = [receiver_named("dead"), receiver_named("alive")]
    for n in range(3):
        sender.send(hooks, event(f"e{n}"), str(n))
        sender.send([receiver_named("dead")], event(f"f{n}", "other"), str(n))
    # Each step of the loop takes every task as far as it comes.
    for _ in range(10):
        await asyncio.sleep(0)
    assert receivers.got == [("alive", f"e{n}") for n in range(3)]
    receivers.closed["dead"].set()
    await sender.drained()
    late = receivers.got[3:]
    assert [text for _, text in late if text.startswith("e")] == ["e0", "e1", "e2"]
    assert [text for _, text in late if text.startswith("f")] == ["f0", "f1", "f2"]


@pytest.mark.asyncio
async def test_a_failure_is_logged_and_nothing_else(caplog):
    receivers = Receivers()
    receivers.refusing.add("a")
    sender = EventSender(receivers)
    sender.send([receiver_named("a")], event("e0"), "0")
    sender.send([receiver_named("a")], event("e1"), "1")
    await sender.drained()
    assert receivers.got == [("a", "e0"), ("a", "e1")]
    assert caplog.messages == ["error sending event to webhook: gone"] * 2
    assert {(record.levelno, record.canary) for record in caplog.records} == {
        (logging.ERROR, "podinfo.test")
    }


@pytest.mark.asyncio
async def test_a_full_queue_loses_its_oldest_event(caplog):
    receivers = Receivers()
    receivers.closed["a"] = asyncio.Event()
    sender = EventSender(receivers)
    hooks = [receiver_named("a")]
    sender.send(hooks, event("first"), "0")
    await asyncio.sleep(0)  # It is on its way.
    for n in range(LONGEST_QUEUE + 2):
        sender.send(hooks, event(f"e{n}"), f"{n}")
    assert caplog.messages == [
        f'error sending event to webhook: {LONGEST_QUEUE} events are waiting, lost is "e{n}"'
        for n in range(2)
    ]
    receivers.closed["a"].set()
    await sender.drained()
    assert receivers.got == [
        ("a", "first"),
        *(("a", f"e{n}") for n in range(2, LONGEST_QUEUE + 2)),
    ]


@pytest.mark.asyncio
async def test_closing_says_what_was_lost(caplog):
    receivers = Receivers()
    receivers.closed["a"] = asyncio.Event()
    sender = EventSender(receivers)
    sender.send([receiver_named("a")], event("sent"), "0")
    await asyncio.sleep(0)
    sender.send([receiver_named("a")], event("waiting"), "1")
    await sender.close()
    assert caplog.messages == [
        f'error sending event to webhook: the process ends, lost is "{text}"'
        for text in ("sent", "waiting")
    ]
    await sender.drained()


@pytest.mark.asyncio
async def test_a_receiver_may_be_used_again_after_a_while():
    receivers = Receivers()
    sender = EventSender(receivers)
    for n in range(3):
        sender.send([receiver_named("a")], event(f"e{n}"), str(n))
        await sender.drained()
    assert receivers.got == [("a", f"e{n}") for n in range(3)]
