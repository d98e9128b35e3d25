"""The one table of API parts whose behaviour comes later. It shrinks to nothing.

Refused means: stored by the API server, but not run, and traffic untouched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from canary.api.canary import Canary

PROVIDERS = ("gatewayapi:v1", "istio")
"""Traffic providers that are there."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A part of the spec that this engine doesn't run yet."""

    field: str
    message: str


_LATER = "is not supported by this version of the engine yet; remove it or stay with Flagger"

_TABLE: tuple[tuple[str, Callable[[Canary], bool]], ...] = (
    ("spec.analysis.iterations", lambda c: (c.spec.analysis.iterations or 0) > 0),
    ("spec.analysis.match", lambda c: bool(c.spec.analysis.match)),
    ("spec.analysis.mirror", lambda c: c.spec.analysis.mirror),
    ("spec.analysis.mirrorWeight", lambda c: c.spec.analysis.mirror_weight > 0),
    ("spec.analysis.sessionAffinity", lambda c: c.spec.analysis.session_affinity is not None),
    ("spec.analysis.webhooks", lambda c: bool(c.spec.analysis.webhooks)),
    ("spec.analysis.alerts", lambda c: bool(c.spec.analysis.alerts)),
    ("spec.targetRef.kind", lambda c: c.spec.target_ref.kind != "Deployment"),
    ("spec.autoscalerRef", lambda c: c.spec.autoscaler_ref is not None),
    ("spec.revertOnDeletion", lambda c: c.spec.revert_on_deletion),
)


def refusals(canary: Canary, provider: str) -> tuple[Refusal, ...]:
    """The parts of ``canary`` that are refused under the effective ``provider``."""
    found = [Refusal(field, _LATER) for field, present in _TABLE if present(canary)]
    if provider not in PROVIDERS:
        accepted = ", ".join(PROVIDERS)
        found.insert(
            0,
            Refusal("spec.provider", f"{provider!r} is not supported yet; accepted are {accepted}"),
        )
    if canary.spec.service is None:
        found.append(Refusal("spec.service", "is missing: its port is needed"))
    return tuple(found)
