"""The engine's own process against a served sandbox, with kubectl as its user."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from tests.conformance.manifests import canary, deployment
from tests.sandbox.served import Served, kubectl, served

pytestmark = kubectl


@asynccontextmanager
async def _engine(cluster: Served, prometheus: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """``canary run`` beside the sandbox; it ends with the context, and has to end well."""
    arguments = ("-kubeconfig", str(cluster.kubeconfig), "-metrics-server", prometheus)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "canary.cli.main", "run", *arguments, "-port", "0",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(cluster.folder)},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await process.wait() == 0


@asynccontextmanager
async def _prometheus() -> AsyncIterator[str]:
    """Says that everything is well."""

    async def answer(request: web.Request) -> web.Response:
        sample = {"metric": {}, "value": [0, "100"]}
        data = {"resultType": "vector", "result": [sample]}
        return web.json_response({"status": "success", "data": data})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_rollout_from_first_apply_to_promotion(tmp_path: Path) -> None:
    # lifecycle.md: the phases of a Canary whose analysis is skipped.
    spec = {
        "provider": "istio",
        "skipAnalysis": True,
        "engine": {"settle": "100ms", "drain": "100ms"},
        "analysis": {"interval": "10s", "threshold": 1, "stepWeight": 50, "maxWeight": 50},
    }
    async with (
        served(tmp_path) as cluster,
        _prometheus() as prometheus,
        _engine(cluster, prometheus),
    ):
        await cluster.apply(deployment(replicas=1), canary(**spec))
        phase = "--for=jsonpath={.status.phase}"
        await cluster("wait", "canary/web", f"{phase}=Initialized", "--timeout=30s")
        names = (await cluster("get", "deployments", "-o", "name")).split()
        assert names == ["deployment.apps/web", "deployment.apps/web-primary"]
        services = (await cluster("get", "services", "-o", "name")).split()
        assert services == ["service/web", "service/web-canary", "service/web-primary"]
        await cluster("get", "virtualservice", "web")
        await cluster("set", "image", "deployment/web", "app=web:2.0.0")
        await cluster("wait", "canary/web", f"{phase}=Succeeded", "--timeout=40s")
        path = "jsonpath={.spec.template.spec.containers[0].image}"
        assert await cluster("get", "deploy/web-primary", "-o", path) == "web:2.0.0"
        assert "Promotion completed!" in await cluster("get", "events")
