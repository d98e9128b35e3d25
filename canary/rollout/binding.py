"""What a run is bound to: the router, the workload, and the names of Services and routes.

An edit of one of these while users are split would leave the former route at its last split, and
let it lead to a canary that goes to zero. So it counts when nothing is left on that route.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from canary.api.canary import Canary

_INGRESS = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress"}
_FIELDS: Mapping[str, str] = {
    "provider": "spec.provider",
    "kind": "spec.targetRef.kind",
    "target": "spec.targetRef.name",
    "service": "spec.service.name",
    "ingress": "spec.ingressRef.name",
}


@dataclass(frozen=True, slots=True)
class Binding:
    """By field of the spec; ``provider`` is the effective one, ``service`` is empty where it is
    the target's, ``ingress`` where there is none."""

    provider: str
    kind: str
    target: str
    service: str = ""
    ingress: str = ""


def binding(canary: Canary, provider: str) -> Binding:
    """What ``canary`` asks for; ``provider`` is that of whoever names none."""
    spec, target = canary.spec, canary.spec.target_ref
    service = (spec.service.name if spec.service else None) or ""
    return Binding(
        spec.provider or provider,
        target.kind,
        target.name,
        "" if service == target.name else service,
        spec.ingress_ref.name if spec.ingress_ref else "",
    )


def differences(held: Binding, wanted: Binding) -> Iterator[tuple[str, str]]:
    """The edited fields, each with its path and what is said of both values."""
    before, after = asdict(held), asdict(wanted)
    for name, field in _FIELDS.items():
        if before[name] != after[name]:
            yield field, f"{after[name] or '(none)'} instead of {before[name] or '(none)'}"


def bound(spec: Mapping[str, Any], held: Binding) -> dict[str, Any]:
    """The raw ``spec`` with what a run is bound to."""
    target = {**spec["targetRef"], "kind": held.kind, "name": held.target}
    found = {**spec, "provider": held.provider, "targetRef": target}
    if spec.get("service"):
        service = {key: value for key, value in spec["service"].items() if key != "name"}
        found["service"] = {**service, **({"name": held.service} if held.service else {})}
    found.pop("ingressRef", None)
    if held.ingress:
        found["ingressRef"] = {**(spec.get("ingressRef") or _INGRESS), "name": held.ingress}
    return found
