"""The closing line: what the parts of a simulation came to, together.

Each part adds a line of JSON to a file, so that parts may be run one by one, and in shares.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SINGLE, DOUBLE, RANDOM = "single-fault", "two-fault", "random"
"""Kinds of parts."""


class Incomplete(Exception):
    """A part is missing; ``str()`` says which."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one part came to. ``known``: how many single-fault plans its scenarios have."""

    part: str
    scenarios: Sequence[str]
    boundaries: int
    known: int
    plans: int
    safety: int
    stuck: int
    mismatches: int
    replayed: int
    seconds: float

    def __str__(self) -> str:
        rate = self.plans / self.seconds if self.seconds else 0.0
        return (
            f"{len(self.scenarios)} scenarios, {self.boundaries} boundaries, {self.plans} "
            f"{self.part} plans, {self.safety} safety violations, {self.stuck} stuck, "
            f"{self.mismatches} replay mismatches in {self.replayed} replays; "
            f"{self.seconds:.0f} s, {rate:.1f} plans/s"
        )


def keep(file: Path, figures: Figures) -> None:
    """One more part."""
    with file.open("a") as out:
        print(json.dumps(asdict(figures)), file=out)


def kept(file: Path) -> list[Figures]:
    """The parts in ``file``; raises OSError, and ValueError for what isn't one."""
    return [Figures(**json.loads(line)) for line in file.read_text().splitlines()]


def closing(found: Sequence[Figures]) -> tuple[str, bool]:
    """The closing line, and whether every promise was kept; raises Incomplete.

    Parts are of the same scenarios, and shares of one part have no plan in common.
    """
    sums = {part: sum(one.plans for one in found if one.part == part) for part in _PARTS}
    for part in (SINGLE, RANDOM):
        if not sums[part]:
            raise Incomplete(f"no {part} plans were run")
    if len({tuple(one.scenarios) for one in found}) > 1:
        raise Incomplete("the parts are of different scenarios")
    first = found[0]
    whole = sums[SINGLE] == first.known
    singles = f"{sums[SINGLE]} exhaustive plans"
    if not whole:
        singles = f"{sums[SINGLE]} of {first.known} exhaustive plans"
    pairs = f", {sums[DOUBLE]} pairs" if sums[DOUBLE] else ""
    safety, stuck, mismatches = (
        sum(getattr(one, name) for one in found) for name in ("safety", "stuck", "mismatches")
    )
    text = (
        f"{len(first.scenarios)} scenarios, {first.boundaries} boundaries, {singles}{pairs}, "
        f"{sums[RANDOM]} random plans, {safety} safety violations, {stuck} stuck, "
        f"{mismatches} replay mismatches"
    )
    return text, not (safety or stuck or mismatches)


_PARTS = (SINGLE, DOUBLE, RANDOM)
