"""``spec.engine``: the fields that Flagger doesn't have."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from analysis.duration import parse
from canary.api.base import EngineModel
from canary.api.engine_duration import EngineDuration

DEFAULT_SETTLE = 2.0
"""Seconds after which a written weight acts where nothing confirms it."""

DEFAULT_DRAIN = 5.0
"""Seconds that requests of a former weight may still take."""

MOST_DEPENDENCIES = 50
"""Canaries that one may depend on."""


class CanaryRef(EngineModel):
    """Reference to a Canary; the namespace defaults to one's own."""

    name: Annotated[str, Field(min_length=1)]
    namespace: str | None = None


class EngineSpec(EngineModel):
    """What Flagger has no field for, beside the analysis. No field is required."""

    settle: EngineDuration | None = Field(
        default=None,
        description="How long a written weight takes to act where nothing confirms it; "
        "2s when absent.",
    )
    drain: EngineDuration | None = Field(
        default=None,
        description="How long requests of a former weight may still run; 5s when absent.",
    )

    depends_on: list[CanaryRef] | None = Field(
        default=None,
        max_length=MOST_DEPENDENCIES,
        description="Canaries that have to be at rest and promoted before a rollout starts.",
    )

    @property
    def settle_seconds(self) -> float:
        """``settle`` in seconds, or its default."""
        return DEFAULT_SETTLE if self.settle is None else parse(self.settle)

    @property
    def drain_seconds(self) -> float:
        """``drain`` in seconds, or its default."""
        return DEFAULT_DRAIN if self.drain is None else parse(self.drain)
