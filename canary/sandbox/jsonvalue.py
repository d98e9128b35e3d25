"""Plain JSON values: copying, comparing, tidying."""

from __future__ import annotations

from typing import Any

import orjson

JsonObj = dict[str, Any]


def thaw(value: Any) -> Any:
    """A copy that may be changed; objects in the store never are."""
    return orjson.loads(orjson.dumps(value))


def same(a: Any, b: Any) -> bool:
    """Equality as JSON has it: ``true`` is not ``1``, the order of keys doesn't count."""
    return bool(a == b) and canonical(a) == canonical(b)


def canonical(value: Any) -> bytes:
    """One spelling for equal values."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def drop_nulls(value: Any) -> Any:
    """The value without members that are null: to a typed API null and absent are the same."""
    if isinstance(value, dict):
        return {
            key: drop_nulls(child) if isinstance(child, (dict, list)) else child
            for key, child in value.items()
            if child is not None
        }
    if isinstance(value, list):
        return [drop_nulls(child) for child in value]
    return value
