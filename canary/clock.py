"""Time as a value that is handed in: the engine reads no clock of its own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Two clocks: one that paces, one that people read."""

    def monotonic(self) -> float:
        """Seconds that never go back; paces steps."""

    def now(self) -> datetime:
        """Wall time, aware, UTC; written to objects."""


class SystemClock:
    """The clocks of this machine."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return datetime.now(UTC)


class LoopClock:
    """Wall time derived from the running loop's time: under a virtual-time loop, virtual time.

    ``origin`` is the wall time at loop time 0.
    """

    def __init__(self, origin: datetime) -> None:
        self._origin = origin

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return self._origin + timedelta(seconds=asyncio.get_running_loop().time())


def rfc3339(moment: datetime) -> str:
    """Kubernetes' spelling of a time: UTC, whole seconds, ``Z``."""
    return f"{moment.astimezone(UTC).isoformat(timespec='seconds')[:19]}Z"
