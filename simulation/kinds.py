"""The kinds of faults, and what each one may change.

A *transparent* fault may cost time and nothing else: the run has to end as the fault-free one does.
The others change what the engine is told or what users want, so that another end may be right;
every promise holds all the same, and after healing the next release ends as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulation.plan import Boundary, Fault


@dataclass(frozen=True, slots=True)
class Kind:
    """``lasts`` is for how long it may make the engine blind (seconds), ``only`` the methods of
    requests that it applies to (empty: all)."""

    transparent: bool = True
    lasts: float = 0.0
    only: tuple[str, ...] = ()


WRITES = ("POST", "PUT", "PATCH", "DELETE")
_API = {
    "crash-before": Kind(),
    "crash-after": Kind(),
    "409": Kind(only=WRITES),
    "404": Kind(),
    "exists": Kind(only=("POST",)),
    "410": Kind(only=("GET",)),
    "422": Kind(only=WRITES),
    "429": Kind(),
    "500": Kind(),
    "503": Kind(),
    "lost": Kind(),
    "applied": Kind(only=WRITES),
    "late": Kind(only=WRITES, lasts=25.0),
    "slow": Kind(),
    "stale": Kind(only=("GET",)),
    "rival": Kind(),
    "compact": Kind(),
}
_LEASE = {
    kind: _API[kind] for kind in ("crash-before", "409", "404", "500", "lost", "applied", "late")
}
_WATCH = {
    "crash-before": Kind(),
    "drop": Kind(),
    "gone": Kind(),
    "late": Kind(lasts=20.0),
    "double": Kind(),
    # Longer than a progress deadline: a canary that nobody sees become ready may fail for it.
    "silent": Kind(False, lasts=135.0),
}
_QUESTION = {
    "crash-before": Kind(),
    "crash-after": Kind(),
    "down": Kind(False),
    "slow": Kind(),
    "hang": Kind(False),
    "overdue": Kind(False),
    "refuse": Kind(False),
    "flap": Kind(False),
    "empty": Kind(False),
    "nan": Kind(False),
    "missing": Kind(False),
    "stale": Kind(False),
    "reset": Kind(False),
}
_CLOCK = {"ahead": Kind(False), "behind": Kind(False), "drift": Kind(False)}
_ACT = {
    name: Kind(False)
    for name in (
        "image", "bad-image", "old-image", "broken-image", "config", "secret", "to-zero",
        "replicas", "suspend", "spec", "skip", "drop-target", "drop-primary", "drop-apex",
        "drop-route", "drop-service", "drop-pin", "drop-copy", "route-by-hand", "primary-by-hand",
        "scale-primary", "label", "gitops", "autoscaler", "delete", "pods-fail",
        "abort", "promote", "pause", "resume", "retry", "approve",
    )
}  # fmt: skip

KINDS: Mapping[Boundary, Mapping[str, Kind]] = {
    Boundary.API: _API,
    Boundary.LEASE: _LEASE,
    Boundary.WATCH: _WATCH,
    Boundary.QUESTION: _QUESTION,
    Boundary.CLOCK: _CLOCK,
    Boundary.ACT: _ACT,
}


def kind_of(fault: Fault) -> Kind:
    """What a fault is; raises ValueError for a kind that its boundary doesn't know."""
    known = KINDS[fault.boundary]
    if fault.kind not in known:
        raise ValueError(f"{fault}: boundary {fault.boundary} knows {', '.join(known)}")
    return known[fault.kind]


def transparent(faults: tuple[Fault, ...]) -> bool:
    """Whether a run under ``faults`` has to end as the one without them."""
    return all(kind_of(fault).transparent for fault in faults)


def blind(faults: tuple[Fault, ...]) -> float:
    """Seconds for which ``faults`` may keep the engine's view behind the cluster."""
    return sum(kind_of(fault).lasts * fault.times for fault in faults)
