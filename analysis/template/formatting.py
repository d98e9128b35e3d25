"""``printf``: Go's verbs for the types that templates know."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from analysis.template.display import display, quote, type_name
from analysis.template.errors import Fault
from analysis.template.nodes import Value

_VERB = re.compile(
    r"%(?P<flags>[-+# 0]*)(?P<width>[0-9]*)(?:\.(?P<precision>[0-9]*))?(?P<verb>.?)", re.S
)
_WIDEST = 1_000
_INTEGER_BASES = {"d": "d", "b": "b", "o": "o", "x": "x", "X": "X"}


def printf(template: str, args: Sequence[Value]) -> str:
    """``template`` with its verbs replaced; what doesn't fit is marked in the text, as in Go.

    Raises Fault for a verb with ``*``, ``[n]`` or ``#``, or wider than 1000.
    """
    rest = list(args)
    out = _VERB.sub(lambda found: _replace(found, rest), template)
    if rest:
        extra = ", ".join(_with_type(value) for value in rest)
        out += f"%!(EXTRA {extra})"
    return out


def _with_type(value: Value) -> str:
    return "<nil>" if value is None else f"{type_name(value)}={display(value)}"


def _replace(found: re.Match[str], args: list[Value]) -> str:
    verb = found["verb"]
    if not verb:
        return "%!(NOVERB)"
    if verb == "%":
        return "%"
    if verb in "*[" or "#" in found["flags"]:
        raise Fault(f"printf: {found.group()} is not supported")
    width = int(found["width"] or 0)
    precision = None if found["precision"] is None else int(found["precision"] or 0)
    if max(width, precision or 0) > _WIDEST:
        raise Fault(f"printf: {found.group()} is wider than {_WIDEST}")
    if not args:
        return f"%!{verb}(MISSING)"
    value = args.pop(0)
    text = _verb(verb, value, found["flags"], precision)
    if text is None:
        return f"%!{verb}({_with_type(value)})"
    return _padded(text, value, found["flags"], width, precision)


def _verb(verb: str, value: Value, flags: str, precision: int | None) -> str | None:
    """The value by that verb, unpadded; None if the verb isn't for its type."""
    if verb == "T":
        return "<nil>" if value is None else type_name(value)
    match value:
        case None:
            return "<nil>" if verb == "v" else None
        case bool():
            return display(value) if verb in "tv" else None
        case int():
            return _integer(verb, value, flags, precision)
        case float():
            return _float(verb, value, flags, precision)
        case str():
            return _string(verb, value, flags, precision)
        case Mapping():
            return _mapping(verb, value, flags, precision)


def _string(verb: str, value: str, flags: str, precision: int | None) -> str | None:
    cut = value if precision is None else value[:precision]
    if verb in "sv":
        return cut
    if verb == "q":
        if "+" in flags:
            raise Fault("printf: %+q is not supported")
        return quote(cut)
    if verb in "xX":
        if " " in flags:
            raise Fault(f"printf: % {verb} of a string is not supported")
        digits = value.encode("utf-8", "replace")[:precision].hex()
        return digits.upper() if verb == "X" else digits
    return None


def _integer(verb: str, value: int, flags: str, precision: int | None) -> str | None:
    if verb in "cqU":
        point = value if 0 <= value <= 0x10FFFF and not 0xD800 <= value < 0xE000 else 0xFFFD
        shown = {"c": chr(point), "q": quote(chr(point), "'"), "U": f"U+{value % 2**64:04X}"}
        return shown[verb]
    base = "d" if verb == "v" else _INTEGER_BASES.get(verb)
    if base is None:
        return None
    digits = format(abs(value), base)
    if precision is not None:
        digits = "" if precision == 0 and value == 0 else digits.rjust(precision, "0")
    return _sign(value < 0, flags) + digits


def _float(verb: str, value: float, flags: str, precision: int | None) -> str | None:
    if verb in "bxX":
        raise Fault(f"printf: %{verb} of a float is not supported")
    if verb not in "eEfFgGv":
        return None
    if verb in "gGv" and precision is None:
        text = display(abs(value))
        text = text.upper() if verb == "G" else text
    else:
        kind = "g" if verb == "v" else verb
        text = format(abs(value), f".{6 if precision is None else precision}{kind}")
    return _sign(value < 0, flags) + text


def _mapping(verb: str, value: Mapping[str, str], flags: str, precision: int | None) -> str:
    """Each key and value by the verb, or marked on its own where it doesn't fit."""

    def shown(part: str) -> str:
        text = _string(verb, part, flags, precision)
        return f"%!{verb}({_with_type(part)})" if text is None else text

    return f"map[{' '.join(f'{shown(key)}:{shown(value[key])}' for key in sorted(value))}]"


def _sign(negative: bool, flags: str) -> str:
    if negative:
        return "-"
    return "+" if "+" in flags else " " if " " in flags else ""


def _padded(text: str, value: Value, flags: str, width: int, precision: int | None) -> str:
    if "-" in flags:
        return text.ljust(width)
    whole = isinstance(value, int) and not isinstance(value, bool)
    if "0" not in flags or (whole and precision is not None):
        return text.rjust(width)
    sign = text[:1] if whole or isinstance(value, float) else ""
    sign = sign if sign in ("+", "-", " ") else ""
    return sign + text[len(sign) :].rjust(width - len(sign), "0")
