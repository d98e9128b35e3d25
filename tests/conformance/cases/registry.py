"""All cases by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.conformance.api import Api

Case = Callable[[Api], Awaitable[None]]

CASES: dict[str, Case] = {}


def case(play: Case) -> Case:
    """Register a case under its function's name."""
    assert play.__name__ not in CASES, play.__name__
    CASES[play.__name__] = play
    return play
