"""What a metric check is about, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from analysis.interface import Connection
from analysis.models import Metric, MetricProviderSpec, MetricTemplateSpec
from analysis.template import Value, render
from analysis.threshold import Limits, Measure, limits, violation, worst


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: names that queries may use, and where pass A asks.

    ``provider`` is the resolved metrics provider (``istio``, ``gatewayapi:v1``, ...).
    """

    canary: str
    namespace: str
    target: str
    service: str
    ingress: str
    route: str
    provider: str
    metrics_server: str
    kind: str = "Deployment"
    """Kind of the target."""

    @property
    def name(self) -> str:
        """``NAME.NAMESPACE`` of the Canary."""
        return f"{self.canary}.{self.namespace}"


@dataclass(frozen=True, slots=True)
class Check:
    """One metric that was measured, or couldn't be.

    ``text`` is the event of a failed one, empty when it passed; ``error``: it is logged as one.
    ``number`` is the worst value in the unit of the exported gauge (seconds for durations), None
    without a value.
    """

    metric: str
    value: str
    limit: str
    text: str = ""
    error: bool = False
    number: float | None = None


class TemplateProblem(Exception):
    """A MetricTemplate, or its Secret, that can't be used; the text ends an event."""


@dataclass(frozen=True, slots=True)
class Template:
    """A MetricTemplate with the data of its Secret (None without a ``secretRef``)."""

    spec: MetricTemplateSpec
    secret: Mapping[str, bytes] | None


class Templates(Protocol):
    """Where MetricTemplates come from."""

    async def find(self, namespace: str, name: str) -> Template:
        """The template; raises TemplateProblem."""


Connect = Callable[[MetricProviderSpec, Mapping[str, bytes] | None, str], Connection]


def rendered(text: str, metric: Metric, subject: Subject) -> str:
    """A query for ``metric`` and ``subject``; raises TemplateError."""
    variables: Mapping[str, str] = metric.template_variables or {}
    functions: dict[str, Value] = {
        "name": subject.canary,
        "namespace": subject.namespace,
        "target": subject.target,
        "service": subject.service,
        "ingress": subject.ingress,
        "route": subject.route,
        "interval": metric.window,
        "variables": variables,
    }
    return render(text, functions)


def failed(metric: Metric, measure: Measure, text: str, *, error: bool = False) -> Check:
    """A check without a value: ``text`` says why, ``error`` whether something is broken."""
    return Check(metric.name, "no value", str(limits(metric, measure)), text, error)


def compared(metric: Metric, measure: Measure, subject: Subject, values: Sequence[float]) -> Check:
    """The check of measured ``values`` against the metric's bounds; the worst one counts."""
    bounds: Limits = limits(metric, measure)
    value = worst(values, bounds)
    text = violation(subject.name, metric.name, values, bounds) or ""
    number = value / 1000 if measure is Measure.DURATION else value
    return Check(metric.name, bounds.show_value(value), str(bounds), text, number=number)
