"""The three resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict

from analysis.models import MetricTemplateSpec, SecretRef
from canary.api.base import Metadata, Model
from canary.api.decode import FieldProblem, InvalidObject, decode
from canary.api.spec import CanarySpec
from canary.api.status import CanaryStatus, Condition, Phase

__all__ = [
    "AlertProvider",
    "AlertProviderSpec",
    "Canary",
    "CanaryStatus",
    "Condition",
    "FieldProblem",
    "InvalidObject",
    "MetricTemplate",
    "Phase",
    "parse",
    "parse_alert_provider",
    "parse_metric_template",
]

INT32_FIELDS = (
    "spec.progressDeadlineSeconds",
    "spec.service.port",
    "spec.service.retries.attempts",
    "spec.autoscalerRef.primaryScalerReplicas.minReplicas",
    "spec.autoscalerRef.primaryScalerReplicas.maxReplicas",
)
"""Whole numbers that Kubernetes and Flagger hold in 32 bits; all others have 64."""


class Canary(Model):
    """A workload whose changes are rolled out step by step."""

    metadata: Metadata
    spec: CanarySpec
    status: CanaryStatus | None = None


class MetricTemplate(Model):
    """A query that several Canaries share."""

    metadata: Metadata
    spec: MetricTemplateSpec


class AlertProviderSpec(Model):
    """Where alerts go: ``address``, or a Secret that holds it, or a token beside the address.

    Flagger's schema forbids both (notifications 7.7); in ours ``oneOf`` becomes ``anyOf``.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["type", "address"]}, {"required": ["type", "secretRef"]}]
        }
    )

    type: Literal["slack", "msteams", "discord", "rocket", "gchat"]
    channel: str | None = None
    username: str | None = None
    address: str | None = None
    secret_ref: SecretRef | None = None
    proxy: str | None = None


class AlertProvider(Model):
    """A receiver of alerts."""

    metadata: Metadata
    spec: AlertProviderSpec


def parse(obj: Mapping[str, Any]) -> Canary:
    """The Canary in an object of the API; raises InvalidObject, which names every wrong field."""
    return decode(Canary, obj, INT32_FIELDS)


def parse_metric_template(obj: Mapping[str, Any]) -> MetricTemplate:
    """The MetricTemplate in an object of the API; raises InvalidObject."""
    return decode(MetricTemplate, obj)


def parse_alert_provider(obj: Mapping[str, Any]) -> AlertProvider:
    """The AlertProvider in an object of the API; raises InvalidObject."""
    return decode(AlertProvider, obj)
