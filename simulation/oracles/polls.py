"""Webhooks and chats as they are reached (S10): a key on every call, and one poll for each key.

A receiver that knows a key must be right to give its answer again: whoever bears it is the same
question, and a process that has put something on record since doesn't ask it once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from canary.api.hooks import HookType
from simulation.polled import Poll
from simulation.world import World


class Polls:
    """What became of the webhooks of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def broken(self) -> list[str]:
        """Calls that broke the promise."""
        return [f"S10: {text}" for text in self._broken()]

    def _broken(self) -> Iterator[str]:
        meant: dict[str, tuple[str, object]] = {}
        since = self._world.taken_over
        for call in self._world.receivers.calls:
            if call.at < since:
                continue
            if not call.key:
                yield f"{call} at {call.at:g} s without a key"
            asked = (call.hook, said(call.payload))
            same = meant.setdefault(call.key, asked)
            if same != asked:
                yield f"{call.key} stands for {same} and {asked}"
        texts: dict[str, str] = {}
        for message in self._world.chat.messages:
            if message.at < since:
                continue
            if not message.key:
                yield f"{message.text!r} at {message.at:g} s without a key"
            text = texts.setdefault(message.key, message.text)
            if text != message.text:
                yield f"{message.key} stands for {text!r} and {message.text!r}"
        heard: dict[tuple[str, str], Poll] = {}
        for poll in self._world.polled:
            before = heard.setdefault((poll.process, poll.key), poll)
            if before is not poll and poll.type not in TOLD and self._recorded(before, poll):
                yield f"{poll.process} asked {poll.key} at {before.began:g} and {poll.began:g} s"

    def _recorded(self, one: Poll, other: Poll) -> bool:
        """Whether something came on record between two polls: what was refused is asked again."""
        return any(
            one.at <= at < other.began and "/canaries/" in what for at, what in self._world.written
        )


TOLD = (HookType.EVENT, HookType.POST_ROLLOUT)
"""Hooks that are told something, again until it is on record that they were."""


def said(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a payload says. An event is its message: sent again it has another time, and what is
    told beside the record, such as a conflict, comes again whenever it happens again."""
    metadata = payload.get("metadata") or {}
    return {"message": metadata["eventMessage"]} if "eventMessage" in metadata else dict(payload)
