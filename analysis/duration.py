"""Go's durations: its grammar, and its way of writing them."""

from __future__ import annotations

import re
from functools import lru_cache

_UNITS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
_UNIT = re.compile(r"[^0-9.]+")
_LARGEST = 2**63 / 1e9
"""Seconds that 64-bit nanoseconds can't hold any more."""


class DurationError(ValueError):
    """Text that is no duration, in the words of Go's parser."""


@lru_cache(maxsize=1024)
def parse(text: str) -> float:
    """Seconds of a duration such as ``1m30s``, ``500ms``, ``1.5h``, ``-3s`` or ``0``."""
    rest = text
    sign = -1.0 if rest.startswith("-") else 1.0
    if rest[:1] in ("-", "+"):
        rest = rest[1:]
    if rest == "0":
        return 0.0
    if not rest:
        raise DurationError(f'time: invalid duration "{text}"')
    total = 0.0
    while rest:
        number = _NUMBER.match(rest)
        if not number:
            raise DurationError(f'time: invalid duration "{text}"')
        rest = rest[number.end() :]
        unit = _UNIT.match(rest)
        if not unit:
            raise DurationError(f'time: missing unit in duration "{text}"')
        if unit.group() not in _UNITS:
            raise DurationError(f'time: unknown unit "{unit.group()}" in duration "{text}"')
        total += float(number.group()) * _UNITS[unit.group()]
        if total >= _LARGEST:
            raise DurationError(f'time: invalid duration "{text}"')
        rest = rest[unit.end() :]
    return sign * total


def format_go(seconds: float) -> str:
    """A finite duration as Go prints it: ``1.515s``, ``500ms``, ``1m30s``, ``1h0m0s``, ``0s``."""
    nanos = round(abs(seconds) * 1e9)
    sign = "-" if seconds < 0 and nanos else ""
    if nanos == 0:
        return "0s"
    if nanos < 1_000_000_000:
        for unit, size in (("ms", 1_000_000), ("µs", 1_000), ("ns", 1)):
            if nanos >= size:
                return f"{sign}{_decimal(nanos, size)}{unit}"
    minutes, rest = divmod(nanos, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(rest, 1_000_000_000)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    if hours:
        text = f"{hours}h{text}"
    return sign + text


def _decimal(value: int, size: int) -> str:
    whole, part = divmod(value, size)
    if not part:
        return str(whole)
    digits = str(part).rjust(len(str(size)) - 1, "0").rstrip("0")
    return f"{whole}.{digits}"
