"""``Canary.status``, as Flagger writes it, and the engine's own record beside it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from canary.api.base import Model, Whole

Phase = Literal[
    "",
    "Initializing",
    "Initialized",
    "Waiting",
    "Progressing",
    "WaitingPromotion",
    "Promoting",
    "Finalising",
    "Succeeded",
    "Failed",
    "Terminating",
    "Terminated",
]

_DATE_TIME = {"format": "date-time"}


class Condition(Model):
    """A condition; Flagger writes exactly one, of type ``Promoted``."""

    type: str
    status: str
    reason: str
    message: str | None = None
    last_update_time: str | None = Field(default=None, json_schema_extra={**_DATE_TIME})
    last_transition_time: str | None = Field(default=None, json_schema_extra={**_DATE_TIME})


class CanaryStatus(Model):
    """The state of a rollout."""

    phase: Phase | None = None
    failed_checks: Whole | None = None
    canary_weight: Whole | None = None
    iterations: Whole | None = None
    session_affinity_cookie: str | None = None
    primary_session_affinity_cookie: str | None = None
    previous_session_affinity_cookie: str | None = None
    tracked_configs: dict[str, str] | None = None
    last_applied_spec: str | None = None
    last_promoted_spec: str | None = None
    last_transition_time: str | None = Field(default=None, json_schema_extra={**_DATE_TIME})
    conditions: list[Condition] | None = None
    engine: dict[str, Any] | None = Field(
        default=None,
        description="The engine's own record. Not for reading by others.",
        json_schema_extra={"x-kubernetes-preserve-unknown-fields": True},
    )
