"""``spec.analysis``."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from analysis.models import INTERVAL_PATTERN, Metric
from canary.api.analysis_engine import AnalysisEngine, Stay
from canary.api.base import Model, Whole
from canary.api.hooks import Alert, HookType, Webhook
from providers.models import SessionAffinity
from providers.models_match import AnalysisMatch

DEFAULT_MAX_WEIGHT = 100


class AnalysisSpec(Model):
    """How a revision is judged.

    Exactly one of iterations, stepWeight, stepWeights and engine.steps is given.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["interval", "threshold", "iterations"]},
                {"required": ["interval", "threshold", "stepWeight"]},
                {"required": ["interval", "threshold", "stepWeights"]},
                {
                    "required": ["interval", "threshold", "engine"],
                    "properties": {"engine": {"required": ["steps"]}},
                },
            ]
        }
    )

    interval: str | None = Field(default=None, pattern=INTERVAL_PATTERN)
    threshold: Whole | None = None
    iterations: Whole | None = None
    max_weight: Whole | None = None
    step_weight: Whole | None = None
    step_weights: list[Whole] | None = None
    step_weight_promotion: Whole = 0
    mirror: bool = False
    mirror_weight: Whole = 0
    primary_ready_threshold: Whole | None = None
    canary_ready_threshold: Whole | None = None
    match: list[AnalysisMatch] | None = None
    metrics: list[Metric] | None = None
    webhooks: list[Webhook] | None = None
    alerts: list[Alert] | None = None
    session_affinity: SessionAffinity | None = None
    engine: AnalysisEngine | None = None

    @property
    def stays(self) -> tuple[Stay, ...]:
        """``engine.steps``; empty where the weights come from another field."""
        return tuple(self.engine.steps or ()) if self.engine else ()

    @property
    def confirm_restart(self) -> bool:
        """Whether a revision that replaces another one in mid-run is asked confirm-rollout."""
        return self.engine.confirm_restart if self.engine else True

    @property
    def rollback_step_weight(self) -> int:
        """Percent of traffic that a failed canary loses at a time; 0: all of it at once."""
        return self.engine.rollback_step_weight if self.engine else 0

    def hooks(self, hook_type: HookType) -> tuple[Webhook, ...]:
        """The webhooks of one type, in the order of the list."""
        return tuple(hook for hook in self.webhooks or () if hook.hook_type is hook_type)

    @property
    def effective_threshold(self) -> int:
        """Failed checks that end a run; at least 1."""
        return max(1, self.threshold or 0)

    @property
    def effective_max_weight(self) -> int:
        """The weight from which the run is promoted, 1 to 100.

        ``maxWeight`` doesn't count beside ``stepWeights`` and ``engine.steps``, whose last element
        bounds the run.
        """
        if self.stays:
            return self.stays[-1].weight
        bound = self.step_weights[-1] if self.step_weights else self.max_weight
        return min(100, bound) if bound is not None and bound > 0 else DEFAULT_MAX_WEIGHT

    @property
    def effective_primary_ready_threshold(self) -> int:
        """Percent of the primary's pods that must be available; 0 is honoured."""
        return _percent(self.primary_ready_threshold)

    @property
    def effective_canary_ready_threshold(self) -> int:
        """Percent of the canary's pods that must be available; 0 is honoured."""
        return _percent(self.canary_ready_threshold)


def _percent(value: int | None) -> int:
    return 100 if value is None else min(100, max(0, value))
