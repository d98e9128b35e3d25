"""Lists of hooks: the first that decides ends them (webhooks.md 4)."""

from __future__ import annotations

import json

import pytest
from hook_receiver import hook

from canary.hooks import Asked, Passed, Refused, Subject, ask, of_type

SUBJECT = Subject("podinfo", "test", "Waiting", "569bdb7cb9")


class Receivers:
    """Answers by the hook's name, and keeps what came."""

    def __init__(self, **answers: bool) -> None:
        self._answers = answers
        self.calls: list[tuple[str, dict, str]] = []

    async def __call__(self, hook, payload, key):
        self.calls.append((hook.name, json.loads(payload), key))
        return Passed(200) if self._answers[hook.name] else Refused("no", 403)


def hooks(*pairs):
    return [hook("http://load.test", name=name, type=kind) for name, kind in pairs]


GATES = [
    "confirm-rollout",
    "pre-rollout",
    "rollout",
    "confirm-traffic-increase",
    "confirm-promotion",
]


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.asyncio
async def test_the_first_refusal_ends_a_gate(kind):
    receivers = Receivers(a=True, b=False, c=True)
    listed = hooks(("a", kind), ("x", "event"), ("b", kind), ("c", kind))
    asked = await ask(receivers, listed, kind, SUBJECT, "run/poll-1")
    assert asked == (Asked(listed[0], Passed(200)), Asked(listed[2], Refused("no", 403)))


@pytest.mark.asyncio
async def test_the_first_success_ends_the_question_for_a_rollback():
    receivers = Receivers(a=False, b=True, c=True)
    asked = await ask(receivers, hooks(*((n, "rollback") for n in "abc")), "rollback", SUBJECT, "k")
    assert [(one.hook.name, type(one.answer)) for one in asked] == [("a", Refused), ("b", Passed)]


@pytest.mark.asyncio
async def test_all_post_rollout_hooks_are_called():
    """Flagger leaves out those behind the first that fails (webhooks 8.10)."""
    receivers = Receivers(a=False, b=True, c=False)
    kind = "post-rollout"
    asked = await ask(receivers, hooks(*((n, kind) for n in "abc")), kind, SUBJECT, "k")
    assert [one.hook.name for one in asked] == ["a", "b", "c"]


@pytest.mark.asyncio
async def test_each_call_has_the_hooks_payload_and_a_key_of_its_own():
    receivers = Receivers(a=True, b=True)
    listed = [
        hook("http://load.test", name="a", metadata={"cmd": "one"}),
        hook("http://load.test", name="b", type=""),
    ]
    await ask(receivers, listed, "rollout", SUBJECT, "run/rollout/7")
    told = {"name": "podinfo", "namespace": "test", "phase": "Waiting", "checksum": "569bdb7cb9"}
    assert receivers.calls == [
        ("a", {**told, "metadata": {"cmd": "one"}}, "run/rollout/7/0"),
        ("b", told, "run/rollout/7/1"),
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize("listed", [None, [], hooks(("a", "event"))])
async def test_without_hooks_nothing_is_asked(listed):
    assert await ask(Receivers(), listed, "rollout", SUBJECT, "k") == ()


def test_an_empty_type_is_rollout():
    listed = [hook("http://x", name="a"), *hooks(("b", ""), ("c", "rollout"), ("d", "event"))]
    assert [found.name for found in of_type(listed, "rollout")] == ["a", "b", "c"]
    assert of_type(None, "event") == ()
