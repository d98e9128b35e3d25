"""Oracles aren't blind: what breaks a promise is seen, and plans are read as the manual says."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from canary.api.hooks import HookType
from simulation.oracles.polls import Polls
from simulation.oracles.reading import Place, following, planned
from simulation.oracles.routes import copies, serves, split
from simulation.polled import Poll
from tests.rig.chat import Message
from tests.rig.receiver import HookCall

CALL = HookCall("load", HookType.ROLLOUT, {"phase": "Progressing"}, "k", 1.0, 200)
POLL = Poll("p1", "load", HookType.ROLLOUT, "k", b"", 1.0, 1.1, True)


def broken(
    *calls: HookCall,
    polled: tuple[Poll, ...] = (),
    written: float = 0.0,
    taken_over: float = 0.0,
) -> list[str]:
    world: Any = SimpleNamespace(
        receivers=SimpleNamespace(calls=calls), polled=polled, taken_over=taken_over
    )
    world.chat = SimpleNamespace(messages=())
    world.written = [(written, "PUT /apis/x/namespaces/test/canaries/podinfo/status")]
    return Polls(world).broken()


def told(*messages: Message) -> list[str]:
    world: Any = SimpleNamespace(
        receivers=SimpleNamespace(calls=()), polled=(), written=(), taken_over=0.0
    )
    world.chat = SimpleNamespace(messages=messages)
    return Polls(world).broken()


def test_a_message_without_a_key_or_with_that_of_another_is_seen() -> None:
    message = Message("https://chat.test", "failed", {}, "k", 1.0)
    assert told(message, message) == []
    assert len(told(replace(message, key=""))) == 1
    assert len(told(message, replace(message, text="promoted"))) == 1


def test_a_call_without_a_key_is_seen() -> None:
    assert broken(CALL) == []
    assert len(broken(replace(CALL, key=""))) == 1


def test_a_key_for_two_questions_is_seen() -> None:
    assert broken(CALL, CALL) == []
    assert len(broken(CALL, replace(CALL, payload={"phase": "Waiting"}))) == 1
    assert len(broken(CALL, replace(CALL, hook="other"))) == 1
    # What was asked before the engine took over wasn't asked by it.
    assert broken(CALL, replace(CALL, hook="other", at=2.0), taken_over=1.5) == []


def test_an_event_sent_again_is_the_same_but_for_its_time() -> None:
    one, two, three = (
        replace(CALL, payload={"metadata": {"eventMessage": text, "timestamp": at}})
        for text, at in (("a", "1"), ("a", "2"), ("b", "2"))
    )
    assert broken(one, two) == []
    assert len(broken(one, three)) == 1


def test_an_answer_on_record_is_not_asked_for_again() -> None:
    again = replace(POLL, began=12.0, at=12.1)
    assert broken(polled=(POLL, again), written=20.0) == []
    assert len(broken(polled=(POLL, again), written=5.0)) == 1
    assert broken(polled=(POLL, replace(again, process="p2")), written=5.0) == []


MATCH = {"match": [{"headers": {"x": {"exact": "y"}}}]}
PLANS: dict[str, tuple[dict[str, Any], list[Place]]] = {
    "weights": ({"stepWeights": [30, 60]}, [Place(weight=30), Place(weight=60)]),
    "mirrored": (
        {"stepWeight": 50, "maxWeight": 50, "mirror": True},
        [Place(mirror=True), Place(weight=50)],
    ),
    "blue/green": ({"iterations": 2}, [Place(1), Place(2), Place(3, weight=100)]),
    "blue/green with copies": (
        {"iterations": 1, "mirror": True},
        [Place(1, mirror=True), Place(2, weight=100)],
    ),
    "A/B": ({"iterations": 2, **MATCH}, [Place(1, weight=100), Place(2, weight=100)]),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_gone_through_from_its_first_place_to_its_last(name: str) -> None:
    analysis, places = PLANS[name]
    canary = {"spec": {"analysis": analysis}}
    assert planned(canary) == places
    for was, then in zip([Place(), *places], [*places, None], strict=True):
        assert following(canary, was) == then


def rule(primary: int, canary: int, **more: Any) -> dict[str, Any]:
    backends = (("podinfo-primary", primary), ("podinfo-canary", canary))
    return {"route": [{"destination": {"host": n}, "weight": w} for n, w in backends], **more}


def test_a_route_is_read_as_its_proxy_would() -> None:
    rest = {"route": [{"destination": {"host": "podinfo-primary"}}]}

    def route(*rules: dict[str, Any]) -> dict[str, Any]:
        return {"kind": "VirtualService", "spec": {"http": list(rules)}}

    tested = route(rule(0, 100, match=[{}]), rest)
    assert (split(tested, "podinfo-canary"), serves(tested, "podinfo-canary")) == ((0, 100), True)
    sticky = route(rule(0, 100, match=[{}]), rule(70, 30))
    assert split(sticky, "podinfo-canary") == (70, 30)
    mirrored = route(rule(100, 0, mirror={"host": "podinfo-canary"}))
    assert (copies(mirrored), serves(mirrored, "podinfo-canary")) == (True, False)
    assert not copies(sticky)
