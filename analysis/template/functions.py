"""The stock functions, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analysis.template import comparison, escaping
from analysis.template.display import display, joined, truth, type_name
from analysis.template.errors import Fault
from analysis.template.formatting import printf
from analysis.template.nodes import Value


@dataclass(frozen=True, slots=True)
class Function:
    """A function and how many arguments it takes; ``most`` None: any number."""

    run: Callable[..., Value]
    least: int = 0
    most: int | None = None

    def miscounted(self, count: int) -> str | None:
        """What a call with ``count`` arguments gets wrong."""
        if self.most is None:
            return f"want at least {self.least} got {count}" if count < self.least else None
        return f"want {self.most} got {count}" if count != self.most else None


def _index(item: Value, *keys: Value) -> Value:
    if item is None:
        raise Fault("index of untyped nil")
    for key in keys:
        item = _element(item, key)
    return item


def _element(item: Value, key: Value) -> Value:
    match item:
        case str():
            position = _position(key, len(_bytes(item)) - 1, "index")
            return _bytes(item)[position]
        case Mapping():
            if not isinstance(key, str):
                found = "is nil" if key is None else f"has type {type_name(key)}"
                raise Fault(f"value {found}; should be string")
            return item.get(key, "")
    raise Fault(f"can't index item of type {type_name(item)}")


def _position(key: Value, highest: int, verb: str) -> int:
    if key is None:
        raise Fault(f"cannot {verb} slice/array with nil")
    if isinstance(key, bool) or not isinstance(key, int):
        raise Fault(f"cannot {verb} slice/array with type {type_name(key)}")
    if not 0 <= key <= highest:
        raise Fault(f"index out of range: {key}")
    return key


def _slice(item: Value, *bounds: Value) -> Value:
    if item is None:
        raise Fault("slice of untyped nil")
    if len(bounds) > 3:
        raise Fault(f"too many slice indexes: {len(bounds)}")
    if not isinstance(item, str):
        raise Fault(f"can't slice item of type {type_name(item)}")
    if len(bounds) == 3:
        raise Fault("cannot 3-index slice a string")
    raw = _bytes(item)
    start, end = 0, len(raw)
    if bounds:
        start = _position(bounds[0], len(raw), "index")
    if len(bounds) == 2:
        end = _position(bounds[1], len(raw), "index")
    if start > end:
        raise Fault(f"invalid slice index: {start} > {end}")
    try:
        return raw[start:end].decode()
    except UnicodeDecodeError:
        raise Fault(f"slice {start}:{end} cuts through a character") from None


def _len(item: Value) -> Value:
    match item:
        case None:
            raise Fault("len of nil pointer")
        case str():
            return len(_bytes(item))
        case Mapping():
            return len(item)
    raise Fault(f"len of type {type_name(item)}")


def _bytes(text: str) -> bytes:
    """Go counts strings in bytes of UTF-8."""
    return text.encode("utf-8", "replace")


def _printf(template: Value, *args: Value) -> Value:
    if not isinstance(template, str):
        raise Fault(f"wrong type for value; expected string; got {type_name(template)}")
    return printf(template, args)


def _println(*values: Value) -> Value:
    return " ".join(map(display, values)) + "\n"


def _evaluated(values: Sequence[Value]) -> str:
    """What the escaping functions escape; unlike ``print`` they call an absent value by name."""
    return joined(["<no value>" if value is None else value for value in values])


def _call(function: Value, *_: Value) -> Value:
    if function is None:
        raise Fault("call of nil")
    raise Fault(f"non-function of type {type_name(function)}")


LAZY = ("and", "or")
"""Functions whose later arguments aren't evaluated once the result is known."""

STOCK: Mapping[str, Function] = {
    "and": Function(lambda *values: values[-1], least=1),
    "or": Function(lambda *values: values[-1], least=1),
    "not": Function(lambda value: not truth(value), 1, 1),
    "eq": Function(comparison.eq, least=1),
    "ne": Function(comparison.ne, 2, 2),
    "lt": Function(comparison.lt, 2, 2),
    "le": Function(comparison.le, 2, 2),
    "gt": Function(comparison.gt, 2, 2),
    "ge": Function(comparison.ge, 2, 2),
    "print": Function(lambda *values: joined(values)),
    "printf": Function(_printf, least=1),
    "println": Function(_println),
    "index": Function(_index, least=1),
    "slice": Function(_slice, least=1),
    "len": Function(_len, 1, 1),
    "html": Function(lambda *values: escaping.html(_evaluated(values))),
    "js": Function(lambda *values: escaping.js(_evaluated(values))),
    "urlquery": Function(lambda *values: escaping.urlquery(_evaluated(values))),
    "call": Function(_call, least=1),
}
