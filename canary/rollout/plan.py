"""The steps of a rollout: the only place that knows strategies."""

from __future__ import annotations

from dataclasses import dataclass

from canary.api.canary import Canary
from canary.api.semantics import effective_steps


@dataclass(frozen=True, slots=True)
class Step:
    """One stay at one weight: ``weight`` percent for the canary, ending with a passed check."""

    weight: int


def plan(canary: Canary) -> tuple[Step, ...]:
    """The steps of a progressive canary (``stepWeight``, ``stepWeights``, ``maxWeight``)."""
    return tuple(Step(weight) for weight in effective_steps(canary.spec.analysis))


def step_at(steps: tuple[Step, ...], weight: int) -> int:
    """Index of the last step whose weight is at most ``weight``; -1 when there is none."""
    return max((i for i, step in enumerate(steps) if step.weight <= weight), default=-1)


def next_step(steps: tuple[Step, ...], weight: int) -> int | None:
    """Index of the first step that raises ``weight``; None when the plan is at its end."""
    return next((i for i, step in enumerate(steps) if step.weight > weight), None)
