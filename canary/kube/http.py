"""The real transport: HTTP to an API server, bytes in, bytes out."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from analysis.proxy import proxy_for
from canary import __version__
from canary.kube.credentials import Credentials, NotConfigured, load
from canary.kube.ratelimit import TokenBucket
from canary.kube.transport import Request, Response, TransportError, TransportTimeout

USER_AGENT = f"canary-engine/{__version__}"

_KEEPALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}
"""A peer that vanished is noticed within 30 s; the last one is in milliseconds."""


class HttpTransport:
    """Requests over pooled connections, limited by ``bucket``; watches aren't limited."""

    def __init__(
        self, session: aiohttp.ClientSession, credentials: Credentials, bucket: TokenBucket
    ) -> None:
        self._session = session
        self._credentials = credentials
        self._bucket = bucket
        configuration = credentials.configuration
        self._base = (configuration.host or "").rstrip("/")
        url = URL(self._base)
        if url.scheme not in ("http", "https") or not url.host:
            raise NotConfigured(f"Error building kubeconfig: {self._base!r} is no http(s) address")
        self._options: dict[str, Any] = {
            "proxy": configuration.proxy or proxy_for(url, os.environ),
            "server_hostname": configuration.tls_server_name,
        }

    def apart(self, qps: float, burst: int) -> HttpTransport:
        """The same connections with a limit of its own: a lease can't wait behind a rollout."""
        return HttpTransport(self._session, self._credentials, TokenBucket(qps, burst))

    async def request(self, request: Request) -> Response:
        """Send and wait for the whole answer; raises TransportError when none arrives."""
        with _errors_named(request):
            async with asyncio.timeout(request.timeout):
                await self._bucket.take()
                response = await self._open(request)
                async with response:
                    return Response(response.status, _headers(response), await response.read())

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[HttpStream]:
        """Open a watch; leaving the context closes it. Raises TransportError like ``request``."""
        with _errors_named(request):
            async with asyncio.timeout(request.timeout):
                response = await self._open(request)
        try:
            yield HttpStream(response, request)
        finally:
            response.close()

    async def close(self) -> None:
        """Release pooled connections."""
        await self._credentials.close()
        await self._session.close()

    async def _open(self, request: Request) -> aiohttp.ClientResponse:
        response, sent = await self._send(request)
        if response.status == 401 and await self._credentials.renewed(sent):
            # Refused before it was looked at: nothing was applied, so it may go again.
            response.release()
            response, _ = await self._send(request)
        return response

    async def _send(self, request: Request) -> tuple[aiohttp.ClientResponse, str]:
        url = URL(self._base + quote(request.path), encoded=True).with_query(dict(request.query))
        headers = {"Accept": request.accept}
        authorization = self._credentials.authorization()
        if authorization:
            headers["Authorization"] = authorization
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        response = await self._session.request(
            request.method,
            url,
            data=request.body,
            headers=headers,
            allow_redirects=False,
            **self._options,
        )
        return response, authorization


class HttpStream:
    """An open watch."""

    def __init__(self, response: aiohttp.ClientResponse, request: Request) -> None:
        self._response = response
        self._request = request
        self.status = response.status
        self.headers = _headers(response)

    async def body(self) -> bytes:
        """The rest as one body, within the request's timeout."""
        with _errors_named(self._request):
            async with asyncio.timeout(self._request.timeout):
                return await self._response.read()

    async def lines(self) -> AsyncIterator[bytes]:
        """Each line without its end; a last one that has none was cut off and is left out."""
        pending: list[bytes] = []
        chunks = self._response.content.iter_any()
        while True:
            with _errors_named(self._request):
                chunk = await anext(chunks, None)
            if chunk is None:
                return
            *whole, rest = chunk.split(b"\n")
            for line in whole:
                document = b"".join((*pending, line))
                pending.clear()
                if document:
                    yield document
            pending.append(rest)


async def connect(
    *, kubeconfig: str = "", master: str = "", qps: float = 100, burst: int = 250
) -> HttpTransport:
    """A transport to the cluster of ``kubeconfig``, or of the pod that this process runs in.

    Nothing is sent yet. ``qps`` and ``burst`` limit requests. Raises NotConfigured, one line.
    """
    credentials = await load(kubeconfig, master)
    connector = aiohttp.TCPConnector(
        ssl=credentials.tls,
        # Watches hold a connection each; requests are limited by the bucket.
        limit=0,
        keepalive_timeout=30,
        socket_factory=_kept_alive,
    )
    session = aiohttp.ClientSession(
        connector=connector,
        headers={"User-Agent": USER_AGENT},
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=2**18,
        # Each request has a time of its own, and a watch none.
        timeout=aiohttp.ClientTimeout(total=None),
    )
    try:
        return HttpTransport(session, credentials, TokenBucket(qps, burst))
    except (NotConfigured, ValueError) as error:
        await session.close()
        raise NotConfigured(str(error)) from error


def _kept_alive(address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol, *_ = address
    connection = socket.socket(family, kind, protocol)
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return connection


@contextmanager
def _errors_named(request: Request) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise TransportTimeout(f"no answer within {request.timeout:g}s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise TransportError(str(error) or type(error).__name__) from error


def _headers(response: aiohttp.ClientResponse) -> Mapping[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}
