"""What a Canary asks of its traffic provider, beside what the provider says it can do."""

from __future__ import annotations

from collections.abc import Iterator

from providers import names
from providers.interface import Capability, Object, Problem, Provider


def unmet(provider: Provider, canary: Object) -> Iterator[Problem]:
    """The demands of ``spec.analysis`` that ``provider`` doesn't meet (D7).

    A match is none of a provider without weights: it routes nobody to the canary, on no condition.
    """
    analysis, can = names.analysis(canary), provider.capabilities
    if analysis.get("match") and Capability.WEIGHTS in can and Capability.MATCH not in can:
        yield _problem("match", provider, "can't send requests by a condition", "remove it")
    if (analysis.get("engine") or {}).get("steps") and Capability.WEIGHTS not in can:
        yield _problem("engine.steps", provider, "can't weight traffic", "give iterations")
    if analysis.get("sessionAffinity") and Capability.SESSION_AFFINITY not in can:
        yield _problem("sessionAffinity", provider, "has no sticky sessions", "remove it")


def left_out(provider: Provider, canary: Object) -> Iterator[Problem]:
    """The demands that a rollout does without where ``provider`` doesn't meet them (D10)."""
    if names.analysis(canary).get("mirror") and Capability.MIRROR not in provider.capabilities:
        yield _problem("mirror", provider, "can't mirror requests", "no copy is sent")


def _problem(field: str, provider: Provider, lack: str, remedy: str) -> Problem:
    path = f"spec.analysis.{field}"
    return Problem(path, f"{path} is set, but provider {provider.name} {lack}: {remedy}")
