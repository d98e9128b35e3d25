"""A cluster in a process of its own: ``python -m bench.cluster COUNT STEPS INTERVAL SETTLE DRAIN``.

Prints the addresses of its API and of its desk, which is also the metrics server, when all
Canaries are applied, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from bench.lag import Shift
from bench.manifests import NAMESPACE, Plan, manifests, name_of
from bench.wire import query, serving
from canary.clock import SystemClock
from canary.kube.resources import (
    CANARIES,
    CONFIG_MAPS,
    CRDS,
    DEPLOYMENTS,
    NAMESPACES,
    Resource,
)
from canary.sandbox import http
from canary.sandbox.cluster import Cluster, routing_crds
from canary.sandbox.server import Entry

ROOT = Path(__file__).parents[1]
_PLACES: dict[str, Resource] = {r.kind: r for r in (CANARIES, CONFIG_MAPS, DEPLOYMENTS)}


class Desk:
    """What the measuring process asks and orders, and what it can't see from outside."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._user = cluster.client("kubectl")
        self.requests = 0
        self.shifts: list[Shift] = []
        self._changing: asyncio.Task[None] | None = None

    def routes(self, app: web.Application) -> None:
        """Add the endpoints."""
        app.router.add_get("/bench/phases", self.phases)
        app.router.add_get("/bench/heard", self.heard)
        app.router.add_post("/bench/change/{first}/{count}/{seconds}", self.change)

    def hear(self, entry: Entry, arrived: float) -> None:
        """Count a request of the engine; remember it if it wrote a route."""
        self.requests += 1
        place = entry.subject
        done = entry.writes and entry.status < 300
        if done and place is not None and place.kind.resource.plural == "virtualservices":
            self.shifts.append(_shift(entry.answer, arrived))

    async def apply(self, count: int, plan: Plan) -> None:
        """Install definitions and the Canaries."""
        own = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "crds").glob("*.yaml"))]
        for definition in own + routing_crds():
            await self._user.create(CRDS, definition)
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        await self._user.create(NAMESPACES, namespace)
        for number in range(count):
            for manifest in manifests(number, plan):
                await self._user.create(_PLACES[manifest["kind"]], manifest)

    async def phases(self, request: web.Request) -> web.Response:
        """How many Canaries are in each phase."""
        found = [obj for _, obj in self._cluster.server.storage.all(CANARIES)]
        return web.json_response(
            Counter((obj.get("status") or {}).get("phase", "") for obj in found)
        )

    async def heard(self, request: web.Request) -> web.Response:
        """Requests so far, watches left out, and all writes of routes."""
        shifts = [[one.canary, one.weight, one.at] for one in self.shifts]
        return web.json_response({"requests": self.requests, "shifts": shifts})

    async def change(self, request: web.Request) -> web.Response:
        """Begin to give ``count`` targets from ``first`` on another image, evenly within
        ``seconds``."""
        # What was stored before is never collected: looking through it only takes time.
        gc.freeze()
        wanted = request.match_info
        first, count = int(wanted["first"]), int(wanted["count"])
        work = self._change(range(first, first + count), float(wanted["seconds"]))
        self._changing = asyncio.create_task(work)
        return web.json_response({})

    async def _change(self, numbers: Sequence[int], seconds: float) -> None:
        path = "/spec/template/spec/containers/0/image"
        patch = [{"op": "replace", "path": path, "value": "app:2"}]
        loop = asyncio.get_running_loop()
        begin = loop.time()
        for index, number in enumerate(numbers):
            await asyncio.sleep(max(0.0, begin + seconds * index / len(numbers) - loop.time()))
            name = name_of(number)
            target = self._cluster.get(DEPLOYMENTS, NAMESPACE, name)
            if target is None:
                raise LookupError(name)
            uid, version = target["metadata"]["uid"], target["metadata"]["resourceVersion"]
            await self._user.json_patch(
                DEPLOYMENTS, NAMESPACE, name, patch, uid=uid, resource_version=version
            )


def _shift(route: Any, arrived: float) -> Shift:
    name = route["metadata"]["name"]
    backends = [backend for rule in route["spec"]["http"] for backend in rule["route"]]
    canary = f"{name}-canary"
    weights = [b.get("weight", 100) for b in backends if b["destination"]["host"] == canary]
    return Shift(name, weights[0] if weights else 0, arrived)


async def _serve(count: int, plan: Plan) -> None:
    cluster = Cluster(SystemClock())
    cluster.start()
    desk = Desk(cluster)
    await desk.apply(count, plan)
    app = web.Application()
    desk.routes(app)
    app.router.add_get("/api/v1/query", query)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, http.LOOPBACK, 0).start()
    async with serving(cluster.server, desk.hear) as address:
        print(address, "http://{}:{}".format(*runner.addresses[0]), flush=True)
        await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()
    await cluster.stop()


if __name__ == "__main__":
    canaries, steps, *times = sys.argv[1:]
    asyncio.run(_serve(int(canaries), Plan(int(steps), *(float(time) for time in times))))
