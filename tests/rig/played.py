"""Making tests of coroutines: each on a rig of its own, under virtual time."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from canary import virtualtime

R = TypeVar("R")
Play = Callable[[R], Awaitable[None]]


def as_test(play: Callable[..., Any], run: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """The test of ``play`` that ``run`` carries out."""

    def test() -> None:
        virtualtime.run(run())

    functools.update_wrapper(test, play)
    # pytest would take the coroutine's parameter for a fixture.
    del test.__wrapped__  # type: ignore[attr-defined]
    return test


def played_on(
    rig: Callable[[], R], end: Callable[[R], Awaitable[None]] | None = None
) -> Callable[[Play[R]], Callable[[], None]]:
    """Make tests of coroutines that take a ``rig``; ``end`` winds it up, however they end."""

    def wrap(play: Play[R]) -> Callable[[], None]:
        async def run() -> None:
            made = rig()
            try:
                await play(made)
            finally:
                if end is not None:
                    await end(made)

        test: Callable[[], None] = as_test(play, run)
        return test

    return wrap
