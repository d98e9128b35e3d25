"""What a query can yield, as values: a failing metrics server never raises into the engine."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

NO_VALUES = "no values found"


class FailureKind(StrEnum):
    """Whose fault a failed query is."""

    REJECTED = "rejected"
    """The server answered with an error."""
    UNREACHABLE = "unreachable"
    """No whole answer arrived."""
    TIMEOUT = "timeout"
    """No whole answer arrived in time."""
    INVALID = "invalid"
    """An answer arrived that can't be read as one instant value per series."""
    REFUSED_BY_CONFIG = "refused-by-config"
    """The query was never sent."""


@dataclass(frozen=True, slots=True)
class Values:
    """One number per series, at least one, none of them NaN; infinities are possible."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values or any(math.isnan(value) for value in self.values):
            raise ValueError(f"{self.values} are no values")


@dataclass(frozen=True, slots=True)
class NoValues:
    """The query worked and measured nothing; ``text`` ends in ``no values found``."""

    text: str = NO_VALUES


@dataclass(frozen=True, slots=True)
class QueryFailed:
    """The query didn't work."""

    text: str
    kind: FailureKind


Outcome = Values | NoValues | QueryFailed


def measured(samples: Iterable[float]) -> Values | NoValues:
    """The outcome of a query that yielded ``samples``, one per series.

    NaN is no value, and a series without one makes the whole query one without: what isn't
    measured in one series must not pass because another series is fine.
    """
    values = tuple(samples)
    missing = sum(math.isnan(value) for value in values)
    if not missing and values:
        return Values(values)
    if missing and len(values) > 1:
        return NoValues(f"{missing} of {len(values)} series: {NO_VALUES}")
    return NoValues()
