"""A webhook's answer as a process of the engine was told it."""

from __future__ import annotations

from dataclasses import dataclass

from canary.api.hooks import HookType


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
