"""``printf``: Go's verbs for the types that templates know."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.template.display import display, quote, type_name
from analysis.template.errors import Fault
from analysis.template.nodes import Value

_VERB = re.compile(
    r"%(?P<flags>[-+# 0]*)(?P<width>[0-9]*)(?:\.(?P<precision>[0-9]*))?(?P<verb>.?)", re.S
)
_WIDEST = 1_000
_INTEGER_BASES = "dboxX"


@dataclass(frozen=True, slots=True)
class _Shape:
    """What stands between the ``%`` and the verb."""

    flags: str
    width: int
    precision: int | None

    def sign(self, negative: bool) -> str:
        if negative:
            return "-"
        return "+" if "+" in self.flags else " " if " " in self.flags else ""

    def padded(self, text: str, zeros: bool = True) -> str:
        if "-" in self.flags:
            return text.ljust(self.width)
        return text.rjust(self.width, "0" if zeros and "0" in self.flags else " ")

    def padded_number(self, sign: str, digits: str, zeros: bool = True) -> str:
        """Zeros come between sign and digits."""
        if zeros and "0" in self.flags and "-" not in self.flags:
            return sign + digits.rjust(self.width - len(sign), "0")
        return self.padded(sign + digits, zeros=False)


def printf(template: str, args: Sequence[Value]) -> str:
    """``template`` with its verbs replaced; what doesn't fit is marked in the text, as in Go.

    Raises Fault for ``%O`` and ``%w``, for ``*``, ``[n]`` and ``#``, and beyond a width of 1000.
    """
    rest = list(args)
    out = _VERB.sub(lambda found: _replace(found, rest), template)
    if rest:
        out += f"%!(EXTRA {', '.join(map(_with_type, rest))})"
    return out


def _with_type(value: Value) -> str:
    return "<nil>" if value is None else f"{type_name(value)}={display(value)}"


def _replace(found: re.Match[str], args: list[Value]) -> str:
    verb, flags = found["verb"], found["flags"]
    if not verb:
        return "%!(NOVERB)"
    if verb == "%":
        return "%"
    if verb in "*[Ow" or "#" in flags:
        raise Fault(f"printf: {found.group()} is not supported")
    width = int(found["width"] or 0)
    precision = None if found["precision"] is None else int(found["precision"] or 0)
    if max(width, precision or 0) > _WIDEST:
        raise Fault(f"printf: {found.group()} is wider than {_WIDEST}")
    if not args:
        return f"%!{verb}(MISSING)"
    if verb == "v":
        # Go's ``%+v`` is about the fields of structs; it adds no sign.
        flags = flags.replace("+", "")
    return _formatted(verb, args.pop(0), _Shape(flags, width, precision))


def _formatted(verb: str, value: Value, shape: _Shape) -> str:
    """The value by that verb, or a mark that the verb isn't for its type."""
    if value is None:
        return shape.padded("<nil>") if verb in "Tv" else f"%!{verb}(<nil>)"
    text = _string("s", type_name(value), shape) if verb == "T" else _verb(verb, value, shape)
    if text is None:
        return f"%!{verb}({type_name(value)}={_formatted('v', value, shape)})"
    return text


def _verb(verb: str, value: Value, shape: _Shape) -> str | None:
    match value:
        case bool():
            return shape.padded(display(value)) if verb in "tv" else None
        case int():
            return _integer(verb, value, shape)
        case float():
            return _float(verb, value, shape)
        case str():
            return _string(verb, value, shape)
        case Mapping():
            # Each key and value is shaped, and marked, on its own.
            keys = sorted(value)
            parts = ((_formatted(verb, part, shape) for part in (key, value[key])) for key in keys)
            return f"map[{' '.join(map(':'.join, parts))}]"
    return None


def _string(verb: str, value: str, shape: _Shape) -> str | None:
    if verb in "xX":
        if " " in shape.flags:
            raise Fault(f"printf: % {verb} of a string is not supported")
        digits = value.encode("utf-8", "replace")[: shape.precision].hex()
        return shape.padded(digits.upper() if verb == "X" else digits)
    cut = value[: shape.precision]
    if verb == "q":
        return shape.padded(_quoted(cut, '"', shape))
    return shape.padded(cut) if verb in "sv" else None


def _quoted(text: str, mark: str, shape: _Shape) -> str:
    if "+" in shape.flags:
        raise Fault("printf: %+q is not supported")
    return quote(text, mark)


def _integer(verb: str, value: int, shape: _Shape) -> str | None:
    precision = shape.precision
    if verb == "U":
        digits = f"{value % 2**64:X}".rjust(max(4, precision or 0), "0")
        return shape.padded(f"U+{digits}", zeros=False)
    if verb in "cq":
        point = value if 0 <= value <= 0x10FFFF and not 0xD800 <= value < 0xE000 else 0xFFFD
        return shape.padded(chr(point) if verb == "c" else _quoted(chr(point), "'", shape))
    base = "d" if verb == "v" else verb
    if base not in _INTEGER_BASES:
        return None
    if precision == 0 and value == 0:
        return " " * shape.width
    digits = format(abs(value), base).rjust(precision or 0, "0")
    return shape.padded_number(shape.sign(value < 0), digits, zeros=precision is None)


def _float(verb: str, value: float, shape: _Shape) -> str | None:
    if verb in "bxX":
        raise Fault(f"printf: %{verb} of a float is not supported")
    if verb not in "eEfFgGv":
        return None
    if verb in "gGv" and shape.precision is None:
        digits = display(abs(value))
        digits = digits.upper() if verb == "G" else digits
    else:
        kind = "g" if verb == "v" else verb
        digits = format(abs(value), f".{6 if shape.precision is None else shape.precision}{kind}")
    return shape.padded_number(shape.sign(math.copysign(1.0, value) < 0), digits)
