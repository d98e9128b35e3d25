"""Killing the controller at its writes: the same end, and no promise broken on the way.

Here a sample of crash points of every scenario; ``make crash`` takes them all.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache

import pytest

from canary.api.hooks import HookType
from tests.crash.runs import Crash, Result, play
from tests.rig.receiver import HookCall
from tests.transcripts.played import SCENARIOS

SPREAD = int(os.environ.get("CRASH_POINTS", "3"))
"""Crash points for each scenario, spread evenly over its writes; 0: all of them."""

MORE_WRITES = 25
"""A restart may repeat, and has to take over: S12 bounds it."""


MAY_RESUME = ("S39", "S50")
"""Users lower the route, or take the pods from the canary, as soon as the status shows a weight.
With the controller down at that moment, it finds the route low, and says that instead."""


def resumed(name: str, result: Result) -> bool:
    """Whether the weight was found lowered by who acted while nobody looked."""
    return name in MAY_RESUME and any(text.startswith("Resuming ") for text in result.events)


@cache
def undisturbed(name: str) -> Result:
    return play(name)


def points(writes: int, spread: int) -> list[Crash]:
    """Crashes before and after ``spread`` of the writes, alternating; both at all for 0."""
    if not spread:
        return [Crash(at, before) for at in range(1, writes + 1) for before in (True, False)]
    found = []
    for number in range(spread):
        at = 1 + (number * writes + writes // 2) // spread
        found.append(Crash(min(at, writes), number % 2 == 0))
    return found


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_the_same_end_after_a_crash(name: str) -> None:
    base = undisturbed(name)
    assert not base.violations
    assert not base.broken
    assert len(base.alerts) >= 1, "initialisation is told"
    assert base.later_writes == 0, "the fixed point is quiet"
    for crash in points(len(base.writes), SPREAD):
        result = play(name, crash)
        where = f"{name}, crash {crash}: {base.writes[crash.at - 1]}"
        assert result.crashed, where
        assert not result.violations, f"{where}\n{result.story}"
        assert not result.broken, f"{where}\n{result.broken}"
        assert result.end == base.end, where
        lost = base.events - result.events
        assert not lost or resumed(name, result), f"{where}: {lost}"
        assert result.alerts == base.alerts, where
        assert not ambiguous(result.hooks), where
        assert ends(result.hooks) == ends(base.hooks), where
        assert result.later_writes == 0, where
        assert len(result.writes) <= len(base.writes) + MORE_WRITES, where


def ambiguous(calls: list[HookCall]) -> list[str]:
    """Keys of webhooks that were called more often than one crash explains, or that stand for two
    polls: a receiver that knows a key must be right to give its answer again (S10)."""
    polls: dict[str, list[HookCall]] = {}
    for call in calls:
        polls.setdefault(call.key, []).append(call)
    return [
        key
        for key, same in polls.items()
        if len(same) > 2 or any(call.payload != same[0].payload for call in same)
    ]


def ends(calls: list[HookCall]) -> int:
    """How many ends of runs the post-rollout hooks were told, repeats left out."""
    return len({call.key for call in calls if call.type is HookType.POST_ROLLOUT})


def test_a_key_for_two_polls_would_be_seen() -> None:
    one = HookCall("load", HookType.ROLLOUT, {"phase": "Progressing"}, "k", 1.0, 200)
    assert not ambiguous([one, one])
    assert ambiguous([one, one, one]) == ["k"]
    assert ambiguous([one, replace(one, payload={"phase": "Waiting"})]) == ["k"]


def test_a_crash_that_loses_the_record_would_be_seen() -> None:
    """The comparison isn't blind: a run that is never restarted ends elsewhere."""
    base = undisturbed("S01")
    assert play("S02").end != base.end
