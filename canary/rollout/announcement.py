"""What is told of a rollout: events, and alerts beside them."""

from __future__ import annotations

from dataclasses import dataclass

from canary.api.hooks import HookType, Severity


@dataclass(frozen=True, slots=True)
class Alert:
    """A message for a chat.

    ``meta``: it also says what the Canary is about and how it is judged. ``evidence`` are names
    and values of what led to it: metric, value, limit, revision.
    """

    severity: Severity
    text: str
    meta: bool = False
    evidence: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something to tell: queued by the write that made it true, dropped once delivered.

    It is an event, and for some moments an ``alert`` beside it: both are delivered, or neither.
    """

    seq: int
    text: str
    warning: bool = False
    error: bool = False
    """Logged at level error (Flagger logs most warnings at info)."""
    alert: Alert | None = None
    phase: str = ""
    """The phase that it led to."""
    hooks: HookType | None = None
    """Instead of an event: the webhooks of this type are called, and what they say is told."""
