"""Metric checks and metric templates, as Flagger 1.44 accepts them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

INTERVAL_PATTERN = "^[0-9]+(m|s)"
"""What the CRD asks of a duration; the engine then parses it with Go's grammar."""

DEFAULT_WINDOW = "1m"
"""Query window of a metric without ``interval``."""

ProviderType = Literal[
    "prometheus",
    "influxdb",
    "datadog",
    "externalmetrics",
    "stackdriver",
    "cloudwatch",
    "newrelic",
    "graphite",
    "dynatrace",
    "keptn",
    "splunk",
]


class Model(BaseModel):
    """Camel-case names, unknown fields kept, nothing changed in place."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="allow", frozen=True
    )


class ThresholdRange(Model):
    """Accepted values, bounds included; an absent bound doesn't bind."""

    min: float | None = None
    max: float | None = None


class TemplateRef(Model):
    """Reference to a MetricTemplate; the namespace defaults to the Canary's."""

    name: str
    namespace: str | None = None


class Metric(Model):
    """An entry of ``analysis.metrics``."""

    name: str
    interval: str | None = Field(default=None, pattern=INTERVAL_PATTERN)
    threshold: float | None = None
    threshold_range: ThresholdRange | None = None
    query: str | None = None
    template_ref: TemplateRef | None = None
    template_variables: dict[str, str] | None = None

    @property
    def window(self) -> str:
        """The query window, as text."""
        return self.interval or DEFAULT_WINDOW


class SecretRef(Model):
    """Reference to a Secret in the same namespace."""

    name: str


class MetricProvider(Model):
    """Where a MetricTemplate's query goes."""

    type: ProviderType
    address: str | None = None
    headers: dict[str, list[str]] | None = None
    secret_ref: SecretRef | None = None
    region: str | None = None
    insecure_skip_verify: bool = False


class MetricTemplateSpec(Model):
    """``spec`` of a MetricTemplate."""

    provider: MetricProvider
    query: str
