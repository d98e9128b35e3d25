"""The server that stands for an application, over loopback."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from e2e.stack.app import App, Histogram, fails
from e2e.stack.image import behaviour


def settings(tag: str) -> dict:
    return {
        "revision": tag,
        "pod": "app-1",
        "behaviour": behaviour(f"app:{tag}").as_json(),
        "ready_paths": ["/readyz"],
        "probe_paths": ["/up"],
    }


@asynccontextmanager
async def served(tag: str) -> AsyncIterator[tuple[App, aiohttp.ClientSession, str]]:
    app = App(settings(tag))
    server = await asyncio.start_server(app.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, aiohttp.ClientSession() as session:
        yield app, session, f"http://127.0.0.1:{port}"
    await settled()


async def settled() -> None:
    """Let the connections' tasks finish: on Python 3.11 a server doesn't wait for them."""
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)


@pytest.mark.parametrize("percent", [0, 1, 30, 50, 99, 100])
@pytest.mark.parametrize("begin", [1, 38, 1001])
def test_any_hundred_requests_hold_exactly_the_asked_failures(percent: int, begin: int) -> None:
    assert sum(fails(number, percent) for number in range(begin, begin + 100)) == percent


def test_failures_are_spread() -> None:
    # 50 %: every second one, never two in a row.
    assert [fails(number, 50) for number in range(1, 7)] == [False, True] * 3


def test_the_histogram_is_prometheus_text_with_cumulative_buckets() -> None:
    histogram = Histogram()
    for seconds in (0.004, 0.3, 20.0):
        histogram.observe(200, seconds)
    histogram.observe(500, 0.3)
    families = {family.name: family for family in text_string_to_metric_families(histogram.text())}
    samples = {
        (sample.name.rpartition("_")[2], *sorted(sample.labels.values())): sample.value
        for sample in families["http_request_duration_seconds"].samples
    }
    assert samples["bucket", "0.005", "200"] == 1
    assert samples["bucket", "0.25", "200"] == 1
    assert samples["bucket", "0.5", "200"] == 2
    assert samples["bucket", "10", "200"] == 2
    assert samples["bucket", "+Inf", "200"] == 3
    assert samples["count", "200"] == 3
    assert samples["sum", "200"] == pytest.approx(20.304)
    assert samples["count", "500"] == 1


@pytest.mark.asyncio
async def test_every_answer_names_revision_and_pod() -> None:
    async with served("1.2.3") as (_, session, url), session.get(f"{url}/any?x=1") as response:
        assert response.status == 200
        assert response.headers["X-Revision"] == "1.2.3"
        assert response.headers["X-Pod"] == "app-1"
        body = await response.json()
        assert (body["method"], body["path"]) == ("GET", "/any")


@pytest.mark.asyncio
async def test_a_bad_image_fails_its_share_and_counts_it() -> None:
    async with served("2.0.0-bad30") as (app, session, url):
        seen: Counter[int] = Counter()
        for _ in range(20):
            async with session.get(url) as response:
                seen[response.status] += 1
        assert seen == {200: 14, 500: 6}
        assert app.histogram.counts == seen


@pytest.mark.asyncio
async def test_probes_and_metrics_neither_fail_nor_count() -> None:
    async with served("2.0.0-bad100") as (app, session, url):
        for path in ("/readyz", "/up", "/healthz", "/metrics"):
            async with session.get(url + path) as response:
                assert response.status == 200, path
        assert not app.histogram.counts


@pytest.mark.asyncio
async def test_only_the_readiness_path_says_not_ready() -> None:
    async with served("2.0.0-neverready") as (_, session, url):
        for path, status in (("/readyz", 503), ("/up", 200), ("/", 200)):
            async with session.get(url + path) as response:
                assert response.status == status, path


@pytest.mark.asyncio
async def test_bodies_are_read_past_so_that_the_next_request_is_understood() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"GET /first HTTP/1.1\r\n\r\n"
        yield b"x" * 100_000

    async with served("1.0.0") as (app, session, url):
        for data in (b"POST /no HTTP/1.1\r\n\r\n", chunks()):
            async with session.post(f"{url}/a", data=data) as response:
                assert (await response.json())["method"] == "POST"
        async with session.get(f"{url}/status/404") as response:
            assert response.status == 404
        assert app.histogram.counts == {200: 2, 404: 1}


@pytest.mark.asyncio
async def test_while_draining_connections_are_closed_after_the_answer() -> None:
    async with served("1.0.0") as (app, session, url):
        async with session.get(url) as response:
            assert response.headers["Connection"] == "keep-alive"
        app.draining.set()
        async with session.get(url) as response:
            assert (response.status, response.headers["Connection"]) == (200, "close")
