"""The load generator against a gateway on loopback that misbehaves."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from e2e.load import Users

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nX-Revision: 1.0.0\r\nX-Pod: shop-1\r\nContent-Length: 2\r\n\r\nok"
BUSY = b"HTTP/1.1 503 no\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


async def rows(serve: Serve, count: int, visitors: int = 0) -> list[Any]:
    """What ``count`` requests, one after another, are recorded as."""
    out, handled = io.StringIO(), asyncio.Queue[None]()
    connections = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        with suppress(EOFError, OSError):
            await serve(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        handled.put_nowait(None)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    users = Users(address, "shop.example", out, ["X-Canary: yes"], visitors)
    for _ in range(count):
        await users.one()
    users.close()
    server.close()
    for _ in range(connections):
        await handled.get()
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.asyncio
async def test_a_request_is_recorded_with_who_answered_it() -> None:
    heads = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            heads.append(head)
            writer.write(OK)

    (first, second) = await rows(serve, 2)
    assert first[2:] == ["1.0.0", "shop-1", 200, "", -1] == second[2:]
    assert heads == [b"GET / HTTP/1.1\r\nHost: shop.example\r\nX-Canary: yes\r\n\r\n"] * 2


@pytest.mark.asyncio
async def test_an_error_of_the_gateway_has_no_revision() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(BUSY)

    found = await rows(serve, 2)
    assert [row[2:] for row in found] == [["", "", 503, "", -1]] * 2


@pytest.mark.asyncio
async def test_an_answer_that_breaks_off_is_a_failure() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK[:-1])

    ((*_, status, why, _),) = await rows(serve, 1)
    assert status == 0 and why.startswith("IncompleteReadError")


@pytest.mark.asyncio
async def test_a_kept_connection_that_was_closed_meanwhile_is_no_failure() -> None:
    """As with every client: the request goes once more, on a fresh connection."""
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)

    found = await rows(serve, 3)
    assert [row[4] for row in found] == [200, 200, 200]
    assert connections == 3


@pytest.mark.asyncio
async def test_a_fresh_connection_that_is_closed_is_a_failure() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    ((*_, status, why, _),) = await rows(serve, 1)
    assert status == 0 and why


@pytest.mark.asyncio
async def test_visitors_keep_the_cookie_that_they_are_given_until_it_is_taken_back() -> None:
    given = iter((b"a=1; Max-Age=60; Secure", None, None, None, b"a=1; Max-Age=-1", None, None))
    cookies = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode().split("\r\n")
            cookies.append(next((x for x in lines if x.startswith("Cookie:")), ""))
            cookie = next(given)
            field = b"Set-Cookie: " + cookie + b"\r\n" if cookie else b""
            writer.write(OK.replace(b"Content-Length", field + b"Content-Length"))

    found = await rows(serve, 7, visitors=2)
    assert [row[-1] for row in found] == [0, 1, 0, 1, 0, 1, 0]
    assert cookies == ["", "", "Cookie: a=1", "", "Cookie: a=1", "", ""]
