"""``eq ne lt le gt ge``."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.template.display import display, type_name
from analysis.template.errors import Fault
from analysis.template.nodes import Value


def eq(first: Value, *others: Value) -> bool:
    """Whether ``first`` equals one of the others."""
    if not others:
        raise Fault("missing argument for comparison")
    return any(_same(first, other) for other in others)


def ne(first: Value, second: Value) -> bool:
    """Whether the two differ."""
    return not _same(first, second)


def lt(first: Value, second: Value) -> bool:
    """Whether ``first`` comes before ``second``: numbers of one type, or strings by bytes."""
    match first, second:
        case (None | Mapping(), _) | (_, None | Mapping()) | (bool(), bool()):
            raise Fault("invalid type for comparison")
        case str(), str():
            return first.encode("utf-8", "replace") < second.encode("utf-8", "replace")
        case (int() | float(), int() | float()) if type(first) is type(second):
            return first < second
    raise _incompatible(first, second)


def le(first: Value, second: Value) -> bool:
    """``lt`` or ``eq``."""
    return lt(first, second) or eq(first, second)


def gt(first: Value, second: Value) -> bool:
    """Not ``le``."""
    return not le(first, second)


def ge(first: Value, second: Value) -> bool:
    """Not ``lt``."""
    return not lt(first, second)


def _same(first: Value, second: Value) -> bool:
    if first is None or second is None:
        return first is second
    if type_name(first) != type_name(second):
        raise _incompatible(first, second)
    if isinstance(first, Mapping):
        raise Fault(f"non-comparable type {display(first)}: {type_name(first)}")
    return first == second


def _incompatible(first: Value, second: Value) -> Fault:
    types = f"{type_name(first)} and {type_name(second)}"
    return Fault(f"incompatible types for comparison: {types}")
