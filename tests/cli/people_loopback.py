"""The command as a process, and a cluster on loopback for it to find."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import yaml
from aiohttp import web
from people_flagger import flagger_status, store_status

from canary.kube.transport import Request
from tests.rig.manifests import setting
from tests.rig.stage import Stage

MAIN = [sys.executable, "-m", "canary.cli.main"]


def environment(**more: str) -> dict[str, str]:
    """What a shell hands over, without the settings of whoever runs the tests."""
    kept = {k: v for k, v in os.environ.items() if k not in ("KUBECONFIG", "NO_COLOR", "HOME")}
    kept.pop("KUBERNETES_SERVICE_HOST", None)
    return {**kept, "HOME": "/nonexistent", "TERM": "xterm", "COLUMNS": "100", **more}


def canary(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MAIN, *arguments],
        env=environment(**environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def unreachable(folder: Path) -> str:
    """A kubeconfig that leads nowhere: port 1 of this machine."""
    return written(folder, "http://127.0.0.1:1")


def written(folder: Path, address: str) -> str:
    config = {
        "current-context": "nowhere",
        "contexts": [
            {"name": "nowhere", "context": {"cluster": "nowhere", "user": "me"}},
            {
                "name": "here",
                "context": {"cluster": "here", "user": "me", "namespace": "test"},
            },
            {"name": "stranger", "context": {"cluster": "here", "user": "stranger"}},
        ],
        "clusters": [
            {"name": "nowhere", "cluster": {"server": "http://127.0.0.1:1"}},
            {"name": "here", "cluster": {"server": address}},
        ],
        "users": [
            {"name": "me", "user": {"token": "t0ken"}},
            {"name": "stranger", "user": {"token": "other"}},
        ],
    }
    path = folder / "config"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return str(path)


@asynccontextmanager
async def cluster(folder: Path) -> AsyncIterator[dict[str, str]]:
    """A cluster on loopback with a Canary of Flagger's; gives the environment to find it."""
    stage = Stage()
    await stage.up()
    await stage.apply(*setting())
    store_status(stage, flagger_status("Succeeded"))
    transport = stage.cluster.server.transport("person")

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Bearer t0ken":
            return web.json_response({"kind": "Status", "message": "Unauthorized"}, status=401)
        asked = Request(request.method, request.path, dict(request.query))
        found = await transport.request(asked)
        return web.Response(status=found.status, body=found.body)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield {"KUBECONFIG": written(folder, f"http://127.0.0.1:{port}")}
    finally:
        await runner.cleanup()
        await stage.down()


async def ran(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(canary, *arguments, **environ)
