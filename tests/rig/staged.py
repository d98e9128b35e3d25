"""Running a test on a stage under virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.rig.played import as_test
from tests.rig.safety import Safety
from tests.rig.stage import Stage
from tests.transcripts.script import Script


def staged(**parts: Any) -> Callable[[Callable[[Script], Awaitable[None]]], Callable[[], None]]:
    """Make a test of a coroutine that takes a Script; the promises are checked all the while."""

    def wrap(play: Callable[[Script], Awaitable[None]]) -> Callable[[], None]:
        test: Callable[[], None] = as_test(play, lambda: _play(play, parts))
        return test

    return wrap


async def _play(play: Callable[[Script], Awaitable[None]], parts: dict[str, Any]) -> None:
    stage = Stage(**parts)
    safety = Safety(stage)
    try:
        await play(Script(stage))
        assert not safety.violations
    finally:
        safety.close()
        await stage.down()
