"""``Canary.spec``, field by field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from analysis.models import INTERVAL_PATTERN, Metric
from canary.api.base import EngineModel, Model
from canary.api.hooks import Alert, Webhook
from providers.models import IngressRef, RouteRef, ServiceSpec, SessionAffinity, UpstreamRef
from providers.models_match import AnalysisMatch

Provider = Literal[
    "apisix",
    "appmesh",
    "appmesh:v1beta2",
    "contour",
    "gatewayapi:v1",
    "gatewayapi:v1beta1",
    "gloo",
    "istio",
    "knative",
    "kubernetes",
    "kuma",
    "linkerd",
    "nginx",
    "osm",
    "skipper",
    "smi:v1alpha1",
    "smi:v1alpha2",
    "smi:v1alpha3",
    "traefik",
]

ENGINE_DURATION = "^([0-9]+(\\\\.[0-9]+)?(ns|us|ms|s|m|h))+$"


class TargetRef(Model):
    """The workload under management."""

    api_version: str
    kind: Literal["DaemonSet", "Deployment", "Service"]
    name: str


class ScalerReplicas(Model):
    """Overrides for the primary's autoscaler."""

    min_replicas: Annotated[int, Field(ge=1)] | None = None
    max_replicas: Annotated[int, Field(ge=1)] | None = None


class AutoscalerRef(Model):
    """The target's HorizontalPodAutoscaler or ScaledObject."""

    api_version: str
    kind: Literal["HorizontalPodAutoscaler", "ScaledObject"]
    name: str
    primary_scaler_queries: dict[str, str] | None = None
    primary_scaler_replicas: ScalerReplicas | None = None


class AnalysisSpec(Model):
    """``spec.analysis``. Exactly one of iterations, stepWeight and stepWeights is present."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["interval", "threshold", "iterations"]},
                {"required": ["interval", "threshold", "stepWeight"]},
                {"required": ["interval", "threshold", "stepWeights"]},
            ]
        }
    )

    interval: str | None = Field(default=None, pattern=INTERVAL_PATTERN)
    threshold: int | None = None
    iterations: int | None = None
    max_weight: int | None = None
    step_weight: int | None = None
    step_weights: list[int] | None = None
    step_weight_promotion: int = 0
    mirror: bool = False
    mirror_weight: int = 0
    primary_ready_threshold: int | None = None
    canary_ready_threshold: int | None = None
    match: list[AnalysisMatch] | None = None
    metrics: list[Metric] | None = None
    webhooks: list[Webhook] | None = None
    alerts: list[Alert] | None = None
    session_affinity: SessionAffinity | None = None

    @property
    def effective_threshold(self) -> int:
        """Failed checks that end a run; at least 1."""
        return max(1, self.threshold or 0)

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


class EngineSpec(EngineModel):
    """``spec.engine``: ours. Times in Go's grammar."""

    settle: str | None = Field(
        default=None,
        description="How long a written weight takes to act where nothing confirms it; 2s.",
        json_schema_extra={
            "x-kubernetes-validations": [
                {
                    "rule": f"self.matches('{ENGINE_DURATION}')",
                    "message": "must be a duration such as 2s or 1m30s",
                }
            ]
        },
    )
    drain: str | None = Field(
        default=None,
        description="How long requests of a former weight may still run; 5s.",
        json_schema_extra={
            "x-kubernetes-validations": [
                {
                    "rule": f"self.matches('{ENGINE_DURATION}')",
                    "message": "must be a duration such as 5s or 1m30s",
                }
            ]
        },
    )


class CanarySpec(Model):
    """``Canary.spec``."""

    provider: Provider | None = None
    metrics_server: str | None = None
    target_ref: TargetRef
    autoscaler_ref: AutoscalerRef | None = None
    ingress_ref: IngressRef | None = None
    route_ref: RouteRef | None = None
    upstream_ref: UpstreamRef | None = None
    service: ServiceSpec | None = None
    analysis: AnalysisSpec
    progress_deadline_seconds: int | None = None
    skip_analysis: bool = False
    revert_on_deletion: bool = False
    suspend: bool = False
    engine: EngineSpec | None = None

    @property
    def deadline(self) -> int:
        """Seconds that a workload may be unready before the run fails; 600 unless positive."""
        seconds = self.progress_deadline_seconds or 0
        return seconds if seconds > 0 else 600
