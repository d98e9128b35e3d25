"""Health and metrics (operations.md section 4; readiness: section 16 row 14)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, Gauge

from canary.server.http import Server, application
from canary.server.startup import StartRefused


@asynccontextmanager
async def asking(unready: str = "") -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    registry = CollectorRegistry()
    Gauge("flagger_example", "An example", ("name",), registry=registry).labels("ä").set(3)
    async with (
        Server(application(registry, lambda: unready), 0) as server,
        aiohttp.ClientSession() as session,
    ):
        yield session, f"http://127.0.0.1:{server.port}"


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
async def test_health_is_ok_whatever_the_method_and_the_state(method: str) -> None:
    async with (
        asking(unready="not yet") as (session, address),
        session.request(method, f"{address}/healthz") as response,
    ):
        assert (response.status, await response.text()) == (200, "OK")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("unready", "status", "text"), [("", 200, "OK"), ("caches are empty", 503, "caches are empty")]
)
async def test_readiness_says_why_not(unready: str, status: int, text: str) -> None:
    async with (
        asking(unready) as (session, address),
        session.get(f"{address}/readyz") as response,
    ):
        assert (response.status, await response.text()) == (status, text)


@pytest.mark.asyncio
@pytest.mark.parametrize("accept", ["*/*", "application/openmetrics-text; version=1.0.0"])
async def test_metrics_are_prometheus_text(accept: str) -> None:
    async with (
        asking() as (session, address),
        session.get(f"{address}/metrics", headers={"Accept": accept}) as response,
    ):
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = await response.text()
    assert text == (
        "# HELP flagger_example An example\n"
        "# TYPE flagger_example gauge\n"
        'flagger_example{name="ä"} 3.0\n'
    )


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/", "/metrics/x", "/debug/pprof"])
async def test_nothing_else_is_there(path: str) -> None:
    async with asking() as (session, address), session.get(address + path) as response:
        assert response.status == 404


@pytest.mark.asyncio
async def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartRefused) as caught:
            async with Server(application(CollectorRegistry(), lambda: ""), port):
                pass
    assert str(caught.value) == f"can't serve HTTP on port {port}: Address already in use"


@pytest.mark.asyncio
async def test_a_slow_reader_does_not_keep_the_stop_back() -> None:
    async with asyncio.timeout(4):
        async with Server(application(CollectorRegistry(), lambda: ""), 0) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"GET /healthz HTTP/1.1\r\n")
            await writer.drain()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
