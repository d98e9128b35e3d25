"""The address of a Prometheus server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from yarl import URL

from analysis.interface import SourceError

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")
_WHITE_SPACE = re.compile(r"[ \t\n\f\r]+")


@dataclass(frozen=True, slots=True)
class Address:
    """``base`` has neither user info nor query nor a trailing slash."""

    base: str
    login: tuple[str, str] | None

    def query_url(self, text: str) -> URL:
        """Where to ask for the instant value of ``text``, its white space collapsed."""
        query = urlencode({"query": _WHITE_SPACE.sub(" ", text)}, errors="replace")
        return URL(f"{self.base}/api/v1/query?{query}", encoded=True)


def parse_address(address: str) -> Address:
    """The parts of ``address``; raises SourceError if it isn't an HTTP(S) URL."""
    refusal = SourceError(f"prometheus address {address} is not a valid URL")
    if _UNPRINTABLE.search(address):
        raise refusal
    try:
        url = URL(address)
        # The port is checked only when it is read.
        usable = url.scheme in ("http", "https") and url.host and url.port
    except ValueError as error:
        raise refusal from error
    if not usable:
        raise refusal
    given = url.user is not None or url.password is not None
    login = (url.user or "", url.password or "") if given else None
    return Address(f"{url.origin()}{url.raw_path.rstrip('/')}", login)
