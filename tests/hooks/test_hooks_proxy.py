"""Proxies of the environment, also where certificates aren't verified (webhooks 8.14)."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from hook_receiver import hook

from canary.hooks import Passed, Refused

BODY = b"{}"


@asynccontextmanager
async def proxy(answer: bytes):
    """Its address, and the first line of each request that it gets and answers so."""
    lines: list[str] = []

    async def talk(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        lines.append(head.split(b"\r\n")[0].decode())
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", lines


@pytest.mark.asyncio
@pytest.mark.parametrize("disabled", [False, True])
async def test_plain_http_goes_to_the_proxy(client, monkeypatch, disabled):
    async with proxy(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (address, lines):
        monkeypatch.setenv("HTTP_PROXY", address)
        answer = await client.call(hook("http://load.test/x", disableTLS=disabled), BODY, "k")
    assert answer == Passed(200)
    assert lines == ["POST http://load.test/x HTTP/1.1"]


@pytest.mark.asyncio
@pytest.mark.parametrize("disabled", [False, True])
async def test_https_asks_the_proxy_for_a_tunnel(client, monkeypatch, disabled):
    async with proxy(b"HTTP/1.1 403 Whatever\r\nContent-Length: 0\r\n\r\n") as (address, lines):
        monkeypatch.setenv("HTTPS_PROXY", address)
        answer = await client.call(hook("https://load.test/x", disableTLS=disabled), BODY, "k")
    assert lines == ["CONNECT load.test:443 HTTP/1.1"]
    url = "https://load.test/x"
    text = f'POST {url} giving up after 1 attempt(s): Post "{url}": Forbidden'
    assert answer == Refused(text, None)


@pytest.mark.asyncio
async def test_no_proxy_is_heeded(receiver, client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
    assert await client.call(hook(receiver.url), BODY, "k") == Passed(200)
