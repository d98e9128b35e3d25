"""Counting the meetings of the engine with the world, and looking up what is planned there."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable

from simulation.plan import Boundary, Fault, Plan

FASTEST, SLOWEST = 0.002, 0.02
"""Seconds that a request or a watch event takes, drawn by the plan's seed."""


class Places:
    """One run's count; ``note`` hears a line of the trace for each meeting."""

    def __init__(self, plan: Plan, note: Callable[[str], None]) -> None:
        self._seed = plan.seed
        self._faults = plan.by_place()
        self._note = note
        self.counts: Counter[Boundary] = Counter()
        self.methods: dict[int, str] = {}
        """Method of each request, by its place."""
        self.struck: set[Fault] = set()
        """The faults that came to pass."""
        self.healed = False
        """Nothing goes wrong any more."""

    def meet(self, boundary: Boundary, what: str) -> Fault | None:
        """The next place of ``boundary``: the fault that is planned there, if any."""
        self.counts[boundary] += 1
        place = self.counts[boundary]
        if boundary is Boundary.API:
            self.methods[place] = what.partition(" ")[0]
        fault = None if self.healed else self._faults.get((boundary, place))
        if fault is not None:
            self.struck.add(fault)
        self._note(f"{boundary}:{place} {what}{f' !! {fault.kind}' if fault else ''}")
        return fault

    @property
    def timely(self) -> bool:
        """Whether no wall clock has told a wrong time yet."""
        return all(fault.boundary is not Boundary.CLOCK for fault in self.struck)

    def latency(self, what: str, number: int) -> float:
        """Seconds that something takes: the same for the same seed, whatever went before."""
        draw = zlib.crc32(f"{self._seed}/{what}/{number}".encode()) / 0xFFFFFFFF
        return FASTEST + draw * (SLOWEST - FASTEST)
