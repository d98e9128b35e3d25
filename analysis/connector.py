"""Connections to metrics servers, all over one session, with identical queries shared."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Mapping

import aiohttp

from analysis.flights import Flights
from analysis.interface import Capability, Connection
from analysis.interface import Source as MetricSource
from analysis.models import MetricProviderSpec
from analysis.outcome import Outcome
from analysis.registry import installed, source

log = logging.getLogger("analysis.connector")

QUERY_TIMEOUT = 5.0
"""Seconds for a whole query."""


def open_session() -> aiohttp.ClientSession:
    """The session that all metric sources share; its owner closes it.

    Connections are bounded for each server and not in total, so that a slow server can't take
    those of another. Cookies of one tenant's server are nobody else's business.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=64),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


class Connector:
    """Builds connections; cheap to call for every check, so that edits apply at the next one."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        timeout: float = QUERY_TIMEOUT,
        sources: Mapping[str, MetricSource] | None = None,
    ) -> None:
        """``timeout`` is in seconds; ``sources`` by type, default: all that are installed."""
        self._session = session
        self._timeout = timeout
        self._sources = installed() if sources is None else sources
        self._flights: Flights[Outcome] = Flights()
        self._warned: set[tuple[str, str]] = set()

    def __call__(
        self, provider: MetricProviderSpec, secret: Mapping[str, bytes] | None, window: str
    ) -> Connection:
        """A connection to ``provider``, without any I/O; raises SourceError."""
        found = source(provider.type, self._sources)
        self._warn_of_unused(provider, found)
        connection = found.connect(
            provider.model_dump(by_alias=True, exclude_none=True),
            secret,
            window,
            self._session,
            self._timeout,
        )
        return _Shared(provider.type, connection, self._flights)

    def _warn_of_unused(self, provider: MetricProviderSpec, found: MetricSource) -> None:
        """Flagger accepts fields that a source has no use for; here they are at least named."""
        given = {
            Capability.HEADERS: provider.headers,
            Capability.REGION: provider.region,
            Capability.INSECURE_SKIP_VERIFY: provider.insecure_skip_verify,
        }
        for field, value in given.items():
            if value and field not in found.capabilities:
                if (provider.type, field) not in self._warned:
                    log.warning("spec.provider.%s has no effect with %s", field, provider.type)
                self._warned.add((provider.type, field))


class _Shared:
    """A connection whose queries join those of its equals."""

    def __init__(self, type_: str, connection: Connection, flights: Flights[Outcome]) -> None:
        self.identity: Hashable = (type_, connection.identity)
        self._connection = connection
        self._flights = flights

    async def query(self, text: str) -> Outcome:
        return await self._flights.join((self.identity, text), lambda: self._connection.query(text))

    async def online(self) -> str | None:
        return await self._connection.online()
