"""What a chat is told: a message, how bad it is, and a list of fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from canary.api.analysis_spec import AnalysisSpec
from canary.api.canary import Canary
from canary.api.hooks import Severity

_RANK: dict[Severity, int] = {"info": 0, "warn": 1, "error": 2}

Fields = tuple[tuple[str, str], ...]
"""Names and values, in the order in which people see them."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One message about ``subject``, the Canary as ``NAME.NAMESPACE``."""

    severity: Severity
    subject: str
    text: str
    fields: Fields = ()


def compose(
    canary: Canary,
    severity: Severity,
    text: str,
    *,
    cluster: str = "",
    meta: bool = False,
    evidence: Fields = (),
) -> Notification:
    """A message about ``canary``.

    ``cluster`` names where it runs, ``meta`` adds what the Canary is about and how it is judged,
    ``evidence`` comes last.
    """
    name = f"{canary.metadata.name}.{canary.metadata.namespace}"
    where = [("Cluster", cluster)] if cluster else []
    about = _about(canary) if meta else ()
    return Notification(severity, name, text, (*where, *about, *evidence))


def hears(threshold: Severity | str | None, severity: Severity) -> bool:
    """Whether a receiver with ``threshold`` is told; without one it hears everything (D26)."""
    return _RANK[severity] >= next((r for s, r in _RANK.items() if s == threshold), 0)


def _about(canary: Canary) -> Iterator[tuple[str, str]]:
    spec, target = canary.spec, canary.spec.target_ref
    yield "Target", f"{target.kind}/{target.name}.{canary.metadata.namespace}"
    yield "Failed checks threshold", str(spec.analysis.effective_threshold)
    yield "Progress deadline", f"{spec.deadline}s"
    routing = _routing(spec.analysis)
    if routing:
        yield "Traffic routing", routing


def _routing(analysis: AnalysisSpec) -> str:
    """The strategy in words; the maximum is the one that applies (notifications 7.13)."""
    if (analysis.iterations or 0) > 0:
        return "A/B Testing" if analysis.match else "Blue/Green"
    maximum = analysis.effective_max_weight
    if (analysis.step_weight or 0) > 0:
        return f"Weight step: {analysis.step_weight} max: {maximum}"
    if analysis.stays:
        return f"Weight steps: {_listed(stay.weight for stay in analysis.stays)} max: {maximum}"
    if analysis.step_weights:
        return f"Weight steps: {_listed(analysis.step_weights)} max: {maximum}"
    return ""


def _listed(weights: Iterable[int]) -> str:
    return ",".join(map(str, weights))
