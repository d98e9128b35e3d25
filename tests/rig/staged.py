"""Running a test on a stage under virtual time."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any

from canary import virtualtime
from tests.rig.safety import Safety
from tests.rig.stage import Stage
from tests.transcripts.script import Script


def staged(**parts: Any) -> Callable[[Callable[[Script], Awaitable[None]]], Callable[[], None]]:
    """Make a test of a coroutine that takes a Script; the promises are checked all the while."""

    def wrap(play: Callable[[Script], Awaitable[None]]) -> Callable[[], None]:
        def test() -> None:
            virtualtime.run(_play(play, parts))

        functools.update_wrapper(test, play)
        # pytest would take the coroutine's parameter for a fixture.
        del test.__wrapped__
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
