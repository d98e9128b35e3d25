"""``spec.engine``: the fields that Flagger doesn't have."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from analysis.duration import DurationError, parse
from canary.api.base import EngineModel

DEFAULT_SETTLE = 2.0
"""Seconds after which a written weight acts where nothing confirms it."""

DEFAULT_DRAIN = 5.0
"""Seconds that requests of a former weight may still take."""

_PATTERN = r"^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$"
_ACCEPTED = "must be a duration such as 500ms, 2s or 1m30s"
# In CEL's string literals a backslash is written twice.
_RULE = f"self.matches('{_PATTERN}')".replace("\\", "\\\\")


def _checked(text: str) -> str:
    if not re.fullmatch(_PATTERN, text):
        raise ValueError(_ACCEPTED)
    try:
        parse(text)
    except DurationError as error:
        raise ValueError(f"{_ACCEPTED}; this one exceeds 64 bits") from error
    return text


EngineDuration = Annotated[
    str,
    AfterValidator(_checked),
    Field(
        max_length=32,
        json_schema_extra={"x-kubernetes-validations": [{"rule": _RULE, "message": _ACCEPTED}]},
    ),
]
"""A time in Go's grammar without a sign; model and CRD ask for the same form."""


class EngineSpec(EngineModel):
    """Times of the traffic layer. No field is required."""

    settle: EngineDuration | None = Field(
        default=None,
        description="How long a written weight takes to act where nothing confirms it; "
        "2s when absent.",
    )
    drain: EngineDuration | None = Field(
        default=None,
        description="How long requests of a former weight may still run; 5s when absent.",
    )

    @property
    def settle_seconds(self) -> float:
        """``settle`` in seconds, or its default."""
        return DEFAULT_SETTLE if self.settle is None else parse(self.settle)

    @property
    def drain_seconds(self) -> float:
        """``drain`` in seconds, or its default."""
        return DEFAULT_DRAIN if self.drain is None else parse(self.drain)
