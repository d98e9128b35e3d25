"""What the table of fields says of one field, and how a value becomes a manifest."""

from __future__ import annotations

import copy
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.fields.play import Play

KEY = "x-field"
"""The one key in a map of objects."""


class Applies(StrEnum):
    """When an edit in mid-rollout counts."""

    AT_ONCE = "at once"
    NEXT_RUN = "next run"
    NEW_OBJECTS = "new objects"
    NEVER = "-"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One leaf field of ``kind``.

    ``means`` is for fields whose model has no description. ``beside`` are parts of the same spec
    that the field needs. ``values`` are two that differ in their effect.
    """

    path: str
    kind: str = "Canary"
    means: str = ""
    values: tuple[Any, Any] = (None, None)
    beside: dict[str, Any] = field(default_factory=dict)
    applies: Applies = Applies.AT_ONCE
    item: int = 0
    """Which item of the lists in ``path`` is meant."""
    scene: str = "istio"
    """The rollout in which it is looked at."""

    @property
    def id(self) -> str:
        """What its tests have in brackets."""
        return f"{self.kind}:{self.path}"

    def spec(self, value: Any) -> dict[str, Any]:
        """The parts of a spec that give the field this value."""
        written: dict[str, Any] = nested(self.path, value, self.item)["spec"]
        return overlay(self.beside, written)


@dataclass(frozen=True, kw_only=True)
class Shown(Entry):
    """A field that stands in an object which the engine makes.

    ``place`` is ``KIND/NAME PATH``, ``wants`` what stands there (None: the values themselves).
    """

    place: str
    wants: tuple[Any, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Felt(Entry):
    """A field that changes how a rollout goes.

    ``look`` watches it go on from its first step, or with ``whole`` from the change of the image,
    and tells what came of it: ``wants``, for each of the values. ``late``: the field is given its
    value at the first step only. ``unwatched``: the promises aren't checked,
    since that asks for one route and one workload of the Canary's name.
    """

    look: Callable[[Play], Awaitable[Any]]
    wants: tuple[Any, Any]
    whole: bool = False
    late: bool = False
    unwatched: bool = False


@dataclass(frozen=True, kw_only=True)
class Without(Entry):
    """A field that changes nothing, and ``why``; where a value is refused, ``says`` is in the
    text that says so."""

    why: str
    says: str = ""
    applies: Applies = Applies.NEVER


def nested(path: str, value: Any, item: int = 0) -> dict[str, Any]:
    """``value`` at ``path``, as this item of each list and as ``KEY`` of each map."""
    found = value
    for token in reversed(re.findall(r"[^.\[\]{}]+|\[\]|\{\}", path)):
        if token == "[]":
            found = [*({} for _ in range(item)), found]
        else:
            found = {KEY if token == "{}" else token: found}
    return found


def overlay(base: Any, over: Any) -> Any:
    """``base`` with ``over`` laid upon it, lists item by item; None is for ``stripped``."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{name: overlay(base.get(name), value) for name, value in over.items()}}
    if _objects(base) and _objects(over):
        longest = range(max(len(base), len(over)))
        pairs = [(base[i : i + 1] or [None], over[i : i + 1]) for i in longest]
        return [overlay(a[0], b[0]) if b else a[0] for a, b in pairs]
    return copy.deepcopy(over)


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def stripped(value: Any) -> Any:
    """``value`` without members that are None."""
    if isinstance(value, dict):
        return {name: stripped(item) for name, item in value.items() if item is not None}
    return [stripped(item) for item in value] if isinstance(value, list) else value
