"""Durations as Kubernetes manifests spell them."""

from __future__ import annotations

import re
from fractions import Fraction

_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")


def whole_seconds(text: str) -> int | None:
    """Whole seconds of a Go duration; None when it is none (such as ``1d``), or negative."""
    if text == "0":
        return 0
    if not re.fullmatch(f"(?:{_PART.pattern})+", text):
        return None
    total = sum(Fraction(number) * _NANOSECONDS[unit] for number, unit in _PART.findall(text))
    return int(total / _NANOSECONDS["s"])
