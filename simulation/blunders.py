"""Mistakes of the simulator itself."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")


class Blunders:
    """What oracles and users did wrong in the midst of a request of the engine, which would take it
    for a failure of the API server and go on."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def by(self, act: Callable[P, None], *args: P.args, **parts: P.kwargs) -> None:
        """Let ``act`` do something; what it raises is found."""
        try:
            act(*args, **parts)
        except Exception as error:  # noqa: BLE001 - all of them are mistakes
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.found.append(f"the simulator: {error!r} in {where.name}, line {where.lineno}")
