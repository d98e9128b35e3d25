"""Telling drift from our own doing, and not fighting over it without end."""

from __future__ import annotations

from canary.controller.memory import Budget, Memory
from canary.kube.resources import Obj, Resource

LIMIT = 5
"""Corrections of one object within WINDOW before it counts as contested."""
WINDOW = 60.0
BACKOFF = 30.0
"""Seconds: a contested object is corrected at most this often."""


def may_correct(memory: Memory, resource: Resource, name: str, now: float) -> float:
    """0 when the object may be corrected now, else the monotonic time from when it may."""
    budget = memory.budgets.setdefault((resource, name), Budget())
    budget.times = [t for t in budget.times if now - t < WINDOW]
    budget.contested = len(budget.times) >= LIMIT
    if budget.contested and now < budget.times[-1] + BACKOFF:
        return budget.times[-1] + BACKOFF
    return 0.0


def corrected(memory: Memory, resource: Resource, name: str, now: float) -> None:
    """One more correction of this object."""
    memory.budgets[(resource, name)].times.append(now)


def contested(memory: Memory) -> list[tuple[Resource, str]]:
    """The objects that somebody else keeps changing back."""
    return [place for place, budget in memory.budgets.items() if budget.contested]


def other_manager(obj: Obj, ours: str) -> str:
    """Who, besides us, last wrote this object; ``somebody`` when the object doesn't tell."""
    entries = obj.get("metadata", {}).get("managedFields") or ()
    names = [e.get("manager", "") for e in entries if e.get("subresource", "") == ""]
    others = [name for name in names if name and name != ours]
    return others[-1] if others else "somebody"
