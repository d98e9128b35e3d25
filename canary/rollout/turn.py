"""Whether a run may start beside those that are in flight, and what it waits for elsewhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """``free``: a run may start now. Else ``place`` counts those who wait for the same, from 1, and
    ``limit`` says for what."""

    free: bool = True
    place: int = 0
    limit: str = ""
