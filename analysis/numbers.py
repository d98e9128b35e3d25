"""Numbers as Flagger's events write them."""

from __future__ import annotations

import math


def shortest(value: float) -> str:
    """The shortest decimal that reads back as ``value``: ``99``, ``99.5``, ``1e+06``, ``1e-05``.

    Go's ``%v``: exponents below -4 and from 6 on are written as such, with at least two digits.
    """
    if not math.isfinite(value):
        return _special(value)
    if value == 0:
        return "-0" if math.copysign(1.0, value) < 0 else "0"
    sign = "-" if value < 0 else ""
    digits, exponent = _digits(abs(value))
    if -4 <= exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    if 0 <= exponent < 6:
        return sign + _point(digits.ljust(exponent + 1, "0"), exponent + 1)
    return f"{sign}{_point(digits, 1)}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def two_decimals(value: float) -> str:
    """A measured value in an event."""
    return f"{value:.2f}" if math.isfinite(value) else _special(value)


def _digits(value: float) -> tuple[str, int]:
    """Significant digits and decimal exponent; Python's ``repr`` is the shortest round trip."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, part = mantissa.partition(".")
    leading = (whole + part).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + part) - len(leading))
    return leading.rstrip("0"), point - 1


def _point(digits: str, at: int) -> str:
    return digits if len(digits) <= at else f"{digits[:at]}.{digits[at:]}"


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "+Inf" if value > 0 else "-Inf"
