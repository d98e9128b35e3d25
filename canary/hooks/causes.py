"""Why no answer came, in the words of Go's client wherever those are fixed."""

from __future__ import annotations

import os
import re
import socket
import ssl
from http.client import responses

import aiohttp

AWAITING = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
READING = "context deadline exceeded (Client.Timeout or context cancellation while reading body)"

_LONGEST = 300
"""Characters of a cause that has no wording of its own."""

_ADDRESS = re.compile(r"Connect call failed \('([^']+)', (\d+)")
_NOBODY = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))

# OpenSSL's codes of verification: nobody known vouches for the certificate.
_UNKNOWN_AUTHORITY = (18, 19, 20, 21)
_EXPIRED = (9, 10)
_OTHER_NAME = (62, 64)


def cause_of(error: Exception) -> str:
    """What is said of a failed attempt."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return _verification(error.certificate_error, error.host)
        case aiohttp.ClientConnectorDNSError():
            return f"dial tcp: lookup {error.host}: {_lookup(error.os_error)}"
        case aiohttp.ClientConnectorSSLError():
            return _handshake(error.os_error)
        case aiohttp.ClientProxyConnectionError():
            return f"proxyconnect tcp: {_dial(error)}"
        case aiohttp.ClientConnectorError():
            return _dial(error)
        case aiohttp.ClientHttpProxyError():
            return responses.get(error.status, f"status code {error.status}")
        case aiohttp.ClientResponseError():
            return f"net/http: HTTP/1.x transport connection broken: {_line(error.message)}"
        case aiohttp.ServerDisconnectedError():
            return "EOF"
        case aiohttp.ClientPayloadError() if "Not enough data" in str(error):
            return "unexpected EOF"
        case OSError(errno=int(number)) if number > 0 and not isinstance(error, ssl.SSLError):
            return _errno(number)
        case _:
            return _line(str(error)) or type(error).__name__


def passing(error: Exception) -> bool:
    """Whether another attempt may end otherwise: not where the URL or a certificate is wrong."""
    return not isinstance(error, (aiohttp.ClientConnectorCertificateError, ValueError))


def _dial(error: aiohttp.ClientConnectorError) -> str:
    """The address that refused; of several the first that the error names."""
    found = _ADDRESS.search(str(error.os_error))
    host, port = found.groups() if found else (error.host, error.port)
    if ":" in host:
        host = f"[{host}]"
    number = error.os_error.errno
    if number is None and found:
        number = _number(str(error.os_error))
    said = _errno(number) if number else _line(str(error.os_error))
    return f"dial tcp {host}:{port}: connect: {said}"


def _number(text: str) -> int | None:
    """The first error number of several that were put into one text."""
    found = re.search(r"\[Errno (\d+)\]", text)
    return int(found.group(1)) if found else None


def _errno(number: int) -> str:
    text = os.strerror(number)
    return text[:1].lower() + text[1:]


def _lookup(error: OSError) -> str:
    if isinstance(error, socket.gaierror) and error.errno in _NOBODY:
        return "no such host"
    return _line(error.strerror or str(error))


def _handshake(error: OSError) -> str:
    reason = str(getattr(error, "reason", None) or "")
    if "WRONG_VERSION_NUMBER" in reason:
        return "tls: first record does not look like a TLS handshake"
    return f"tls: {reason.lower().replace('_', ' ')}" if reason else _line(str(error))


def _verification(error: Exception, host: str) -> str:
    code = getattr(error, "verify_code", None)
    if code in _UNKNOWN_AUTHORITY:
        said = "certificate signed by unknown authority"
    elif code in _EXPIRED:
        said = "certificate has expired or is not yet valid"
    elif code in _OTHER_NAME:
        said = f"certificate is not valid for {host}"
    else:
        said = _line(getattr(error, "verify_message", "") or str(error))
    return f"tls: failed to verify certificate: x509: {said}"


def _line(text: str) -> str:
    return text.strip().partition("\n")[0][:_LONGEST]
