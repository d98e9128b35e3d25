"""What a mutant is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """``name`` says what is broken; ``apply`` breaks it in this process, for good."""

    name: str
    apply: Callable[[], None]
