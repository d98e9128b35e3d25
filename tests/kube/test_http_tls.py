"""TLS, and the credentials of a pod."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from apiserver import kubeconfig, serving

from canary.kube.configuration import incluster_config
from canary.kube.credentials import REFRESH, load
from canary.kube.http import connect
from canary.kube.transport import Request, TransportError

GET = Request("GET", "/version")


async def statuses(config: str, count: int = 1) -> list[int]:
    transport = await connect(kubeconfig=config)
    try:
        return [(await transport.request(GET)).status for _ in range(count)]
    finally:
        await transport.close()


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


@pytest.mark.asyncio
async def test_tls_with_a_ca_and_a_client_certificate(tmp_path: Path) -> None:
    files = certificates(tmp_path)
    user = {"client-certificate": files["client.crt"], "client-key": files["client.key"]}
    async with serving(subject, ssl_context=secured(files)) as address:
        config = kubeconfig(tmp_path, address, user, {"certificate-authority": files["ca.crt"]})
        transport = await connect(kubeconfig=config)
        try:
            response = await transport.request(GET)
        finally:
            await transport.close()
    assert [["commonName", "client"]] in json.loads(response.body)


@pytest.mark.asyncio
async def test_an_unknown_ca_is_refused_unless_told_otherwise(tmp_path: Path) -> None:
    files = certificates(tmp_path)
    async with serving(subject, ssl_context=secured(files)) as address:
        with pytest.raises(TransportError, match="certificate verify failed"):
            await statuses(kubeconfig(tmp_path, address))
        trusting = kubeconfig(tmp_path, address, cluster={"insecure-skip-tls-verify": True})
        assert await statuses(trusting) == [200]


class FakeTime:
    """Lets the loop's clock jump."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.ahead = 0.0
        original = loop.time
        monkeypatch.setattr(loop, "time", lambda: original() + self.ahead)


@pytest.mark.asyncio
async def test_a_pods_rotated_token_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = certificates(tmp_path)
    token = tmp_path / "token"
    token.write_text("first\n")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(token))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", files["ca.crt"])
    time = FakeTime(monkeypatch)
    found = await load("", "")
    try:
        assert found.configuration.host == "https://10.0.0.1:443"
        assert found.authorization() == "Bearer first"
        token.write_text("second")
        assert found.authorization() == "Bearer first"
        time.ahead = REFRESH
        found.authorization()
        # The refresh runs beside; reading a file takes it no wait at all.
        for _ in range(3):
            await asyncio.sleep(0)
        assert found.authorization() == "Bearer second"
    finally:
        await found.close()


@pytest.mark.asyncio
async def test_a_refresh_that_fails_keeps_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    token = tmp_path / "token"
    token.write_text("first")
    time = FakeTime(monkeypatch)
    found = await load(kubeconfig(tmp_path, "http://x", {"tokenFile": str(token)}), "")
    try:
        token.unlink()
        time.ahead = REFRESH
        assert found.authorization() == "Bearer first"
        for _ in range(3):
            await asyncio.sleep(0)
        assert "credentials can't be refreshed" in caplog.text
        assert found.authorization() == "Bearer first"
    finally:
        await found.close()
