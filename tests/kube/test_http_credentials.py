"""Kubeconfig and pod, tokens that change, plugins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from apiserver import GET, kubeconfig, plugin, serving, statuses

from canary.kube.credentials import NotConfigured, load
from canary.kube.http import connect


class Guard:
    """A server that lets one token in."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.seen: list[str] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.seen.append(request.headers.get("Authorization", ""))
        return web.Response(status=200 if self.seen[-1] == f"Bearer {self.token}" else 401)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"token": "t"}, "Bearer t"),
        ({"username": "u", "password": "p"}, "Basic dTpw"),
        ({}, ""),
    ],
)
async def test_who_we_are(tmp_path: Path, user: dict[str, Any], expected: str) -> None:
    guard = Guard("t")
    async with serving(guard.handle) as address:
        await statuses(kubeconfig(tmp_path, address, user))
    assert guard.seen[0] == expected


@pytest.mark.asyncio
async def test_a_refused_token_is_read_again_and_the_request_repeated_once(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old\n")
    guard = Guard("new")
    async with serving(guard.handle) as address:
        config = kubeconfig(tmp_path, address, {"tokenFile": str(token)})
        transport = await connect(kubeconfig=config)
        try:
            token.write_text("new\n")
            assert (await transport.request(GET)).status == 200
            async with transport.stream(GET) as stream:
                assert stream.status == 200
        finally:
            await transport.close()
    assert guard.seen == ["Bearer old", "Bearer new", "Bearer new"]


@pytest.mark.asyncio
async def test_a_token_that_stays_refused_is_an_answer(tmp_path: Path) -> None:
    guard = Guard("other")
    async with serving(guard.handle) as address:
        config = kubeconfig(tmp_path, address, {"token": "mine"})
        assert await statuses(config, 3) == [401, 401, 401]
    assert len(guard.seen) == 3


@pytest.mark.asyncio
async def test_an_exec_plugin_is_asked_once_while_its_token_is_valid(tmp_path: Path) -> None:
    guard = Guard("call1")
    async with serving(guard.handle) as address:
        assert await statuses(kubeconfig(tmp_path, address, plugin(tmp_path)), 3) == [200] * 3
    assert (tmp_path / "calls").read_text() == "1"


@pytest.mark.asyncio
async def test_an_exec_plugin_is_asked_again_when_the_server_refuses(tmp_path: Path) -> None:
    guard = Guard("call2")
    async with serving(guard.handle) as address:
        assert await statuses(kubeconfig(tmp_path, address, plugin(tmp_path)), 2) == [200] * 2
    assert guard.seen == ["Bearer call1", "Bearer call2", "Bearer call2"]


@pytest.mark.asyncio
async def test_refusals_do_not_start_a_plugin_each(tmp_path: Path) -> None:
    guard = Guard("never")
    async with serving(guard.handle) as address:
        config = kubeconfig(tmp_path, address, plugin(tmp_path))
        assert await statuses(config, 3) == [401, 401, 401]
    assert guard.seen == ["Bearer call1", "Bearer call2", "Bearer call2", "Bearer call2"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{}", "current-context"),
        ("]", "expected the node content"),
        ("just text", "."),
        ("current-context: x\ncontexts: []", "x"),
    ],
)
async def test_a_broken_kubeconfig_is_one_line(tmp_path: Path, text: str, cause: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(NotConfigured, match=cause) as caught:
        await load(str(path), "")
    assert str(caught.value).startswith("Error building kubeconfig: ")
    assert "\n" not in str(caught.value)


@pytest.mark.asyncio
async def test_a_missing_kubeconfig_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="/nowhere is no file"):
        await load(f"{tmp_path}/nowhere", "")


@pytest.mark.asyncio
async def test_a_plugin_that_fails_is_quoted(tmp_path: Path) -> None:
    user = plugin(tmp_path, "raise SystemExit('log in first')")
    with pytest.raises(NotConfigured, match="log in first"):
        await load(kubeconfig(tmp_path, "http://x", user), "")


@pytest.mark.asyncio
async def test_outside_a_pod_a_kubeconfig_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(NotConfigured, match="no -kubeconfig, and not in a pod"):
        await load("", "")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("master", "expected"), [("http://other:1", "http://other:1"), ("other:1", "http://other:1")]
)
async def test_master_wins_over_the_kubeconfig(tmp_path: Path, master: str, expected: str) -> None:
    found = await load(kubeconfig(tmp_path, "http://here:1", {"token": "t"}), master)
    assert found.configuration.host == expected
    assert found.authorization() == "Bearer t"
