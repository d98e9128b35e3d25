"""``canary run`` as a process of its own, against a loopback API server."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

WITHIN = 5.0
"""Seconds in which a stop has to be over."""

NAME = "flagger-leader-election"


async def follower_only(request: web.Request) -> web.Response:
    """A healthy cluster whose Lease another process holds: nothing is left to do but wait."""
    path = request.path
    if path == "/version":
        return web.json_response({"gitVersion": "v1.34.1"})
    if path.endswith("/selfsubjectaccessreviews"):
        return web.json_response({"status": {"allowed": True}})
    if path.endswith(".flagger.app"):
        kept: dict[str, Any] = {"x-kubernetes-preserve-unknown-fields": True}
        status = {"properties": {"engine": kept}}
        schema = {"openAPIV3Schema": {"properties": {"status": status}}}
        version = {"name": "v1beta1", "served": True, "schema": schema}
        return web.json_response({"spec": {"versions": [version]}})
    assert path.endswith(f"/leases/{NAME}") and request.method == "GET"
    spec = {"holderIdentity": "another", "leaseDurationSeconds": 3600}
    meta = {"name": NAME, "namespace": "kube-system", "resourceVersion": "1"}
    return web.json_response({"metadata": meta, "spec": spec})


async def silent(request: web.Request) -> web.Response:
    """Accepts, and never answers."""
    await asyncio.Event().wait()
    return web.Response()


@asynccontextmanager
async def serving(handler: Any) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def canary(*flags: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "canary.cli.main", "run", "-port=0", "-log-level=info"),
        *flags,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def line(process: asyncio.subprocess.Process, text: str) -> dict[str, str]:
    """The next log line with ``text`` in its message."""
    assert process.stderr is not None
    while raw := await process.stderr.readline():
        found: dict[str, str] = json.loads(raw)
        if text in found["msg"]:
            return found
    raise AssertionError(f"no line with {text!r}")


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_follower_stops_cleanly_when_asked(number: signal.Signals) -> None:
    async with (
        serving(follower_only) as address,
        canary(f"-master={address}", "-enable-leader-election") as process,
    ):
        await line(process, "Another instance has been elected as leader: another")
        process.send_signal(number)
        async with asyncio.timeout(WITHIN):
            assert await process.wait() == 0
        await line(process, "HTTP server stopped")


@pytest.mark.asyncio
async def test_a_stop_does_not_wait_for_an_api_server_that_hangs() -> None:
    async with serving(silent) as address, canary(f"-master={address}") as process:
        await line(process, "Starting canary-engine")
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(WITHIN):
            assert await process.wait() == 0


async def refusal(*flags: str) -> str:
    """The one line at level fatal of a start that is refused with code 1."""
    async with canary(*flags) as process:
        _, errors = await process.communicate()
        assert process.returncode == 1
    lines = [json.loads(raw) for raw in errors.splitlines()]
    (fatal,) = [found for found in lines if found["level"] in ("error", "fatal")]
    assert fatal["level"] == "fatal" and "stacktrace" not in fatal
    return str(fatal["msg"])


@pytest.mark.asyncio
async def test_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    text = await refusal(f"-master=http://{address}")
    assert text.startswith("can't reach the Kubernetes API: ") and address in text


@pytest.mark.asyncio
async def test_a_kubeconfig_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "nowhere"
    assert await refusal(f"-kubeconfig={path}") == f"Error building kubeconfig: {path} is no file"


@pytest.mark.asyncio
async def test_a_plugin_that_fails(tmp_path: Path) -> None:
    plugin = {"exec": {"command": "no-such-plugin", "apiVersion": "v1"}}
    config = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://10.0.0.1"}}],
        "users": [{"name": "u", "user": plugin}],
    }
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(config))
    assert "no-such-plugin" in await refusal(f"-kubeconfig={path}")


@pytest.mark.asyncio
async def test_a_port_in_use() -> None:
    async with serving(follower_only) as address:
        port = address.rpartition(":")[2]
        text = await refusal(f"-master={address}", f"-port={port}")
    assert text == f"can't serve HTTP on port {port}: Address already in use"
