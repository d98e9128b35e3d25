"""Certificates are verified unless ``disableTLS`` is set: webhooks.md 2."""

from __future__ import annotations

import shutil
import ssl
import subprocess

import pytest
import pytest_asyncio
from hook_receiver import Receiver, StoppedClock, gave_up, hook

from canary.hooks import HookClient, HttpTransport, Passed, Refused, open_session

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl makes the certificates")

BODY = b"{}"
UNKNOWN = "tls: failed to verify certificate: x509: certificate signed by unknown authority"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """Paths of a CA's certificate and of those that it signed, for several names."""
    folder = tmp_path_factory.mktemp("tls")

    def make(*arguments):
        subprocess.run([OPENSSL, *arguments], cwd=folder, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    make("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=ca")
    for name, names, days in (
        ("good", "IP:127.0.0.1", "30000"),
        ("other", "DNS:elsewhere.test", "30000"),
        ("expired", "IP:127.0.0.1", "-1"),
    ):
        (folder / "ext").write_text(f"subjectAltName={names}\n")
        make("req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", "/CN=x")
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext")
        make("x509", "-req", "-in", f"{name}.csr", *signed, "-days", days, "-out", f"{name}.crt")
    return folder


def secured(certificates, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / f"{name}.crt", certificates / f"{name}.key")
    return context


@pytest_asyncio.fixture
async def secure(certificates):
    async with Receiver().running(secured(certificates, "good")) as running:
        yield running


@pytest_asyncio.fixture
async def trusting(certificates):
    """A client that knows the CA."""
    tls = ssl.create_default_context(cafile=certificates / "ca.crt")
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
    ("name", "said"),
    [
        ("other", "certificate is not valid for 127.0.0.1"),
        ("expired", "certificate has expired or is not yet valid"),
    ],
)
async def test_a_wrong_certificate_is_refused(certificates, trusting, name, said):
    async with Receiver().running(secured(certificates, name)) as running:
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
