"""Certificates for servers on loopback."""

from __future__ import annotations

import ssl

import trustme

LOOPBACK = "127.0.0.1"


def server_tls(authority: trustme.CA, name: str = LOOPBACK, **validity: object) -> ssl.SSLContext:
    """The settings of a server whose certificate is for ``name``; ``validity`` is trustme's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **validity).configure_cert(context)
    return context
