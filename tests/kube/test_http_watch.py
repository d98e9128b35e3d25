"""Watches over the real transport, against a loopback server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from apiserver import serving

from canary.kube.http import HttpTransport, connect
from canary.kube.transport import Request, TransportError, TransportTimeout

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

WATCH = Request("GET", "/api/v1/services", {"watch": "true"})


@asynccontextmanager
async def connected(handler: Handler, prefix: str = "") -> AsyncIterator[HttpTransport]:
    async with serving(handler) as address:
        transport = await connect(master=address + prefix)
        try:
            yield transport
        finally:
            await transport.close()


@pytest.mark.asyncio
async def test_a_watch_has_to_begin_within_the_timeout() -> None:
    async def handler(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with connected(handler) as transport, asyncio.timeout(5):
        with pytest.raises(TransportTimeout):
            async with transport.stream(Request("GET", "/", timeout=0.05)):
                pass


def writing(*chunks: bytes, cut: bool = False) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
            await asyncio.sleep(0)
        if cut:
            assert request.transport is not None
            request.transport.abort()
        return response

    return handler


@pytest.mark.asyncio
async def test_lines_are_put_together_whatever_their_packets() -> None:
    long = b"x" * 3_000_000
    chunks = (b'{"a":', b"1}\n{}", b"\n\n", long, b"\nlast\ncut o")
    async with connected(writing(*chunks)) as transport, transport.stream(WATCH) as stream:
        assert stream.status == 200
        lines = [line async for line in stream.lines()]
    assert lines == [b'{"a":1}', b"{}", long, b"last"]


@pytest.mark.asyncio
async def test_a_connection_that_breaks_is_an_error() -> None:
    async with (
        connected(writing(b"one\n", cut=True)) as transport,
        transport.stream(WATCH) as stream,
    ):
        lines = stream.lines()
        assert await anext(lines) == b"one"
        with pytest.raises(TransportError):
            await anext(lines)


@pytest.mark.asyncio
async def test_the_body_of_a_refused_watch() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=410, text="too old")

    async with connected(handler) as transport, transport.stream(WATCH) as stream:
        assert (stream.status, await stream.body()) == (410, b"too old")


@pytest.mark.asyncio
async def test_leaving_a_watch_closes_its_connection() -> None:
    gone = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n")
        assert await reader.read() == b""
        gone.set()
        writer.close()

    async with await asyncio.start_server(handler, "127.0.0.1", 0) as server:
        transport = await connect(master=f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with transport.stream(WATCH) as stream:
            assert await anext(stream.lines()) == b"one"
        async with asyncio.timeout(5):
            await gone.wait()
        await transport.close()


@pytest.mark.asyncio
async def test_connections_notice_a_peer_that_vanished(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[socket.socket] = []
    original = socket.socket

    def recorded(*arguments: int, **options: int) -> socket.socket:
        made = original(*arguments, **options)
        if not options:
            # Those with options are the server's.
            opened.append(made)
        return made

    async with connected(writing(b"one\n")) as transport:
        monkeypatch.setattr("canary.kube.http.socket.socket", recorded)
        async with transport.stream(WATCH):
            (connection,) = opened
            assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            if hasattr(socket, "TCP_KEEPIDLE"):
                tcp = [socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT]
                idle, interval, count = (
                    connection.getsockopt(socket.IPPROTO_TCP, option) for option in tcp
                )
                # Within half a minute, rather than the two hours of a system's default.
                assert idle + interval * count <= 30
