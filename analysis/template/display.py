"""How values look in the output, and what their types are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.numbers import shortest
from analysis.template.nodes import Value

_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
}


def display(value: Value) -> str:
    """A value as Go's ``%v`` writes it; maps by sorted key."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case float():
            return shortest(value)
        case Mapping():
            inner = " ".join(f"{key}:{value[key]}" for key in sorted(value))
            return f"map[{inner}]"
        case _:
            return str(value)


def type_name(value: Value) -> str:
    """Go's name of a value's type."""
    match value:
        case None:
            return "nil"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float64"
        case str():
            return "string"
        case _:
            return "map[string]string"


def truth(value: Value) -> bool:
    """What ``if`` makes of a value: empty, zero and absent are false."""
    return bool(value)


def joined(values: Sequence[Value]) -> str:
    """Go's ``Sprint``: a space between neighbours of which neither is a string."""
    out: list[str] = []
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            out.append(" ")
        out.append(display(value))
    return "".join(out)


def quote(text: str, mark: str = '"') -> str:
    """A Go literal of ``text``."""
    out = [mark]
    for char in text:
        if char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif char == mark:
            out.append("\\" + char)
        elif char.isprintable():
            out.append(char)
        elif ord(char) < 0x80:
            out.append(f"\\x{ord(char):02x}")
        elif ord(char) < 0x10000:
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(f"\\U{ord(char):08x}")
    return "".join(out) + mark
