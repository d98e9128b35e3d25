"""Many Canaries with light pods, and what a watch of them sees."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from bench.lag import Shift
from canary.kube.client import Client
from canary.kube.resources import CANARIES, DEPLOYMENTS, NAMESPACES, Obj
from canary.kube.transport import STRATEGIC_PATCH, Request
from e2e.routes import HTTP_ROUTES
from e2e.stack.apply import Applier
from e2e.timeline import Timeline
from tests.transcripts.timeline import split

NAMESPACE = "fleet"
INTERVAL = 10.0
"""Seconds: Flagger's shortest."""
WEIGHTS = (20, 40, 60)
_AT_ONCE = 8
_TOGETHER = 250
"""Canaries that come together. An API server that is asked for thousands of Services at once
answers with time-outs, and Flagger asks again at each of its ticks."""


@dataclass(frozen=True)
class Plan:
    """``canaries`` of which ``progressing`` roll out; ``idle`` is how long the idle ones are
    watched, and the begins of the rollouts are spread over one interval."""

    canaries: int
    progressing: int
    idle: float = 60.0


def name_of(number: int) -> str:
    """Name of the Canary with this number, and of its target."""
    return f"app-{number:04d}"


def image(version: int) -> str:
    """An image without a process."""
    return f"app:{version}.0.0-light"


def manifests(number: int) -> list[Obj]:
    """Deployment and Canary. No settle time: Flagger has none, and no gateway is there."""
    name = name_of(number)
    meta = {"name": name, "namespace": NAMESPACE}
    container = {
        "name": "app",
        "image": image(1),
        "ports": [{"name": "http", "containerPort": 8080}],
    }
    template = {
        "metadata": {"labels": {"app": name}, "annotations": {"prometheus.io/scrape": "false"}},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "template": template,
        },
    }
    return [deployment, _canary(meta)]


def _canary(meta: dict[str, str]) -> Obj:
    metrics = [
        {"name": n, "interval": "1m", "query": f"{n}({{{{ target }}}})", "thresholdRange": limit}
        for n, limit in (("success", {"min": 99}), ("latency", {"max": 500}))
    ]
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": meta,
        "spec": {
            "provider": "gatewayapi:v1",
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": meta["name"]},
            "service": {
                "port": 80,
                "targetPort": "http",
                "hosts": [f"{meta['name']}.example"],
                "gatewayRefs": [{"name": "none", "namespace": "default"}],
            },
            "analysis": {
                "interval": f"{INTERVAL:g}s",
                "threshold": 5,
                "stepWeights": list(WEIGHTS),
                "metrics": metrics,
            },
            "engine": {"settle": "0s"},
        },
    }


class Fleet:
    """All of them, in one namespace."""

    def __init__(self, client: Client, plan: Plan, say: Callable[[str], None]) -> None:
        self._client = client
        self._plan = plan
        self._say = say
        self._canaries = Timeline(client, CANARIES, NAMESPACE)
        self._routes = Timeline(client, HTTP_ROUTES, NAMESPACE)

    async def initialise(self, within: float) -> float:
        """Apply all manifests, some at a time, and wait until all are initialised; the seconds
        that it took. ``within``: those that the Canaries of one time may take."""
        began = time.monotonic()
        meta = {"name": NAMESPACE}
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}
        await self._client.apply(NAMESPACES, body)
        applier, gate = Applier(self._client), asyncio.Semaphore(_AT_ONCE)
        await applier.apply(manifests(0))

        async def one(number: int) -> None:
            async with gate:
                await applier.apply(manifests(number))

        for first in range(0, self._plan.canaries, _TOGETHER):
            last = min(first + _TOGETHER, self._plan.canaries)
            await asyncio.gather(*map(one, range(max(1, first), last)))
            await self.reach("Initialized", last, within)
            passed = time.monotonic() - began
            self._say(f"{last} of {self._plan.canaries} initialised after {passed:.0f} s")
        return time.monotonic() - began

    async def reach(self, phase: str, count: int, within: float) -> float:
        """Wait until so many are in a phase; gives the seconds that it took."""
        began = time.monotonic()

        def reached() -> bool:
            found = self.phases()
            assert not found["Failed"], f"{found['Failed']} Canaries Failed: nothing fails here"
            return found[phase] >= count

        await self._canaries.until(reached, f"{count} Canaries {phase}", within)
        return time.monotonic() - began

    def phases(self) -> Counter[str]:
        """How many are in each phase."""
        return Counter(str((obj.get("status") or {}).get("phase", "")) for obj in self._canaries)

    async def change(self) -> dict[str, float]:
        """Give those that progress a new image, spread over an interval; when each got it."""
        pause = INTERVAL / self._plan.progressing
        patch: dict[str, Any] = {"containers": [{"name": "app", "image": image(2)}]}
        body = orjson.dumps({"spec": {"template": {"spec": patch}}})
        changed = {}
        begin = time.monotonic()
        for number in range(self._plan.progressing):
            await asyncio.sleep(begin + number * pause - time.monotonic())
            path = DEPLOYMENTS.path(NAMESPACE, name_of(number))
            changed[name_of(number)] = time.time()
            request = Request("PATCH", path, body=body, content_type=STRATEGIC_PATCH)
            await self._client.send(request, "patch", "deployments")
        return changed

    def shifts(self, since: float) -> list[Shift]:
        """Each weight that a route came to carry, with its time (Unix)."""
        return [
            Shift(change.name, int(split(change.obj).partition("/")[2]), change.at)
            for change in self._routes.changes
            if change.obj is not None and change.at >= since
        ]

    def ended(self, changed: dict[str, float]) -> Sequence[float]:
        """Seconds from the change to the status Succeeded, for each that got there."""
        return list(self._ended(changed))

    def _ended(self, changed: dict[str, float]) -> Iterator[float]:
        seen = set()
        for change in self._canaries.changes:
            done = change.obj is not None and (change.obj.get("status") or {}).get("phase")
            began = changed.get(change.name)
            if done == "Succeeded" and began is not None and change.name not in seen:
                seen.add(change.name)
                yield change.at - began

    async def close(self) -> None:
        """Watch no more."""
        await self._canaries.close()
        await self._routes.close()
