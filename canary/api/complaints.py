"""pydantic's findings in the words of the people who write manifests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from analysis.models import INTERVAL_PATTERN

_WHOLE = "must be a whole number of at most 64 bits"
_TEXT = "must be text"
_OBJECT = "must be an object"

_FIXED: Mapping[str, str] = {
    "missing": "is required",
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": _TEXT,
    "list_type": "must be a list",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
}

_FROM_CONTEXT: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "literal_error": lambda ctx: f"must be one of {ctx['expected']}",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
    "string_too_long": lambda ctx: f"must have at most {ctx['max_length']} characters",
    "string_too_short": lambda ctx: f"must have at least {ctx['min_length']} characters",
    "too_long": lambda ctx: f"must have at most {ctx['max_length']} elements",
    "string_pattern_mismatch": lambda ctx: _pattern(ctx["pattern"]),
    "value_error": lambda ctx: str(ctx["error"]),
}


def complaint(finding: ErrorDetails) -> str:
    """What is accepted in the place of what was found: ``must be a whole number ...``."""
    kind = finding["type"]
    if kind in _FIXED:
        return _FIXED[kind]
    if kind in _FROM_CONTEXT:
        return _FROM_CONTEXT[kind](finding["ctx"])
    return f"is refused: {finding['msg']}"


def _pattern(pattern: str) -> str:
    if pattern == INTERVAL_PATTERN:
        return "must be a duration that begins with whole minutes or seconds, such as 30s or 1m30s"
    return f"must match {pattern}"
