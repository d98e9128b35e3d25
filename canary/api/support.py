"""The one table of API parts whose behaviour comes later. It shrinks to nothing.

Refused means: stored by the API server, but not run, and traffic untouched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from canary.api.canary import Canary, MetricTemplate

PROVIDERS = ("gatewayapi:v1", "istio", "kubernetes", "nginx")
"""Traffic providers that are there."""

METRIC_SOURCES = ("prometheus",)
"""Types of MetricTemplate that are there."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A part of the spec that this engine doesn't run yet."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class _Row:
    """A part that is refused where ``present``; ``accepted`` says what runs today."""

    field: str
    present: Callable[[Canary], bool]
    accepted: str


_TABLE = (
    _Row(
        "spec.targetRef.apiVersion",
        lambda c: c.spec.target_ref.is_knative,
        "accepted are Deployment and DaemonSet of apps/v1 and Service of v1",
    ),
)


def refusals(canary: Canary, provider: str) -> tuple[Refusal, ...]:
    """The parts of ``canary`` that are refused under the effective ``provider``.

    A reference to an Ingress, a route or an upstream is nothing to refuse: only providers that are
    refused themselves read it.
    """
    found = [
        Refusal(row.field, f"is not supported by this version yet: {row.accepted}")
        for row in _TABLE
        if row.present(canary)
    ]
    return (*_unless("spec.provider", provider, PROVIDERS), *found)


def template_refusals(template: MetricTemplate) -> tuple[Refusal, ...]:
    """The parts of a resolved ``template`` that are refused."""
    return _unless("spec.provider.type", template.spec.provider.type, METRIC_SOURCES)


def _unless(field: str, value: str, accepted: tuple[str, ...]) -> tuple[Refusal, ...]:
    if value in accepted:
        return ()
    names = ", ".join(accepted)
    return (Refusal(field, f"{value} is not supported by this version yet: accepted are {names}"),)
