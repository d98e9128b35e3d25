"""Redirects, as Go's client follows them: analysis.md 9, first paragraph."""

from __future__ import annotations

import pytest
from aiohttp import web
from metrics_server import ONE, failure

from analysis.outcome import FailureKind, QueryFailed, Values


def redirects(server, count, target="/api/v1/query?query=up"):
    """Answer the first ``count`` requests with a redirect."""

    async def handler(request):
        if len(server.requests) <= count:
            return web.Response(status=302, headers={"Location": target})
        return web.Response(text=ONE)

    server.handler = handler


# Go's client follows nine and stops at the tenth, in these words.
@pytest.mark.asyncio
@pytest.mark.parametrize("count", [1, 9])
async def test_redirects_are_followed(server, connect, count):
    redirects(server, count)
    assert await connect(server.url).query("up") == Values((1.0,))
    assert len(server.requests) == count + 1


@pytest.mark.asyncio
@pytest.mark.parametrize("count", [10, 1000])
async def test_too_many_redirects_are_not(server, connect, count):
    redirects(server, count)
    text = await failure(connect(server.url), FailureKind.UNREACHABLE)
    assert text == "request failed: stopped after 10 redirects"
    assert len(server.requests) == 10


@pytest.mark.asyncio
@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://", "ftp://x/", "http://[::1"])
async def test_redirects_to_nowhere_are_failures(server, connect, target):
    redirects(server, 1, target)
    text = await failure(connect(server.url), FailureKind.UNREACHABLE)
    assert text.startswith("request failed: ")


@pytest.mark.asyncio
async def test_a_redirect_without_a_target_is_a_failure(server, connect):
    server.says("", 302)
    assert isinstance(await connect(server.url).query("up"), QueryFailed)
