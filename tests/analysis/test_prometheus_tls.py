"""TLS is verified unless ``insecureSkipVerify`` is set: analysis.md 9."""

from __future__ import annotations

import pytest
import pytest_asyncio
import trustme
from metrics_server import Server

from analysis.outcome import FailureKind, QueryFailed, Values
from tests.rig.certificates import server_tls


@pytest_asyncio.fixture
async def tls_server():
    """Its certificate is one that nobody vouches for."""
    async with Server().running(server_tls(trustme.CA())) as running:
        yield running


@pytest.mark.asyncio
@pytest.mark.parametrize("provider", [{}, {"insecureSkipVerify": False}])
async def test_a_certificate_that_nobody_vouches_for_is_refused(tls_server, connect, provider):
    found = await connect(tls_server.url, {"token": b"t0k"}, **provider).query("up")
    assert isinstance(found, QueryFailed) and found.kind is FailureKind.UNREACHABLE
    assert found.text.startswith("request failed: ")
    assert "certificate" in found.text.lower()
    # The token never left.
    assert tls_server.requests == []


@pytest.mark.asyncio
async def test_verification_can_be_skipped(tls_server, connect):
    found = await connect(tls_server.url, insecureSkipVerify=True).query("up")
    assert found == Values((1.0,))


@pytest.mark.asyncio
async def test_a_connection_without_verification_is_not_lent_to_one_with_it(tls_server, connect):
    assert isinstance(await connect(tls_server.url, insecureSkipVerify=True).query("up"), Values)
    assert isinstance(await connect(tls_server.url).query("up"), QueryFailed)


@pytest.mark.asyncio
async def test_plain_http_where_tls_is_spoken_is_a_failure(tls_server, connect):
    plain = tls_server.url.replace("https://", "http://")
    assert isinstance(await connect(plain).query("up"), QueryFailed)


@pytest.mark.asyncio
async def test_tls_where_plain_http_is_spoken_is_a_failure(server, connect):
    found = await connect(server.url.replace("http://", "https://")).query("up")
    assert isinstance(found, QueryFailed) and found.kind is FailureKind.UNREACHABLE
