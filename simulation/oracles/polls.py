"""Webhooks as their receivers see them (S10): a key on every call, and one poll for each key.

A receiver that knows a key must be right to give its answer again: whoever bears it is the same
question, and a process that was told its answer doesn't ask it once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from canary.api.hooks import HookType
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
        for call in self._world.receivers.calls:
            if not call.key:
                yield f"{call} at {call.at:g} s without a key"
            same = meant.setdefault(call.key, (call.hook, call.payload))
            if same != (call.hook, call.payload):
                yield f"{call.key} stands for {same} and {(call.hook, call.payload)}"
        heard = Counter(
            (poll.process, poll.key) for poll in self._world.polled if poll.type not in TOLD
        )
        for (process, key), times in heard.items():
            if times > 1:
                yield f"{process} was told the answer to {key} {times} times"


TOLD = (HookType.EVENT, HookType.POST_ROLLOUT)
"""Hooks that are told something, again until it is on record that they were."""
