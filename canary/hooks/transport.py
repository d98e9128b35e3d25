"""One attempt to call a hook: HTTP out, an answer or the reason why there is none back."""

from __future__ import annotations

import asyncio
import os
import ssl
from codecs import getincrementaldecoder
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from analysis.proxy import proxy_for
from canary import __version__
from canary.hooks.address import InvalidUrl, Unusable, quoted, target
from canary.hooks.causes import AWAITING, READING, cause_of, passing

LARGEST_BODY = 64 * 1024
"""Bytes of an answer that are read; what is longer costs the connection."""

KEPT_BODY = 1024
"""Bytes of an answer that are kept (webhooks 8.2)."""

REDIRECTS = 10

_KEEPING_METHOD = (307, 308)
_UNTIMED = aiohttp.ClientTimeout(total=None)


@dataclass(frozen=True, slots=True)
class HookRequest:
    """``timeout`` in seconds, for everything until the body is read."""

    url: str
    body: bytes
    key: str
    timeout: float
    verify: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; ``text`` is the beginning of its body."""

    status: int
    text: str = ""
    retry_after: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class NoReply:
    """No answer came; ``passing``: another attempt may end otherwise."""

    cause: str
    passing: bool


def open_session(
    tls: ssl.SSLContext | None = None, resolver: AbstractResolver | None = None
) -> aiohttp.ClientSession:
    """The session that all hooks share; its owner closes it.

    ``tls`` verifies certificates, by default with the system's roots. The number of connections
    isn't bounded: a hook may run for minutes, and others at the same host must not wait for it.
    """
    tracing = aiohttp.TraceConfig()
    tracing.on_connection_reuseconn.append(_note_reuse)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=tls or True, resolver=resolver, limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=[tracing],
        # Of a compressed body a few bytes may be gigabytes.
        auto_decompress=False,
        headers={"Accept-Encoding": "identity", "User-Agent": f"canary-engine/{__version__}"},
    )


async def _note_reuse(
    session: aiohttp.ClientSession,
    context: SimpleNamespace,
    params: aiohttp.TraceConnectionReuseconnParams,
) -> None:
    context.trace_request_ctx.reused = True


@dataclass(slots=True)
class _Hop:
    """Where an attempt is; redirects move it."""

    url: URL
    reused: bool = False
    reading: bool = False


class HttpTransport:
    """Calls over pooled connections."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        """``session`` is one of ``open_session``."""
        self._session = session

    async def send(self, request: HookRequest) -> Reply | NoReply:
        """One attempt; raises nothing but CancelledError."""
        try:
            hop = _Hop(target(request.url))
        except ValueError as error:
            return _lost(request.url, str(error), False)
        try:
            async with asyncio.timeout(request.timeout):
                return await self._follow(request, hop)
        except TimeoutError:
            return _no_reply(hop, READING if hop.reading else AWAITING, True)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _no_reply(hop, cause_of(error), passing(error))

    async def _follow(self, request: HookRequest, hop: _Hop) -> Reply | NoReply:
        """Follow redirects that repeat the POST; others would approve a gate by any page's 200."""
        for _ in range(REDIRECTS):
            reply = await self._post(request, hop)
            if reply.status not in _KEEPING_METHOD or not reply.location:
                return reply
            try:
                hop.url = target(reply.location, hop.url)
            except InvalidUrl as error:
                cause = f"failed to parse Location header {quoted(reply.location)}: {error}"
                return _no_reply(hop, cause, False)
            except Unusable as error:
                return _lost(reply.location, str(error), False)
        return _no_reply(hop, f"stopped after {REDIRECTS} redirects", False)

    async def _post(self, request: HookRequest, hop: _Hop) -> Reply:
        """One request, anew where a kept connection turns out to be closed by its server.

        The key tells the receiver that it is the same call. Each closed connection leaves the
        pool, so that the last one is fresh.
        """
        while True:
            hop.reused = False
            try:
                return await self._once(request, hop)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if not hop.reused or hop.reading:
                    raise

    async def _once(self, request: HookRequest, hop: _Hop) -> Reply:
        async with self._session.post(
            hop.url,
            data=request.body,
            headers={"Content-Type": "application/json", "Idempotency-Key": request.key},
            ssl=request.verify,
            proxy=proxy_for(hop.url, os.environ),
            timeout=_UNTIMED,
            allow_redirects=False,
            trace_request_ctx=hop,
        ) as response:
            hop.reading = True
            body = await _read(response)
            hop.reading = False
            return Reply(
                response.status,
                beginning(body),
                response.headers.get("Retry-After", ""),
                response.headers.get("Location", ""),
            )


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            break
    return bytes(body)


def beginning(body: bytes) -> str:
    """The first bytes of ``body`` as text, whatever they are; ``...`` says that it goes on."""
    whole = len(body) <= KEPT_BODY
    text = getincrementaldecoder("utf-8")("replace").decode(body[:KEPT_BODY], whole)
    return text if whole else f"{text}..."


def _no_reply(hop: _Hop, cause: str, again: bool) -> NoReply:
    stage = "error reading body: " if hop.reading else ""
    return _lost(str(hop.url), stage + cause, again)


def _lost(url: str, cause: str, again: bool) -> NoReply:
    return NoReply(f"Post {quoted(url)}: {cause}", again)
