"""How long one attempt of a hook may take."""

from __future__ import annotations

from analysis.duration import DurationError, parse
from canary.api.hooks import Webhook

DEFAULT_TIMEOUT = 10.0
"""Seconds."""


class InvalidTimeout(ValueError):
    """The hook's ``timeout`` is no positive duration; the text says what is accepted."""


def hook_timeout(hook: Webhook) -> float:
    """Seconds for one attempt with its redirects and its body; raises InvalidTimeout.

    One rule for all types (webhooks 8.11): Flagger reads a single character as 10 s and takes
    ``0s`` for no limit.
    """
    if not hook.timeout:
        return DEFAULT_TIMEOUT
    try:
        seconds = parse(hook.timeout)
    except DurationError:
        seconds = 0.0
    if seconds <= 0:
        raise InvalidTimeout(
            f'"{hook.timeout}" is not accepted, give a positive duration such as 10s or 1m30s'
        )
    return seconds
