"""Whatever the server does, an outcome comes back: analysis.md 9, first paragraph."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiohttp import web
from metrics_server import ONE, failure

from analysis.outcome import FailureKind, QueryFailed, Values

SHORT = 0.05


@pytest.mark.asyncio
async def test_nobody_listens(connect):
    with socket.socket() as reserved:
        # Bound and not listening: nobody else can take the port meanwhile.
        reserved.bind(("127.0.0.1", 0))
        connection = connect(f"http://127.0.0.1:{reserved.getsockname()[1]}")
        text = await failure(connection, FailureKind.UNREACHABLE)
    assert text.startswith("request failed: ")


@pytest.mark.asyncio
async def test_a_name_that_does_not_exist(connect):
    # RFC 6761 keeps this name from existing; RFC 1035 keeps it from being asked for: its label is
    # longer than 63 characters.
    text = await failure(connect(f"http://{'x' * 64}.invalid"), FailureKind.UNREACHABLE)
    assert text.startswith("request failed: ")


@pytest.mark.asyncio
async def test_a_server_that_never_answers(server, connect):
    over = asyncio.Event()

    async def handler(request):
        await over.wait()
        return web.Response()

    server.handler = handler
    text = await failure(connect(server.url, timeout=SHORT), FailureKind.TIMEOUT)
    assert text == "request failed: no whole answer within 50ms"
    over.set()


@pytest.mark.asyncio
async def test_a_server_that_stops_in_the_middle_of_its_answer(server, connect):
    over = asyncio.Event()

    async def handler(request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(ONE[:20].encode())
        await over.wait()
        return response

    server.handler = handler
    text = await failure(connect(server.url, timeout=SHORT), FailureKind.TIMEOUT)
    assert text.endswith(": no whole answer within 50ms")
    over.set()


@pytest.mark.asyncio
async def test_a_slow_query_leaves_the_next_one_alone(server, connect):
    over = asyncio.Event()

    async def handler(request):
        if request.query["query"] == "slow":
            await over.wait()
        return web.Response(text=ONE)

    server.handler = handler
    slow = await connect(server.url, timeout=SHORT).query("slow")
    assert isinstance(slow, QueryFailed)
    assert await connect(server.url).query("quick") == Values((1.0,))
    over.set()


async def raw_server(answer: bytes):
    """A server that answers each connection with these bytes, and closes it."""

    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    return await asyncio.start_server(talk, "127.0.0.1", 0)


# Depends on whether the head and the fault come in one segment.
EITHER = ("request failed: ", "error reading body: ")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "stage"),
    [
        (b"", "request failed: "),
        (b"no http at all\r\n\r\n", "request failed: "),
        (b"HTTP/1.1 xyz OK\r\n\r\n", "request failed: "),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "request failed: "),
        (HEAD + b"Content-Length: 500\r\n\r\n{", "error reading body: "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", "error reading body: "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{", EITHER),
        (
            HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
            "error reading body: ",
        ),
        (
            HEAD + b"Content-Encoding: deflate\r\nContent-Length: 4\r\n\r\n\xff\xff\xff\xff",
            "error reading body: ",
        ),
    ],
    ids=["closed", "garbage", "status", "header", "cut", "chunk", "size", "gzip", "deflate"],
)
async def test_a_broken_answer(connect, answer, stage):
    server = await raw_server(answer)
    async with server:
        port = server.sockets[0].getsockname()[1]
        text = await failure(connect(f"http://127.0.0.1:{port}"), FailureKind.UNREACHABLE)
    assert text.startswith(stage)
    assert len(text) < 1100


@pytest.mark.asyncio
async def test_online_says_what_failed(connect):
    async with await raw_server(b"") as server:
        port = server.sockets[0].getsockname()[1]
        problem = await connect(f"http://127.0.0.1:{port}").online()
    assert problem is not None
    assert problem.startswith("running query failed: request failed: ")


@pytest.mark.asyncio
async def test_a_cancelled_query_is_cancelled(server, connect):
    arrived, over = asyncio.Event(), asyncio.Event()

    async def handler(request):
        arrived.set()
        await over.wait()
        return web.Response()

    server.handler = handler
    query = asyncio.create_task(connect(server.url).query("up"))
    await arrived.wait()
    query.cancel()
    with pytest.raises(asyncio.CancelledError):
        await query
    over.set()
