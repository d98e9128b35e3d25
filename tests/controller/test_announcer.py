"""An announcement is one event, however often it is sent, and its loss costs nothing else."""

from __future__ import annotations

import asyncio
import logging

import pytest

from canary.api.hooks import HookType
from canary.kube.resources import EVENTS
from canary.rollout.announcement import Announcement
from tests.controller.telling import Telling, item, played

EVENT_HOOK = {"name": "all", "type": "event", "url": "http://hooks.test/all"}
POST_ROLLOUT = {"name": "after", "type": "post-rollout", "url": "http://hooks.test/after"}


def hooked(told: Telling, *hooks: dict[str, str]) -> None:
    told.canary["spec"]["analysis"]["webhooks"] = list(hooks)


@played
async def test_an_event_names_the_object_that_it_is_about_and_how_bad_it_is(told: Telling) -> None:
    told.canary["metadata"]["resourceVersion"] = "42"
    await told.announcer.say(told.canary, "x" * 2000, key="1")
    await told.announcer.say(told.canary, "fine", key="2", warning=False)
    found = {obj["message"]: obj for _, obj in told.cluster.server.storage.all(EVENTS)}
    # The API takes no longer ones.
    assert {text: obj["type"] for text, obj in found.items()} == {
        "x" * 1024: "Warning",
        "fine": "Normal",
    }
    assert found["fine"]["involvedObject"] == {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "name": "podinfo",
        "namespace": "default",
        "uid": "u1",
        "resourceVersion": "42",
    }


def test_what_was_sent_before_a_crash_is_told_to_hooks_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @played
    async def play(told: Telling) -> None:
        hooked(told, EVENT_HOOK)
        for error in (False, True):
            for _ in range(2):
                await told.announcer.say(told.canary, "said", key=str(error), error=error)
        await told.announcer.warn(told.canary, "logged elsewhere", key="3")
        await asyncio.sleep(1.0)
        assert told.events() == ["said", "said", "logged elsewhere"]
        keys = [call.key for call in told.receivers.of("all")]
        # They may not have heard of it, and know it by its key.
        assert len(keys) == 5
        assert len(set(keys)) == 3

    with caplog.at_level(logging.INFO, "canary.events"):
        play()
    assert [(r.levelname, r.message) for r in caplog.records] == [
        ("INFO", "said"),
        ("ERROR", "said"),
    ]


@played
async def test_hooks_in_the_row_make_the_events_of_their_answers_and_none_else(
    told: Telling,
) -> None:
    hooked(told, POST_ROLLOUT)
    told.receivers.answers = {"after": (500, "not today")}
    called = Announcement(2, "", hooks=HookType.POST_ROLLOUT, phase="Failed")
    told.announce(item(1), called, item(3))
    await asyncio.sleep(1.0)
    (call,) = told.receivers.of("after")
    assert call.payload["phase"] == "Failed"
    failed = "Post-rollout hook after failed not today"
    assert told.events() == ["event 1", failed, "event 3"]


def test_what_is_told_beside_the_record_is_lost_with_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @played
    async def play(told: Telling) -> None:
        told.line.refused = {"lost"}
        for text in ("lost", "kept", "kept", "kept too"):
            await told.announcer.complain(told.canary, text)
        await told.announcer.complain(told.canary, "the first", key="deleted")
        await told.announcer.complain(told.canary, "and the last", key="deleted")
        await told.announcer.warn(told.canary, "lost", key="1")
        assert told.events() == ["kept", "kept too", "the first"]

    play()
    lost = [r.message for r in caplog.records if r.levelname == "WARNING"]
    assert lost == ["event not sent: lost: not now"] * 2
