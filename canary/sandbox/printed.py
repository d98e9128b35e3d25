"""Pieces of printed tables: ages, selectors, lists that go on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from canary.sandbox.jsonvalue import JsonObj

NONE = "<none>"
UNKNOWN = "<unknown>"

_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]|\['([^']+)'\]|\\\.")


def age(timestamp: Any, now: datetime) -> str:
    """How long ago, as kubectl puts it; ``<unknown>`` without a time."""
    if not isinstance(timestamp, str) or not timestamp:
        return UNKNOWN
    then = datetime.fromisoformat(timestamp.replace("Z", "+00:00")).astimezone(UTC)
    return duration(int((now - then).total_seconds()))


def duration(seconds: int) -> str:
    """Two units at most: ``47s``, ``6m56s``, ``3h``, ``2d4h``, ``5y``."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 0:
        return "<invalid>" if seconds < -1 else "0s"
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return _pair(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        return _pair(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    if days < 2920:
        return _pair(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _pair(big: int, unit: str, small: int, below: str) -> str:
    return f"{big}{unit}{small}{below}" if small else f"{big}{unit}"


def labels(found: Mapping[str, str] | None) -> str:
    """``a=b,c=d``, or ``<none>``."""
    return ",".join(f"{key}={value}" for key, value in sorted((found or {}).items())) or NONE


def selector(spec: Mapping[str, Any] | None) -> str:
    """A LabelSelector in one line."""
    spec = spec or {}
    parts = [(key, f"{key}={value}") for key, value in (spec.get("matchLabels") or {}).items()]
    for one in spec.get("matchExpressions") or ():
        key, operator = one["key"], one["operator"]
        values = ",".join(sorted(one.get("values") or ()))
        parts.append(
            (
                key,
                {
                    "In": f"{key} in ({values})",
                    "NotIn": f"{key} notin ({values})",
                    "Exists": key,
                    "DoesNotExist": f"!{key}",
                }[operator],
            )
        )
    return ",".join(text for _, text in sorted(parts)) or NONE


def first_three(values: Sequence[str]) -> str:
    """At most three, and how many more there are."""
    if not values:
        return "<unset>"
    text = ",".join(values[:3])
    return f"{text} + {len(values) - 3} more..." if len(values) > 3 else text


def at_path(obj: JsonObj, path: str) -> Any:
    """The value at a simple JSONPath (``.a.b[0]``, ``['c.d']``, conditions by type)."""
    found = re.fullmatch(r"(.*)\[\?\(@\.(\w+)\s*==\s*['\"]([^'\"]+)['\"]\)\](.*)", path)
    if found:
        items = at_path(obj, found[1]) or ()
        hit = next((one for one in items if one.get(found[2]) == found[3]), None)
        return None if hit is None else at_path(hit, found[4])
    value: Any = obj
    for step in _STEP.finditer(path):
        name, index = step[1] or step[3], step[2]
        if index is not None:
            usable = isinstance(value, list) and int(index) < len(value)
            value = value[int(index)] if usable else None
        else:
            value = value.get(name) if isinstance(value, Mapping) else None
    return value
