"""The real transport against a loopback server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from apiserver import serving

from canary import __version__
from canary.kube.http import HttpTransport, connect
from canary.kube.transport import APPLY_PATCH, Request, TransportError, TransportTimeout

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
async def test_a_request_arrives_as_it_is() -> None:
    seen: list[tuple[web.Request, bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request, await request.read()))
        return web.Response(status=201, body=b'{"a": 1}', headers={"X-Warning": "x"})

    query = {"labelSelector": "app=a,b in (c, d+e)", "fieldManager": "canary-engine"}
    async with connected(handler) as transport:
        response = await transport.request(
            Request("PATCH", "/apis/apps/v1/x", query, b"\x00raw", APPLY_PATCH, "application/y")
        )
    (request, body), *_ = seen
    assert (request.method, request.path, dict(request.query)) == (
        "PATCH",
        "/apis/apps/v1/x",
        query,
    )
    assert body == b"\x00raw"
    assert request.headers["Content-Type"] == APPLY_PATCH
    assert request.headers["Accept"] == "application/y"
    assert request.headers["User-Agent"] == f"canary-engine/{__version__}"
    assert "Authorization" not in request.headers
    assert (response.status, response.body) == (201, b'{"a": 1}')
    assert response.headers["x-warning"] == "x"


@pytest.mark.asyncio
async def test_a_request_without_a_body_names_no_kind_of_content() -> None:
    """As kubectl and client-go do: what stands between may take it amiss."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=request.headers.get("Content-Type", "none"))

    async with connected(handler) as transport:
        response = await transport.request(Request("GET", "/"))
    assert response.body == b"none"


@pytest.mark.asyncio
async def test_the_path_of_a_gateway_before_the_api_server_is_kept() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=request.path)

    async with connected(handler, prefix="/k8s/clusters/c-1/") as transport:
        response = await transport.request(Request("GET", "/api/v1/services"))
    assert response.body == b"/k8s/clusters/c-1/api/v1/services"


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [301, 404, 409, 500])
async def test_refusals_are_answers(status: int) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, text="no", headers={"Location": "/elsewhere"})

    async with connected(handler) as transport:
        response = await transport.request(Request("GET", "/"))
    assert (response.status, response.body) == (status, b"no")


@pytest.mark.asyncio
async def test_a_compressed_answer_is_unpacked() -> None:
    async def handler(request: web.Request) -> web.Response:
        response = web.Response(body=b"a" * 10_000)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with connected(handler) as transport:
        response = await transport.request(Request("GET", "/"))
    assert response.body == b"a" * 10_000


@pytest.mark.asyncio
@pytest.mark.parametrize("begun", [False, True])
async def test_no_answer_ends_at_the_timeout(begun: bool) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if begun:
            await response.prepare(request)
        await asyncio.Event().wait()
        return response

    async with connected(handler) as transport, asyncio.timeout(5):
        with pytest.raises(TransportTimeout, match=r"no answer within 0\.05s"):
            await transport.request(Request("GET", "/", timeout=0.05))


@pytest.mark.asyncio
async def test_a_port_where_nobody_listens_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    transport = await connect(master=f"127.0.0.1:{port}")
    try:
        with pytest.raises(TransportError, match=f"127.0.0.1:{port}"):
            await transport.request(Request("GET", "/"))
        with pytest.raises(TransportError, match=f"127.0.0.1:{port}"):
            async with transport.stream(WATCH):
                pass
    finally:
        await transport.close()


@pytest.mark.asyncio
async def test_requests_are_limited_and_watches_are_not() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async with serving(handler) as address:
        transport = await connect(master=address, qps=0.001, burst=2)
        try:
            for _ in range(2):
                await transport.request(Request("GET", "/"))
            with pytest.raises(TransportTimeout):
                await transport.request(Request("GET", "/", timeout=0.05))
            for _ in range(3):
                async with transport.stream(WATCH) as stream:
                    assert stream.status == 200
            # A limit of its own isn't used up by the other.
            assert (await transport.apart(1, 1).request(Request("GET", "/"))).status == 200
        finally:
            await transport.close()
