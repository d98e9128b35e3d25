"""The arithmetic of a rolling update, pure: how many pods come and go."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Counts:
    """Pods that aren't ending: of the newest template and of older ones, and how many serve."""

    new: int
    new_available: int
    old: int
    old_available: int


@dataclass(frozen=True, slots=True)
class Change:
    """What to do next."""

    create_new: int = 0
    delete_new: int = 0
    delete_old: int = 0


def _share(value: Any, of: int, *, up: bool) -> int:
    if isinstance(value, str) and value.endswith("%"):
        exact = of * int(value[:-1]) / 100
        return math.ceil(exact) if up else math.floor(exact)
    return int(value or 0)


def most(desired: int, strategy: Mapping[str, Any]) -> int:
    """How many pods there may be at once."""
    rolling = strategy.get("rollingUpdate") or {}
    recreates = strategy.get("type") == "Recreate"
    surge = 0 if recreates else _share(rolling.get("maxSurge", "25%"), desired, up=True)
    return desired + surge if desired else 0


def next_change(counts: Counts, desired: int, strategy: Mapping[str, Any]) -> Change:
    """One round of the Deployment controller."""
    if strategy.get("type") == "Recreate":
        if counts.old:
            return Change(delete_old=counts.old)
        return _towards(counts.new, desired)
    rolling = strategy.get("rollingUpdate") or {}
    surge = _share(rolling.get("maxSurge", "25%"), desired, up=True)
    missing = _share(rolling.get("maxUnavailable", "25%"), desired, up=False)
    if surge == 0 and missing == 0:
        missing = 1
    if counts.new > desired:
        return Change(delete_new=counts.new - desired)
    room = desired + surge - counts.new - counts.old
    create = max(0, min(desired - counts.new, room))
    available = counts.new_available + counts.old_available
    # Old pods that don't serve go first; those that do, as long as enough others are left.
    spare = max(0, available - (desired - missing))
    idle_old = counts.old - counts.old_available
    unready_new = counts.new - counts.new_available
    may_go = max(0, counts.new + counts.old - (desired - missing) - unready_new)
    delete_old = min(counts.old, may_go, idle_old + min(counts.old_available, spare))
    return Change(create_new=create, delete_old=delete_old)


def _towards(have: int, desired: int) -> Change:
    if have > desired:
        return Change(delete_new=have - desired)
    return Change(create_new=desired - have)
