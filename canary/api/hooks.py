"""``analysis.webhooks`` and ``analysis.alerts``."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from analysis.models import INTERVAL_PATTERN
from canary.api.base import Model, Whole


class HookType(StrEnum):
    """When a webhook is called, and what its answer decides."""

    CONFIRM_ROLLOUT = "confirm-rollout"
    PRE_ROLLOUT = "pre-rollout"
    ROLLOUT = "rollout"
    CONFIRM_TRAFFIC_INCREASE = "confirm-traffic-increase"
    CONFIRM_PROMOTION = "confirm-promotion"
    POST_ROLLOUT = "post-rollout"
    ROLLBACK = "rollback"
    EVENT = "event"


class Webhook(Model):
    """A gate or an external check."""

    name: str
    url: str = Field(json_schema_extra={"format": "url"})
    type: (
        Literal[
            "",
            "confirm-rollout",
            "pre-rollout",
            "rollout",
            "confirm-promotion",
            "post-rollout",
            "event",
            "rollback",
            "confirm-traffic-increase",
        ]
        | None
    ) = None
    mute_alert: bool = False
    timeout: str | None = Field(default=None, pattern=INTERVAL_PATTERN)
    retries: Whole = 0
    disable_tls: bool = Field(default=False, alias="disableTLS")
    metadata: dict[str, str] | None = None

    @property
    def hook_type(self) -> HookType:
        """``type``, which is ``rollout`` when left out."""
        return HookType(self.type or "rollout")


Severity = Literal["info", "warn", "error"]
"""How bad the news of an alert is, in rising order."""


class ProviderRef(Model):
    """Reference to an AlertProvider; the namespace defaults to the Canary's."""

    name: str
    namespace: str | None = None


class Alert(Model):
    """Where an alert goes, from which severity on."""

    name: str
    severity: Literal["", "info", "warn", "error"] | None = None
    provider_ref: ProviderRef
