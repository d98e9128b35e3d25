"""Values against bounds, and the sentence that reports a violation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from analysis.duration import format_go
from analysis.models import Metric
from analysis.numbers import shortest, two_decimals


class Measure(Enum):
    """What a value is, which decides its unit and what the deprecated ``threshold`` means."""

    SUCCESS_RATE = auto()
    """Percent; ``threshold`` is a minimum."""
    DURATION = auto()
    """Milliseconds; ``threshold`` is a maximum."""
    CUSTOM = auto()
    """No unit; ``threshold`` is a maximum."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Accepted values, bounds included."""

    measure: Measure
    min: float | None
    max: float | None

    def __str__(self) -> str:
        bounds = (("min", self.min), ("max", self.max))
        found = [f"{name} {self.show(bound)}" for name, bound in bounds if bound is not None]
        return ", ".join(found) or "none"

    def below(self, value: float) -> bool:
        """Whether ``value`` violates the minimum."""
        return self.min is not None and value < self.min

    def above(self, value: float) -> bool:
        """Whether ``value`` violates the maximum; an infinite one does, whatever its sign.

        A quotient that isn't finite measured nothing that a maximum could be met with.
        """
        return self.max is not None and (value > self.max or math.isinf(value))

    def margin(self, value: float) -> float:
        """How far ``value`` is from its nearest bound, negative when beyond it."""
        if math.isinf(value) and (self.below(value) or self.above(value)):
            return -math.inf
        low = math.inf if self.min is None else value - self.min
        high = math.inf if self.max is None else self.max - value
        return min(low, high)

    def show(self, bound: float) -> str:
        """A bound as events write it."""
        match self.measure:
            case Measure.SUCCESS_RATE:
                return f"{shortest(bound)}%"
            case Measure.DURATION:
                return _milliseconds(bound)
            case Measure.CUSTOM:
                return shortest(bound)

    def show_value(self, value: float) -> str:
        """A measured value as events write it.

        Durations are cut to whole milliseconds, as Flagger's are, unless the cut would hide that
        the bound is violated: comparisons are between real numbers.
        """
        if self.measure is Measure.SUCCESS_RATE:
            return f"{two_decimals(value)}%"
        if self.measure is Measure.CUSTOM:
            return two_decimals(value)
        if not math.isfinite(value):
            return shortest(value)
        cut = float(math.trunc(value))
        same = self.below(cut) == self.below(value) and self.above(cut) == self.above(value)
        return _milliseconds(cut if same else value)


def limits(metric: Metric, measure: Measure) -> Limits:
    """The bounds of a metric; without ``thresholdRange`` the deprecated single one, default 0."""
    accepted = metric.threshold_range
    if accepted is not None:
        return Limits(measure, accepted.min, accepted.max)
    single = metric.threshold or 0.0
    if measure is Measure.SUCCESS_RATE:
        return Limits(measure, single, None)
    return Limits(measure, None, single)


def worst(values: Sequence[float], bounds: Limits) -> float:
    """The value that is farthest beyond a bound, or nearest to one; never depends on the order."""
    # The sign tells zeros apart, which are equal but don't look it in the event.
    return min(values, key=lambda value: (bounds.margin(value), value, math.copysign(1.0, value)))


_SUBJECTS = {Measure.SUCCESS_RATE: "success rate", Measure.DURATION: "request duration"}


def violation(subject: str, metric: str, values: Sequence[float], bounds: Limits) -> str | None:
    """The event for a violated bound, or None; ``subject`` is the Canary as ``name.namespace``."""
    value = worst(values, bounds)
    if bounds.below(value):
        sign, bound = "<", bounds.min
    elif bounds.above(value):
        sign, bound = ">", bounds.max
    else:
        return None
    assert bound is not None
    what = _SUBJECTS.get(bounds.measure, metric)
    text = f"{bounds.show_value(value)} {sign} {bounds.show(bound)}"
    return f"Halt {subject} advancement {what} {text}{_of_series(len(values))}"


def _of_series(count: int) -> str:
    return f" (worst of {count} series)" if count > 1 else ""


_LONGEST = 2**63 / 1e6
"""Milliseconds that Go's durations can't hold any more."""


def _milliseconds(value: float) -> str:
    if abs(value) >= _LONGEST:
        return f"{shortest(value)}ms"
    return format_go(value / 1000)
