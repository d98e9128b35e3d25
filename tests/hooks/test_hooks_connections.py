"""Connections that hooks share: one hook's trouble is nobody else's (webhooks 8.16)."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from hook_receiver import Names, StoppedClock, gave_up, hook

from canary.hooks import HookClient, HttpTransport, Passed, open_session

BODY = b"{}"


@pytest.mark.asyncio
async def test_a_slow_hook_leaves_another_alone(receiver, client):
    arrived, over = asyncio.Event(), asyncio.Event()

    async def handler(request):
        if request.path == "/slow":
            arrived.set()
            await over.wait()
        return web.Response()

    receiver.handler = handler
    slow = [
        asyncio.create_task(client.call(hook(f"{receiver.url}/slow", timeout="10m"), BODY, str(n)))
        for n in range(120)
    ]
    await arrived.wait()
    assert await client.call(hook(f"{receiver.url}/quick"), BODY, "k") == Passed(200)
    over.set()
    assert set(await asyncio.gather(*slow)) == {Passed(200)}


@pytest.mark.asyncio
async def test_a_cancelled_call_is_cancelled(receiver, client):
    arrived, over = asyncio.Event(), asyncio.Event()

    async def handler(request):
        arrived.set()
        await over.wait()
        return web.Response()

    receiver.handler = handler
    call = asyncio.create_task(client.call(hook(receiver.url, retries=3), BODY, "k"))
    await arrived.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    over.set()


@pytest.mark.asyncio
async def test_a_kept_connection_that_was_closed_costs_nothing(client, pauses):
    """Receivers close idle connections; the next call must not fail a check for that."""
    served = []

    async def talk(reader, writer):
        # One answer for each connection; it closes only when the next request is on its way.
        await reader.readuntil(b"{}")
        served.append(writer)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await reader.readuntil(b"{}")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        for n in range(3):
            assert await client.call(hook(url), BODY, f"k{n}") == Passed(200)
    assert len(served) == 3
    assert pauses == []


@pytest.mark.asyncio
async def test_a_fresh_connection_that_is_closed_is_a_failure(client):
    """A receiver that takes a first call and then none isn't called for ever."""
    requests = []

    async def talk(reader, writer):
        await reader.readuntil(b"{}")
        requests.append(writer)
        if len(requests) == 1:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await reader.readuntil(b"{}")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert await client.call(hook(url), BODY, "k0") == Passed(200)
        assert await client.call(hook(url, timeout="5s"), BODY, "k1") == gave_up(url, "EOF")
    assert len(requests) == 2


@pytest.mark.asyncio
async def test_a_receivers_cookies_are_not_sent_back(receiver):
    """They would go from one tenant's hook to another's."""
    receiver.says(200, Set_Cookie="session=1; Path=/")
    url = f"http://load.test:{receiver.url.rpartition(':')[2]}/"
    async with open_session(resolver=Names("127.0.0.1")) as session:
        client = HookClient(HttpTransport(session), StoppedClock())
        for _ in range(2):
            assert await client.call(hook(url), BODY, "k") == Passed(200)
    assert ["Cookie" in call.headers for call in receiver.calls] == [False, False]
