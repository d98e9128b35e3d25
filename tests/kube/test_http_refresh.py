"""Credentials that change while the process runs: tokens, plugins and certificates."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web
from apiserver import GET, kubeconfig, plugin, serving
from tlsserver import certificates, secured, subject

from canary.kube.configuration import incluster_config
from canary.kube.credentials import REFRESH, load
from canary.kube.http import connect


class FakeTime:
    """Lets the loop's clock jump."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.ahead = 0.0
        original = loop.time
        monkeypatch.setattr(loop, "time", lambda: original() + self.ahead)


async def refreshed() -> None:
    """Wait for the refresh that runs beside."""
    beside = [task for task in asyncio.all_tasks() if task.get_name() == "credentials"]
    await asyncio.wait(beside)


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
        await refreshed()
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
        await refreshed()
        assert "credentials can't be refreshed" in caplog.text
        assert found.authorization() == "Bearer first"
    finally:
        await found.close()


@pytest.mark.asyncio
async def test_a_refresh_asks_no_plugin_whose_token_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = FakeTime(monkeypatch)
    found = await load(kubeconfig(tmp_path, "http://x", plugin(tmp_path)), "")
    try:
        time.ahead = REFRESH
        found.authorization()
        await refreshed()
        assert found.authorization() == "Bearer call1"
        assert (tmp_path / "calls").read_text() == "1"
    finally:
        await found.close()


@pytest.mark.asyncio
async def test_new_connections_present_a_client_certificate_that_was_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = certificates(tmp_path)
    mine = {part: tmp_path / f"mine.{part}" for part in ("crt", "key")}

    def present(name: str) -> None:
        for part, path in mine.items():
            path.write_bytes(Path(files[f"{name}.{part}"]).read_bytes())

    async def once(request: web.Request) -> web.Response:
        answer = await subject(request)
        answer.force_close()
        return answer

    present("server")
    time = FakeTime(monkeypatch)
    user = {"client-certificate": str(mine["crt"]), "client-key": str(mine["key"])}
    async with serving(once, ssl_context=secured(files)) as address:
        config = kubeconfig(tmp_path, address, user, {"certificate-authority": files["ca.crt"]})
        transport = await connect(kubeconfig=config)
        try:
            before = json.loads((await transport.request(GET)).body)
            present("client")
            time.ahead = REFRESH
            await transport.request(GET)
            after = json.loads((await transport.request(GET)).body)
        finally:
            await transport.close()
    assert [["commonName", "server"]] in before
    assert [["commonName", "client"]] in after
