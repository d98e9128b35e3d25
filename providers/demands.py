"""What a Canary asks of its traffic provider, beside what the provider says it can do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from providers import names
from providers.interface import Capability, Object, Problem, Provider
from providers.optional import unable


class _Demand(NamedTuple):
    """A field of ``spec.analysis``, the capability that it needs, and what is said without."""

    field: str
    needs: Capability
    lack: str
    instead: str


_MATCH = _Demand("match", Capability.MATCH, "can't send requests by a condition", "remove it")
_STEPS = _Demand("engine.steps", Capability.WEIGHTS, "can't weight traffic", "give iterations")
_LEFT_OUT = (
    _Demand("mirror", Capability.MIRROR, "can't mirror requests", "no copy is sent"),
    _Demand(
        "sessionAffinity",
        Capability.SESSION_AFFINITY,
        "has no sticky sessions",
        "no cookie is handed out",
    ),
)


def able(provider: Provider, canary: Object) -> frozenset[Capability]:
    """What ``provider`` can do for this Canary."""
    return provider.capabilities - frozenset(_taken_away(provider, canary))


def unmet(provider: Provider, canary: Object) -> Iterator[Problem]:
    """The demands without which a rollout isn't what was asked for (D7).

    A match is none of a provider without weights: it routes nobody to the canary, on no condition.
    """
    if Capability.WEIGHTS in provider.capabilities:
        yield from _lacking(_MATCH, provider, canary)
    yield from _lacking(_STEPS, provider, canary)


def left_out(provider: Provider, canary: Object) -> Iterator[Problem]:
    """The demands that a rollout goes on without where ``provider`` doesn't meet them (D10)."""
    for demand in _LEFT_OUT:
        yield from _lacking(demand, provider, canary)


def _lacking(demand: _Demand, provider: Provider, canary: Object) -> Iterator[Problem]:
    asked: Any = names.analysis(canary)
    for part in demand.field.split("."):
        asked = (asked or {}).get(part)
    if not asked or demand.needs in able(provider, canary):
        return
    path = f"spec.analysis.{demand.field}"
    why = _taken_away(provider, canary).get(demand.needs, "")
    lack = f"{demand.lack} {why}".rstrip() if demand.needs in provider.capabilities else demand.lack
    text = f"{path} is set, but provider {provider.name} {lack}: {demand.instead}"
    yield Problem(path, text)


def _taken_away(provider: Provider, canary: Object) -> Mapping[Capability, str]:
    """What this spec leaves a provider without, and by which part of it.

    A cookie has no say in an A/B test: who matches is on the canary, and nobody else (D12).
    """
    found = dict(unable(provider, canary))
    if names.analysis(canary).get("match"):
        found.setdefault(Capability.SESSION_AFFINITY, "beside spec.analysis.match")
    return found
