"""``Canary.spec``, field by field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from canary.api.analysis_spec import AnalysisSpec
from canary.api.base import Model, Whole
from canary.api.engine_spec import EngineSpec
from providers.models import IngressRef, RouteRef, ServiceSpec, UpstreamRef

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

DEFAULT_DEADLINE = 600
_DEFAULT_ENGINE = EngineSpec()


class TargetRef(Model):
    """The workload under management."""

    api_version: str
    kind: Literal["DaemonSet", "Deployment", "Service"]
    name: str

    @property
    def is_knative(self) -> bool:
        """A Knative Service rather than a Service of Kubernetes."""
        return self.kind == "Service" and self.api_version == "serving.knative.dev/v1"


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


class CanarySpec(Model):
    """What is rolled out, through which router, and how it is judged."""

    provider: Provider | None = None
    metrics_server: str | None = None
    target_ref: TargetRef
    autoscaler_ref: AutoscalerRef | None = None
    ingress_ref: IngressRef | None = None
    route_ref: RouteRef | None = None
    upstream_ref: UpstreamRef | None = None
    service: ServiceSpec | None = None
    analysis: AnalysisSpec
    progress_deadline_seconds: Whole | None = None
    skip_analysis: bool = False
    revert_on_deletion: bool = False
    suspend: bool = False
    engine: EngineSpec | None = None

    @property
    def scaler(self) -> AutoscalerRef | None:
        """``autoscalerRef``, where there is something to scale: neither a DaemonSet nor a Service
        has replicas."""
        return self.autoscaler_ref if self.target_ref.kind == "Deployment" else None

    @property
    def deadline(self) -> int:
        """Seconds that a workload may be unready before the run fails; 600 unless positive."""
        seconds = self.progress_deadline_seconds or 0
        return seconds if seconds > 0 else DEFAULT_DEADLINE

    @property
    def effective_engine(self) -> EngineSpec:
        """``engine``, or one that holds nothing but defaults."""
        return self.engine or _DEFAULT_ENGINE
