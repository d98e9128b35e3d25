"""Is a weight of an HTTPRoute live? What its parents report (providers 24.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.interface import Liveness, Object

GROUP = "gateway.networking.k8s.io"


def liveness(route: Object, name: str) -> tuple[Liveness, str]:
    """Whether every parent has taken this generation over, and what is missing if not.

    All parents count, since any of them may carry traffic. One that never reports while another
    one does is waited for; where none has ever reported nothing can confirm.
    """
    namespace = route["metadata"]["namespace"]
    generation = int(route["metadata"].get("generation", 0))
    entries = (route.get("status") or {}).get("parents") or []
    parents = route["spec"].get("parentRefs") or []
    if not entries:
        return Liveness.UNCONFIRMED, f"HTTPRoute {name}: no parent reports; the settle time applies"
    warning = ""
    for parent in parents:
        found = [e for e in entries if _same(parent, e.get("parentRef") or {}, namespace)]
        if not found:
            return Liveness.PENDING, f"HTTPRoute {name} parent {parent['name']} has not reported"
        for entry in found:
            state, text = _entry(entry, generation, f"HTTPRoute {name} parent {parent['name']}")
            if state is Liveness.PENDING:
                return state, text
            warning = warning or text
    return (Liveness.UNCONFIRMED, warning) if warning else (Liveness.LIVE, "")


def _same(one: Mapping[str, Any], two: Mapping[str, Any], namespace: str) -> bool:
    """Whether two parentRefs mean one parent: a section or port that is absent means any."""
    if _normal(one, namespace) != _normal(two, namespace):
        return False
    return all(
        None in (one.get(field), two.get(field)) or one[field] == two[field]
        for field in ("sectionName", "port")
    )


def _normal(parent: Mapping[str, Any], namespace: str) -> tuple[Any, ...]:
    """A parentRef with the API server's defaults."""
    return (
        parent.get("group", GROUP),
        parent.get("kind", "Gateway"),
        parent.get("namespace") or namespace,
        parent.get("name"),
    )


def _entry(entry: Mapping[str, Any], generation: int, who: str) -> tuple[Liveness, str]:
    conditions = {c["type"]: c for c in entry.get("conditions") or ()}
    accepted = conditions.get("Accepted")
    if accepted is None:
        return Liveness.PENDING, f"{who} has no Accepted condition"
    status, seen = accepted.get("status"), int(accepted.get("observedGeneration") or 0)
    if status != "True" or 0 < seen < generation:
        return (
            Liveness.PENDING,
            f"{who} is not ready (status: {status}, observed generation: {seen}, "
            f"current generation: {generation})",
        )
    resolved = conditions.get("ResolvedRefs") or {}
    if resolved.get("status") == "False":
        return Liveness.PENDING, f"{who} can't resolve a backend: {resolved.get('message', '')}"
    if 0 < int(resolved.get("observedGeneration") or 0) < generation:
        return Liveness.PENDING, f"{who} has yet to resolve the backends of this generation"
    partial = conditions.get("PartiallyInvalid")
    if partial is not None and partial.get("status") == "True":
        at = int(partial.get("observedGeneration") or 0)
        if at in (0, generation):
            return Liveness.PENDING, f"{who} dropped a part: {partial.get('message', '')}"
    if seen == 0:
        return Liveness.LIVE, f"{who} reports no generation; the settle time applies"
    return Liveness.LIVE, ""
