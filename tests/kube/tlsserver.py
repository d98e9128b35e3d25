"""A server with TLS that says who its client is."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import trustme
from aiohttp import web


def certificates(folder: Path) -> dict[str, str]:
    """A CA with a server's and a client's certificate, for 127.0.0.1."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.crt")
    for name in ("server", "client"):
        issued = authority.issue_cert("127.0.0.1", common_name=name)
        issued.cert_chain_pems[0].write_to_path(folder / f"{name}.crt")
        issued.private_key_pem.write_to_path(folder / f"{name}.key")
    return {path.name: str(path) for path in folder.iterdir()}


def secured(files: dict[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files["ca.crt"])
    context.load_cert_chain(files["server.crt"], files["server.key"])
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


async def subject(request: web.Request) -> web.Response:
    assert request.transport is not None
    certificate = request.transport.get_extra_info("peercert")
    return web.Response(text=json.dumps(certificate["subject"] if certificate else ""))
