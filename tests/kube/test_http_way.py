"""The way to the API server: proxies, connections, and what is said of one that breaks."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from apiserver import GET, kubeconfig, plugin, serving, statuses

from canary.kube.credentials import NotConfigured
from canary.kube.http import connect
from canary.kube.transport import Request, TransportError, TransportTimeout

FAR = "http://api.example:8080"


class Proxy:
    """Answers in the place of the API server."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(str(request.url))
        return web.Response(text="from afar")


@pytest.mark.asyncio
@pytest.mark.parametrize("source", ["kubeconfig", "environment"])
async def test_a_proxy_that_is_set_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    proxy = Proxy()
    async with serving(proxy.handle) as address:
        cluster = {"proxy-url": address} if source == "kubeconfig" else {}
        # The kubeconfig's is the nearer one.
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1" if cluster else address)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        transport = await connect(kubeconfig=kubeconfig(tmp_path, FAR, cluster=cluster))
        try:
            response = await transport.request(GET)
        finally:
            await transport.close()
    assert (response.body, proxy.asked) == (b"from afar", [f"{FAR}/version"])


@pytest.mark.asyncio
@pytest.mark.parametrize("address", ["ftp://example", "http://", "https:///path", "unix://socket"])
async def test_an_address_without_host_or_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(NotConfigured, match="is no http") as caught:
        await connect(master=address)
    assert str(caught.value).startswith("Error building kubeconfig: ")


@pytest.mark.asyncio
async def test_a_watch_may_be_silent_for_longer_than_any_request_lasts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The reflector knows how long; its watches last five to ten minutes."""
    later = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"one\n")
        await later.wait()
        await response.write(b"two\n")
        return response

    loop, ahead = asyncio.get_running_loop(), 0.0
    original = loop.time
    monkeypatch.setattr(loop, "time", lambda: original() + ahead)
    async with serving(handler) as address:
        transport = await connect(master=address)
        async with transport.stream(GET) as stream:
            lines = stream.lines()
            assert await anext(lines) == b"one"
            ahead = 3600.0
            later.set()
            assert await anext(lines) == b"two"
        await transport.close()


@pytest.mark.asyncio
async def test_the_body_of_a_refused_watch_has_to_end_within_the_timeout() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=500)
        await response.prepare(request)
        await response.write(b"it was")
        await asyncio.Event().wait()
        return response

    async with serving(handler) as address:
        transport = await connect(master=address)
        try:
            async with (
                asyncio.timeout(5),
                transport.stream(Request("GET", "/", timeout=0.05)) as stream,
            ):
                with pytest.raises(TransportTimeout, match=r"no answer within 0\.05s"):
                    await stream.body()
        finally:
            await transport.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [201, 403, 409])
async def test_only_a_token_that_is_refused_has_a_request_sent_again(
    tmp_path: Path, status: int
) -> None:
    """What was applied, or may not be done, stays so with another token."""
    count = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal count
        count += 1
        return web.Response(status=status)

    async with serving(handler) as address:
        assert await statuses(kubeconfig(tmp_path, address, plugin(tmp_path))) == [status]
    assert count == 1
    assert (tmp_path / "calls").read_text() == "1"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConnectionResetError(), "ConnectionResetError"),
        (aiohttp.ClientPayloadError("cut off"), "cut off"),
    ],
)
async def test_a_failure_is_told_in_its_words_or_by_its_name(
    monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    async def broken(*given: object, **named: object) -> None:
        raise error

    transport = await connect(master="127.0.0.1:1")
    monkeypatch.setattr(aiohttp.ClientSession, "request", broken)
    try:
        with pytest.raises(TransportError, match=f"^{told}$"):
            await transport.request(GET)
    finally:
        await transport.close()


@pytest.mark.asyncio
async def test_a_system_that_lacks_an_option_of_connections_connects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As macOS does: the others are set all the same."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    monkeypatch.delattr(socket, "TCP_USER_TIMEOUT", raising=False)
    monkeypatch.delattr(socket, "TCP_KEEPIDLE", raising=False)
    async with serving(handler) as address:
        transport = await connect(master=address)
        try:
            assert (await transport.request(GET)).body == b"ok"
        finally:
            await transport.close()
