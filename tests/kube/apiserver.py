"""A loopback HTTP server whose answers a test writes, and kubeconfigs that lead to it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from canary.kube.http import connect
from canary.kube.transport import Request

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

GET = Request("GET", "/version")


@asynccontextmanager
async def serving(handler: Handler, **options: Any) -> AsyncIterator[str]:
    """Its address while the context is open."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, **options)
    try:
        await site.start()
        port = runner.addresses[0][1]
        yield f"{'https' if options else 'http'}://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


def kubeconfig(
    folder: Path,
    address: str,
    user: dict[str, Any] | None = None,
    cluster: dict[str, Any] | None = None,
) -> str:
    """Path of a kubeconfig with one context."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        "clusters": [{"name": "here", "cluster": {"server": address, **(cluster or {})}}],
        "users": [{"name": "me", "user": user or {}}],
    }
    path = folder / "kubeconfig.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return str(path)


PLUGIN = """\
import json, pathlib, sys
count = pathlib.Path(sys.argv[1])
calls = int(count.read_text()) + 1 if count.exists() else 1
count.write_text(str(calls))
print(json.dumps({
    "apiVersion": "client.authentication.k8s.io/v1",
    "kind": "ExecCredential",
    "status": {"token": f"call{calls}", "expirationTimestamp": "2999-01-01T00:00:00Z"},
}))
"""


def plugin(folder: Path, code: str = PLUGIN) -> dict[str, Any]:
    """A user whose token a program gives; it counts its calls in the file `calls`."""
    script = folder / "plugin.py"
    script.write_text(code)
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": [str(script), str(folder / "calls")],
        }
    }


async def statuses(config: str, count: int = 1) -> list[int]:
    """Of so many requests, one after the other."""
    transport = await connect(kubeconfig=config)
    try:
        return [(await transport.request(GET)).status for _ in range(count)]
    finally:
        await transport.close()
