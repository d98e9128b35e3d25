"""What a mutant is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """``name`` says what is broken; ``apply`` breaks it in this process, for good.

    ``marks`` are the places of which a run has to pass one to tell the difference; ``home`` is the
    function or row that it lives in, ``digest`` changes with what that says.
    """

    name: str
    apply: Callable[[], None]
    marks: frozenset[str]
    home: str
    digest: str
