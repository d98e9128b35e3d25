"""Queries over HTTP: whatever the server does, an outcome comes back in time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Hashable, Mapping
from typing import Any

import aiohttp
from multidict import CIMultiDict

from analysis.duration import format_go
from analysis.interface import API, Capability, Connection
from analysis.outcome import FailureKind, NoValues, Outcome, QueryFailed, Values
from analysis.prometheus.address import Address, parse_address
from analysis.prometheus.answer import QUOTED, read_answer, read_error
from analysis.prometheus.headers import Headers, request_headers
from analysis.proxy import proxy_for

LARGEST_BODY = 10 * 1024 * 1024
"""Bytes of an answer; an instant value per series needs a fraction of it."""

REDIRECTS = 10

_UNTIMED = aiohttp.ClientTimeout(total=None)
_PROBE = "vector(1)"


class _TooLarge(Exception):
    """The body has more than LARGEST_BODY bytes."""


class PrometheusConnection:
    """One server with one set of credentials; the session is the caller's, and open."""

    def __init__(
        self,
        address: Address,
        headers: Headers,
        verify: bool,
        session: aiohttp.ClientSession,
        timeout: float,
    ) -> None:
        self.identity: Hashable = (address, headers, verify)
        self._address = address
        self._headers = headers
        self._verify = verify
        self._session = session
        self._timeout = timeout

    async def query(self, text: str) -> Outcome:
        """The instant values of a PromQL expression."""
        stage = "request failed"
        url = self._address.query_url(text)
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._session.get(
                    url,
                    headers=CIMultiDict(self._headers),
                    ssl=self._verify,
                    proxy=proxy_for(url, os.environ),
                    timeout=_UNTIMED,
                    max_redirects=REDIRECTS,
                ) as response,
            ):
                stage = "error reading body"
                body = await _read(response)
        except TimeoutError:
            cause = f"no whole answer within {format_go(self._timeout)}"
            return QueryFailed(f"{stage}: {cause}", FailureKind.TIMEOUT)
        except _TooLarge as error:
            return QueryFailed(f"{stage}: {error}", FailureKind.INVALID)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return QueryFailed(f"{stage}: {_cause(error)}", FailureKind.UNREACHABLE)
        if response.status >= 400:
            return read_error(response.status, response.reason or "", body)
        return read_answer(body)

    async def online(self) -> str | None:
        """Whether the server answers a trivial query."""
        match await self.query(_PROBE):
            case Values((1.0,)):
                return None
            case Values():
                return f"value is not 1 for query: {_PROBE}"
            case NoValues(text) | QueryFailed(text):
                return f"running query failed: {text}"


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _TooLarge(f"more than {LARGEST_BODY} bytes")
    return bytes(body)


def _cause(error: Exception) -> str:
    if isinstance(error, aiohttp.TooManyRedirects):
        return f"stopped after {REDIRECTS} redirects"
    return str(error)[:QUOTED] or type(error).__name__


class Prometheus:
    """The source for ``type: prometheus``."""

    api = API
    type = "prometheus"
    secret_keys = ("token", "username", "password")
    capabilities = frozenset({Capability.HEADERS, Capability.INSECURE_SKIP_VERIFY})

    def connect(
        self,
        provider: Mapping[str, Any],
        secret: Mapping[str, bytes] | None,
        window: str,
        session: aiohttp.ClientSession,
        timeout: float,
    ) -> Connection:
        """A connection; the window is part of the query's text and not looked at."""
        address = parse_address(provider.get("address") or "")
        headers = request_headers(provider.get("headers") or {}, secret, address.login)
        verify = not provider.get("insecureSkipVerify")
        return PrometheusConnection(address, headers, verify, session, timeout)


SOURCE = Prometheus()
