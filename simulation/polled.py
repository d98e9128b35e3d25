"""What webhooks answer, and a process of the engine is told."""

from __future__ import annotations

from dataclasses import dataclass

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
