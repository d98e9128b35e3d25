"""Certificates are verified unless ``disableTLS`` is set: webhooks.md 2."""

from __future__ import annotations

import ssl
from datetime import datetime

import pytest
import pytest_asyncio
import trustme
from hook_receiver import Receiver, StoppedClock, gave_up, hook

from canary.hooks import HookClient, HttpTransport, Passed, Refused, open_session
from tests.rig.certificates import server_tls

BODY = b"{}"
UNKNOWN = "tls: failed to verify certificate: x509: certificate signed by unknown authority"


@pytest.fixture
def authority():
    return trustme.CA()


@pytest_asyncio.fixture
async def secure(authority):
    async with Receiver().running(server_tls(authority)) as running:
        yield running


@pytest_asyncio.fixture
async def trusting(authority):
    """A client that knows the authority."""
    tls = ssl.create_default_context()
    authority.configure_trust(tls)
    async with open_session(tls) as session:
        yield HookClient(HttpTransport(session), StoppedClock())


@pytest.mark.asyncio
async def test_an_unknown_authority_is_refused_at_once(secure, client, pauses):
    answer = await client.call(hook(secure.url, retries=3), BODY, "k")
    assert answer == gave_up(secure.url, UNKNOWN)
    assert secure.calls == [] and pauses == []


@pytest.mark.asyncio
async def test_a_known_one_is_accepted(secure, trusting):
    assert await trusting.call(hook(secure.url), BODY, "k") == Passed(200)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("issued", "said"),
    [
        ({"name": "elsewhere.test"}, "certificate is not valid for 127.0.0.1"),
        (
            {"not_before": datetime(2020, 1, 1), "not_after": datetime(2020, 1, 2)},
            "certificate has expired or is not yet valid",
        ),
    ],
)
async def test_a_wrong_certificate_is_refused(authority, trusting, issued, said):
    async with Receiver().running(server_tls(authority, **issued)) as running:
        answer = await trusting.call(hook(running.url, retries=3), BODY, "k")
        cause = f"tls: failed to verify certificate: x509: {said}"
        assert answer == gave_up(running.url, cause)
        assert await trusting.call(hook(running.url, disableTLS=True), BODY, "k") == Passed(200)


@pytest.mark.asyncio
async def test_disable_tls_skips_verification_only(secure, client):
    assert await client.call(hook(secure.url, disableTLS=True), BODY, "k") == Passed(200)
    # A connection that nobody verified isn't lent to a hook that wants it verified.
    assert await client.call(hook(secure.url), BODY, "k") == gave_up(secure.url, UNKNOWN)


@pytest.mark.asyncio
async def test_tls_where_plain_http_is_spoken(receiver, client):
    url = receiver.url.replace("http://", "https://")
    said = "tls: first record does not look like a TLS handshake"
    assert await client.call(hook(url), BODY, "k") == gave_up(url, said)


@pytest.mark.asyncio
async def test_plain_http_where_tls_is_spoken(secure, client):
    url = secure.url.replace("https://", "http://")
    answer = await client.call(hook(url), BODY, "k")
    assert isinstance(answer, Refused) and secure.calls == []
