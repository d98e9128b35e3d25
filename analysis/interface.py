"""What a metric source is. Third parties ship one as a wheel, entry point ``canary.metrics``."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

import aiohttp

from analysis.outcome import Outcome

API = 1
"""Version of this interface; a source that declares another one is refused."""


class Capability(StrEnum):
    """Optional fields of a MetricTemplate's provider that a source honours."""

    HEADERS = "headers"
    REGION = "region"
    INSECURE_SKIP_VERIFY = "insecureSkipVerify"


class SourceError(Exception):
    """A connection can't be built from these settings; the text is fit for an event."""


class Connection(Protocol):
    """One metrics server with its credentials. Neither method raises."""

    identity: Hashable
    """Equal for connections that get the same answer to the same query."""

    async def query(self, text: str) -> Outcome:
        """Run a rendered query."""

    async def online(self) -> str | None:
        """Why the server can't be used, or None."""


class Source(Protocol):
    """A kind of metrics server."""

    api: int
    type: str
    secret_keys: Sequence[str]
    """Keys that it reads from the Secret."""
    capabilities: frozenset[Capability]

    def connect(
        self,
        provider: Mapping[str, Any],
        secret: Mapping[str, bytes] | None,
        window: str,
        session: aiohttp.ClientSession,
        timeout: float,
    ) -> Connection:
        """A connection for ``spec.provider`` of a MetricTemplate, without any I/O.

        ``secret`` is None without a ``secretRef``; ``window`` is the metric's interval as written;
        ``timeout`` bounds each query, in seconds. Raises SourceError.
        """
