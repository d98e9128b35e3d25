"""What metrics servers and webhooks answer, and a process of the engine is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.outcome import Outcome, Values
from canary.api.hooks import HookType

RESTING = {"rollback": 403}
"""Answers of webhooks with which everything passes; the others say 200."""


@dataclass(frozen=True, slots=True)
class Poll:
    """``began`` and ``at`` are when ``process`` asked and heard; ``passed``: it was told a 2xx."""

    process: str
    hook: str
    type: HookType
    key: str
    payload: bytes
    began: float
    at: float
    passed: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """The ``outcome`` of a query about a Canary that was asked at ``began`` (seconds); not
    ``honest`` if the server repeated an older answer, which nobody can tell."""

    canary: str
    began: float
    outcome: Outcome
    honest: bool = True


def subject(canaries: Sequence[str], query: str) -> str:
    """The one of some Canaries that a query is about."""
    return next((name for name in canaries if name in query), canaries[0])


def last(heard: Sequence[Heard], canary: str) -> Values | None:
    """The values that were last told about a Canary."""
    told = (h.outcome for h in reversed(heard) if h.canary == canary)
    return next((outcome for outcome in told if isinstance(outcome, Values)), None)
