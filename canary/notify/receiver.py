"""Where a message goes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

ChatType = Literal["slack", "msteams", "discord", "rocket", "gchat"]

DEFAULT_CHANNEL, DEFAULT_USERNAME = "general", "flagger"


@dataclass(frozen=True, slots=True)
class Receiver:
    """One chat. ``address`` and ``token`` are secrets: show ``shown(address)`` only.

    Without an address nothing is sent. ``proxy`` replaces what the environment says.
    """

    type: ChatType
    address: str = field(repr=False)
    channel: str = DEFAULT_CHANNEL
    username: str = DEFAULT_USERNAME
    token: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)


class NotSent(Exception):
    """A message that did not reach a receiver. ``again``: it may later.

    ``after`` is how long the receiver asked to wait, in seconds.
    """

    def __init__(self, text: str, *, again: bool = False, after: float = 0.0) -> None:
        super().__init__(text)
        self.again = again
        self.after = after


class Unusable(NotSent):
    """A receiver that can't be sent to as it is set up; the text says why."""


def absolute(address: str) -> bool:
    """Whether ``address`` is a whole http or https URL."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    plain = address.isprintable() and " " not in address
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0


def shown(address: str) -> str:
    """Scheme and host of ``address``; the rest usually is the secret (notifications 7.15)."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "", address
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    return f"{scheme}{separator}{host}"[:80]
