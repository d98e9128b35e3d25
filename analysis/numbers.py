"""Numbers as Flagger's events write them."""

from __future__ import annotations

import math


def shortest(value: float) -> str:
    """The shortest decimal that reads back as ``value``: ``99``, ``99.5``, ``1e+06``, ``1e-05``.

    Go's ``%v``: exponents below -4 and from 6 on are written as such, with at least two digits.
    """
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    if value == 0:
        return "0"
    mantissa, exponent = repr_parts(value)
    if -4 <= exponent < 6:
        return _plain(value)
    sign = "+" if exponent >= 0 else "-"
    return f"{mantissa}e{sign}{abs(exponent):02d}"


def repr_parts(value: float) -> tuple[str, int]:
    """Mantissa and decimal exponent of the shortest representation."""
    for precision in range(17):
        text = f"{value:.{precision}e}"
        if float(text) == value:
            mantissa, exponent = text.split("e")
            return mantissa, int(exponent)
    raise AssertionError(value)


def _plain(value: float) -> str:
    mantissa, exponent = repr_parts(value)
    places = max(0, len(mantissa.lstrip("-").replace(".", "")) - 1 - exponent)
    return f"{value:.{places}f}"


def two_decimals(value: float) -> str:
    """A measured value in an event."""
    return f"{value:.2f}"
