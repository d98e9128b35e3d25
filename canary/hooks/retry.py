"""Which attempts are repeated, and how long to wait before that."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 30.0
"""Seconds between two attempts, also where the receiver asks for more (webhooks 8.13)."""

_TOLD = (429, 503)
"""Statuses whose ``Retry-After`` counts."""


def repeatable(status: int) -> bool:
    """Whether another attempt may end otherwise."""
    return status == 429 or (status >= 500 and status != 501)


def pause(attempt: int, status: int | None, retry_after: str, now: datetime) -> float:
    """Seconds to wait after the failed ``attempt``, the first being 1.

    ``status`` is None where no answer came; ``retry_after`` is the header's text, empty if absent.
    """
    told = _told(retry_after, now) if status in _TOLD else None
    if told is None:
        # Bounded before the power, which would grow without bound for thousands of attempts.
        told = 2.0 ** min(attempt - 1, 10)
    return min(told, LONGEST_PAUSE)


def _told(text: str, now: datetime) -> float | None:
    """Seconds from a number or an HTTP date; a date that is over means at once."""
    if text.isascii() and text.isdigit():
        # More digits than a float can hold mean more than the limit as well.
        return float(text[:300])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
