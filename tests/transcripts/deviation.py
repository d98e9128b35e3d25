"""What a deviation from a recording of Flagger is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.transcripts.recorded import State

ABSENT = "absent"
"""As ``e2e.differences`` has it."""
ANY = object()
"""Whatever is there."""
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Deviation:
    """``cites`` a number of ``docs/defects.md`` or a rule of ``docs/design.md``.

    ``states`` and ``told`` are how many of the recorded ones are kept, and what follows instead; in
    texts ``APP`` and ``PRIMARY`` are target and primary with their namespace. ``queries`` is how
    often each was asked, ``more_queries`` says that others were asked beside them, ``worded`` what
    stands in them instead of what is recorded. ``fields`` are those of objects that differ, by
    object and path, with our value; ``left`` are objects that are still there in the end.
    """

    cites: str
    states: tuple[int, tuple[State, ...]] | None = None
    told: tuple[int, Texts] | None = None
    queries: int | None = None
    more_queries: bool = False
    worded: Mapping[str, str] = field(default_factory=dict)
    hooks: tuple[int, tuple[tuple[str, int, str], ...]] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
