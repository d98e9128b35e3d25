"""What the engine asks of the outside, and the forms an answer has.

A question is a value: the same question has one answer. Answers arrive beside the queue; a
question that is no longer asked is cancelled, and its answer is never looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from canary.api.hooks import HookType
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


@dataclass(frozen=True, slots=True, order=True)
class Gate:
    """What do the webhooks of one type say? Asked in their order until one decides.

    ``run`` is the run that the answer is for, or would be for: also before it starts. All attempts
    of one ``poll`` share an idempotency key.
    """

    run: str
    hook: HookType
    poll: int


Question = Availability | Evaluation | Gate


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
class Reply:
    """What one webhook said: its name, the text of a refusal, and whether its alert is muted."""

    hook: str
    text: str = ""
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Replies:
    """The answer to a Gate: the hooks that said yes and those that said no, in order.

    All hooks of a gate have to agree, so that a no is the last thing heard; of ``rollback`` hooks
    the first yes decides.
    """

    yes: tuple[Reply, ...] = ()
    no: tuple[Reply, ...] = ()


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
