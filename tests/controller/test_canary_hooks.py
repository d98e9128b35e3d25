"""The webhooks of one Canary: what they are asked, and what people read of their answers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from canary import virtualtime
from canary.api.hooks import HookType
from canary.controller.webhooks import Webhooks, webhooks
from canary.hooks import checksum
from canary.rollout.announcement import Announcement
from canary.rollout.questions import Gate, Replies, Reply
from tests.rig.receiver import Receivers


def canary(*hooks: tuple[str, str], **status: Any) -> dict[str, Any]:
    listed = [{"name": name, "type": kind, "url": "http://hook"} for kind, name in hooks]
    return {
        "metadata": {"name": "podinfo", "namespace": "test", "uid": "u"},
        "spec": {"analysis": {"webhooks": listed}},
        **({"status": status} if status else {}),
    }


def asked(
    obj: dict[str, Any], hook: HookType, **answers: int | tuple[int, str]
) -> tuple[Replies, Receivers]:
    receivers = Receivers()
    receivers.answers = dict(answers)
    return virtualtime.run(Webhooks(receivers).replies(obj, Gate("e1-2", hook, 7))), receivers


def test_each_hook_is_heard_for_what_it_said() -> None:
    obj = canary(("rollout", "load"), ("rollout", "accept"), ("rollout", "last"))
    replies, receivers = asked(obj, HookType.ROLLOUT, accept=(500, "two of nine"))
    assert replies == Replies(yes=(Reply("load"),), no=(Reply("accept", "two of nine"),))
    assert [call.key for call in receivers.calls] == ["u/e1-2/rollout/7/0", "u/e1-2/rollout/7/1"]


@pytest.mark.parametrize(
    ("hook", "phase", "hears"),
    [
        (HookType.CONFIRM_ROLLOUT, "Succeeded", "Succeeded"),
        (HookType.ROLLBACK, "Waiting", "Waiting"),
        (HookType.ROLLOUT, "WaitingPromotion", "Progressing"),
        (HookType.CONFIRM_ROLLOUT, None, ""),
    ],
)
def test_a_hook_hears_the_phase_that_it_is_part_of(
    hook: HookType, phase: str | None, hears: str
) -> None:
    """Checks are told the phase of the analysis, whatever gate is closed meanwhile."""
    status = {"phase": phase} if phase else {}
    _, receivers = asked(canary((hook.value, "one"), **status), hook)
    assert [call.payload["phase"] for call in receivers.calls] == [hears]


def test_a_hook_is_told_which_revision_is_asked_about() -> None:
    status = {"lastAppliedSpec": "abc", "trackedConfigs": {"configmap/a": "1"}}
    for known in (status, {}):
        _, receivers = asked(canary(("rollout", "one"), **known), HookType.ROLLOUT)
        expected = checksum(known.get("trackedConfigs"), known.get("lastAppliedSpec", ""))
        assert receivers.calls[0].payload["checksum"] == expected


def test_what_is_told_after_a_rollout() -> None:
    """The first that fails keeps no other from being called (webhooks 8.10)."""
    obj = canary(("post-rollout", "mail"), ("post-rollout", "chat"), ("rollout", "load"))
    receivers = Receivers()
    receivers.answers = {"mail": (500, "no such host")}
    hooks = Webhooks(receivers)

    def after(kind: HookType | None) -> list[tuple[str, bool]]:
        told = Announcement(3, "", phase="Succeeded", hooks=kind)
        return virtualtime.run(hooks.after(obj, told))

    assert after(HookType.POST_ROLLOUT) == [
        ("Post-rollout hook mail failed no such host", True),
        ("Post-rollout check chat passed", False),
    ]
    assert [call.payload["phase"] for call in receivers.calls] == ["Succeeded"] * 2
    assert after(None) == []
    assert after(HookType.ROLLOUT) == [], "checks of a rollout pass without a word"


@pytest.mark.parametrize(("given", "hears"), [("Failed", "Failed"), ("", "Succeeded")])
def test_an_event_is_told_with_the_phase_that_it_led_to(given: str, hears: str) -> None:
    async def play() -> Receivers:
        receivers = Receivers()
        hooks = Webhooks(receivers)
        at = datetime(2026, 1, 1, tzinfo=UTC)
        obj = canary(("event", "all"), phase="Succeeded")
        hooks.tell(obj, "text", key="1", phase=given, warning=False, at=at)
        await asyncio.sleep(1)
        await hooks.close()
        return receivers

    (call,) = virtualtime.run(play()).calls
    assert (call.payload["phase"], call.key) == (hears, "u/event/1/0")


@pytest.mark.parametrize(
    "spec", [None, "no", {}, {"analysis": 1}, {"analysis": {}}, {"analysis": {"webhooks": 7}}]
)
def test_a_canary_that_can_not_be_read_has_no_hooks(spec: Any) -> None:
    assert webhooks({"spec": spec}) == ()
    assert webhooks({}) == ()


def test_a_hook_that_can_not_be_read_keeps_the_others_from_nothing() -> None:
    obj = canary(("rollout", "one"), ("nonsense", "two"), ("rollout", "three"))
    assert [hook.name for hook in webhooks(obj)] == ["one", "three"]
