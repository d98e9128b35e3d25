"""Metric checks and metric templates, as Flagger 1.44 accepts them."""

from __future__ import annotations

from typing import Annotated, Literal

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

Bound = Annotated[float, Field(allow_inf_nan=False)]
"""A threshold; comparisons with NaN would always pass."""


class Model(BaseModel):
    """Camel-case names, unknown fields kept, nothing changed in place."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="allow", frozen=True
    )


class ThresholdRange(Model):
    """Accepted values, bounds included; an absent bound doesn't bind."""

    min: Bound | None = Field(default=None, description="Lowest value that passes")
    max: Bound | None = Field(default=None, description="Highest value that passes")


class TemplateRef(Model):
    """Reference to a MetricTemplate; the namespace defaults to the Canary's."""

    name: str = Field(description="Name of the MetricTemplate")
    namespace: str | None = Field(
        default=None, description="Namespace of the MetricTemplate; default: the Canary's"
    )


class Metric(Model):
    """An entry of ``analysis.metrics``."""

    name: str = Field(
        description="request-success-rate and request-duration are built in; else a label"
    )
    interval: str | None = Field(
        default=None, pattern=INTERVAL_PATTERN, description="Window of the query; default: 1m"
    )
    threshold: Bound | None = Field(
        default=None, description="Deprecated single bound; use thresholdRange"
    )
    threshold_range: ThresholdRange | None = Field(
        default=None, description="Values that pass, bounds included"
    )
    query: str | None = Field(
        default=None, description="Deprecated inline PromQL template; use templateRef"
    )
    template_ref: TemplateRef | None = Field(
        default=None, description="MetricTemplate that holds the query"
    )
    template_variables: dict[str, str] | None = Field(
        default=None, description="Values of {{ variables.key }} in the query"
    )

    @property
    def window(self) -> str:
        """The query window, as text."""
        return self.interval or DEFAULT_WINDOW


class SecretRef(Model):
    """Reference to a Secret in the same namespace."""

    name: str = Field(description="Name of the Secret")


class MetricProviderSpec(Model):
    """Where a MetricTemplate's query goes."""

    type: ProviderType = Field(description="Kind of metrics server")
    address: str | None = Field(default=None, description="Base URL of the metrics server")
    headers: dict[str, list[str]] | None = Field(
        default=None, description="HTTP headers to send; several values repeat the header"
    )
    secret_ref: SecretRef | None = Field(
        default=None, description="Secret with the credentials, in the template's namespace"
    )
    region: str | None = Field(default=None, description="Region of the metrics service")
    insecure_skip_verify: bool = Field(
        default=False, description="Accept any TLS certificate of the metrics server"
    )


class MetricTemplateSpec(Model):
    """``spec`` of a MetricTemplate."""

    provider: MetricProviderSpec = Field(description="Where the query goes")
    query: str = Field(description="Template of the query")
