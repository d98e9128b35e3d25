"""The form of durations in ``engine:`` blocks; model and CRD ask for the same."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from analysis.duration import DurationError, parse

_PATTERN = r"^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$"
_ACCEPTED = "must be a duration such as 500ms, 2s or 1m30s"
_POSITIVE = "must be longer than nothing"


def _rule(pattern: str, message: str) -> dict[str, str]:
    """A CEL rule; in CEL's string literals a backslash is written twice."""
    escaped = pattern.replace("\\", "\\\\")
    return {"rule": f"self.matches('{escaped}')", "message": message}


_FORM = _rule(_PATTERN, _ACCEPTED)


def _checked(text: str) -> str:
    if not re.fullmatch(_PATTERN, text):
        raise ValueError(_ACCEPTED)
    try:
        parse(text)
    except DurationError as error:
        raise ValueError(f"{_ACCEPTED}; this one exceeds 64 bits") from error
    return text


def _positive(text: str) -> str:
    if parse(text) <= 0:
        raise ValueError(_POSITIVE)
    return text


EngineDuration = Annotated[
    str,
    AfterValidator(_checked),
    Field(max_length=32, json_schema_extra={"x-kubernetes-validations": [_FORM]}),
]
"""A time in Go's grammar without a sign."""

PositiveDuration = Annotated[
    str,
    AfterValidator(_checked),
    AfterValidator(_positive),
    Field(
        max_length=32,
        json_schema_extra={"x-kubernetes-validations": [_FORM, _rule("[1-9]", _POSITIVE)]},
    ),
]
"""As EngineDuration, but not nothing."""
