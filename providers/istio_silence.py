"""What Istio's objects say by leaving it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SPOKEN = frozenset(
    {
        "attempts",
        "enabled",
        "consecutive5xxErrors",
        "consecutiveGatewayErrors",
        "consecutiveLocalOriginFailures",
    }
)
"""Fields whose false or 0 isn't what Istio does where they are absent (D49)."""


def silent(value: Any) -> Any:
    """``value`` without every false and 0 that says no more than absence does. Flagger leaves them
    out, so objects that it left are no different at a takeover."""
    if isinstance(value, Mapping):
        return {
            key: silent(item)
            for key, item in value.items()
            if key in _SPOKEN or not isinstance(item, int) or item
        }
    if isinstance(value, (list, tuple)):
        return [silent(item) for item in value]
    return value
