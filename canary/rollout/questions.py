"""What the engine asks of the outside, and the forms an answer has.

A question is a value: the same question has one answer. Answers arrive beside the queue; a
question that is no longer asked is cancelled, and its answer is never looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from canary.rollout.record import Measured


@dataclass(frozen=True, slots=True, order=True)
class Availability:
    """Do the metric providers answer? Asked once, at initialisation."""

    generation: int


@dataclass(frozen=True, slots=True, order=True)
class Evaluation:
    """Do the metrics of this run pass at this step? ``poll`` makes each asking its own."""

    run: str
    step: int
    poll: int


Question = Availability | Evaluation


@dataclass(frozen=True, slots=True)
class Pending:
    """Asked, not answered."""


@dataclass(frozen=True, slots=True)
class Known:
    """Answered, at ``at`` seconds of the monotonic clock."""

    value: Any
    at: float


Answer = Pending | Known


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """Why an evaluation failed: the event's text, and for people the metric, value and limit."""

    text: str
    metric: str = ""
    value: str = ""
    limit: str = ""
    error: bool = False


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Outcome of an evaluation: what was measured, and the first failure if there is one."""

    failure: CheckFailure | None
    measured: tuple[Measured, ...] = ()
