"""A loopback HTTP server whose answers a test writes, and kubeconfigs that lead to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


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
