"""Errors of aiohttp and of the system in the words of Go's net package."""

from __future__ import annotations

import errno
import socket
import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from canary.hooks.causes import cause_of, passing

KEY = ConnectionKey("load.test", 8080, False, True, None, None, None)


def refused(host: str) -> OSError:
    """As asyncio reports it."""
    return OSError(errno.ECONNREFUSED, f"Connect call failed {host}")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            aiohttp.ClientConnectorError(KEY, refused("('10.0.0.1', 80)")),
            "dial tcp 10.0.0.1:80: connect: connection refused",
        ),
        (
            aiohttp.ClientConnectorError(KEY, refused("('::1', 80, 0, 0)")),
            "dial tcp [::1]:80: connect: connection refused",
        ),
        # As aiohappyeyeballs reports the failures of both families.
        (
            aiohttp.ClientConnectorError(
                KEY,
                OSError(
                    "Multiple exceptions: [Errno 113] Connect call failed ('::1', 80, 0, 0), "
                    "[Errno 111] Connect call failed ('127.0.0.1', 80)"
                ),
            ),
            "dial tcp [::1]:80: connect: no route to host",
        ),
        (
            aiohttp.ClientConnectorError(KEY, OSError(errno.ENETUNREACH, "whatever")),
            "dial tcp load.test:8080: connect: network is unreachable",
        ),
        (
            aiohttp.ClientProxyConnectionError(KEY, refused("('10.0.0.1', 3128)")),
            "proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused",
        ),
        (
            aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(socket.EAI_NONAME, "x")),
            "dial tcp: lookup load.test: no such host",
        ),
        (aiohttp.ClientOSError(errno.ECONNRESET, "x"), "connection reset by peer"),
        (aiohttp.ClientOSError(errno.EPIPE, "x"), "broken pipe"),
        (aiohttp.ServerDisconnectedError(), "EOF"),
        (
            aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "[SSL] x\ny")),
            "[SSL] x",
        ),
        (aiohttp.ClientError("first\nsecond"), "first"),
        (aiohttp.ClientError(), "ClientError"),
        (aiohttp.ClientError("x" * 1000), "x" * 300),
    ],
)
def test_words(error, said):
    assert cause_of(error) == said
    assert passing(error)


def unverified(code: int, text: str = "") -> Exception:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, text
    return aiohttp.ClientConnectorCertificateError(KEY, error)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (18, "certificate signed by unknown authority"),
        (19, "certificate signed by unknown authority"),
        (20, "certificate signed by unknown authority"),
        (9, "certificate has expired or is not yet valid"),
        (10, "certificate has expired or is not yet valid"),
        (62, "certificate is not valid for load.test"),
        (64, "certificate is not valid for load.test"),
        (23, "certificate revoked"),
    ],
)
def test_certificates(code, said):
    error = unverified(code, "certificate revoked")
    assert cause_of(error) == f"tls: failed to verify certificate: x509: {said}"
    assert not passing(error)
