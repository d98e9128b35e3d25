"""``spec.analysis.engine``: steps that are told one by one, how fast a failed canary falls, what a
revision is asked that replaces another."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from analysis.duration import parse
from canary.api.base import EngineModel
from canary.api.engine_duration import PositiveDuration

MOST_STEPS = 100

_RISES = "must have a step at least, and weights that rise from step to step"
_RULE = (
    "self.size() > 0 && self.map(s, s.weight).isSorted() && "
    "self.all(a, self.exists_one(b, b.weight == a.weight))"
)


class Stay(EngineModel):
    """One step of a rollout: a weight, and what it takes to leave it."""

    weight: Annotated[int, Field(ge=1, le=100)] = Field(
        description="The canary's share of the traffic, in percent."
    )
    duration: PositiveDuration | None = Field(
        default=None,
        description="How long the weight is served before the next step; an interval when absent. "
        "Checks are made every interval, and at the end.",
    )
    approval: bool = Field(
        default=False, description="The step is left only when somebody has approved it."
    )
    replicas: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="Pods of the canary, there before it gets the weight; as many as before when "
        "absent.",
    )

    @property
    def seconds(self) -> float | None:
        """``duration`` in seconds; None where an interval applies."""
        return None if self.duration is None else parse(self.duration)


def _rising(stays: list[Stay]) -> list[Stay]:
    if not stays or any(one.weight >= two.weight for one, two in pairwise(stays)):
        raise ValueError(_RISES)
    return stays


Stays = Annotated[
    list[Stay],
    AfterValidator(_rising),
    Field(
        max_length=MOST_STEPS,
        json_schema_extra={"x-kubernetes-validations": [{"rule": _RULE, "message": _RISES}]},
    ),
]


class AnalysisEngine(EngineModel):
    """What Flagger has no field for in the analysis. No field is required."""

    steps: Stays | None = Field(
        default=None,
        description="The steps one by one, instead of stepWeight, stepWeights or iterations.",
    )
    rollback_step_weight: Annotated[int, Field(ge=0, le=100)] = Field(
        default=0,
        description="Percent of the traffic that a failed canary loses at a time; all at once "
        "when 0 or absent.",
    )
    confirm_restart: bool = Field(
        default=True,
        description="A revision that replaces another one in mid-rollout is asked confirm-rollout, "
        "as the first one was.",
    )
