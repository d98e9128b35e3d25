"""How much of an answer is read, and when it comes compressed."""

from __future__ import annotations

import gzip

import pytest
from aiohttp import web
from metrics_server import ONE, failure

from analysis.outcome import FailureKind, Values
from analysis.prometheus.source import LARGEST_BODY


def padded(size):
    """A good answer of that many bytes."""
    return ONE.encode().ljust(size)


@pytest.mark.asyncio
async def test_a_body_of_the_largest_size_is_read(server, connect):
    server.says(padded(LARGEST_BODY))
    assert await connect(server.url).query("up") == Values((1.0,))


@pytest.mark.asyncio
async def test_a_larger_body_is_not(server, connect):
    server.says(padded(LARGEST_BODY + 1))
    text = await failure(connect(server.url), FailureKind.INVALID)
    assert text == "error reading body: more than 10485760 bytes"


@pytest.mark.asyncio
async def test_the_limit_is_for_what_a_body_unfolds_to(server, connect):
    bomb = gzip.compress(padded(LARGEST_BODY + 1), mtime=0)
    assert len(bomb) < 100_000
    server.says(bomb, headers={"Content-Encoding": "gzip"})
    text = await failure(connect(server.url), FailureKind.INVALID)
    assert text.startswith("error reading body: more than")


@pytest.mark.asyncio
async def test_a_body_without_end_is_left(server, connect):
    async def handler(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 1_000_000)

    server.handler = handler
    text = await failure(connect(server.url), FailureKind.INVALID)
    assert text.startswith("error reading body: more than")


@pytest.mark.asyncio
async def test_a_compressed_answer_is_read(server, connect):
    body = gzip.compress(ONE.encode(), mtime=0)
    server.says(body, headers={"Content-Encoding": "gzip"})
    assert await connect(server.url).query("up") == Values((1.0,))
