"""From the times of route writes to how late each step came."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shift:
    """A write of a route as the API server received it: its canary weight in percent, and when
    (monotonic seconds)."""

    canary: str
    weight: int
    at: float


@dataclass(frozen=True, slots=True)
class Step:
    """A step that had a step before it: when it was due, and how many seconds late it came."""

    canary: str
    due: float
    lag: float


def steps(shifts: Iterable[Shift], interval: float, settle: float) -> list[Step]:
    """The steps among ``shifts``, except for each Canary's first: that one waits for readiness.

    A step is due an interval after the weight before it is live, and that is the settle time after
    its write arrived: no engine could be earlier. Metrics, decision, status write and all queueing
    count as lag.
    """
    found, last = [], dict[str, Shift]()
    for shift in sorted(shifts, key=lambda one: one.at):
        before = last.get(shift.canary)
        if before is not None and before.weight == shift.weight:
            continue
        last[shift.canary] = shift
        if before is not None and 0 < before.weight < shift.weight:
            due = before.at + settle + interval
            found.append(Step(shift.canary, due, shift.at - due))
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of ``values`` that at least ``share`` percent of them don't exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]
