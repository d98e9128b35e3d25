"""The gateway: follows HTTPRoutes and endpoints, and says "accepted" when Envoy has taken them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from canary.kube.resources import ENDPOINT_SLICES, SERVICES, Key, Resource
from canary.sandbox.cluster import Cluster
from canary.sandbox.gateway import HTTP_ROUTES, Gateway
from canary.sandbox.jsonvalue import same
from canary.sandbox.live.envoy import Envoy, NotTaken
from canary.sandbox.live.routes import Projection, project, ready_pods
from canary.sandbox.live.runtime import Runtime
from canary.sandbox.storage import Change

log = logging.getLogger("canary.sandbox")

RETRY = 1.0
"""Seconds after which Envoy is given again what it has not taken."""
_FOLLOWED = (HTTP_ROUTES, SERVICES, ENDPOINT_SLICES)


class LiveGateway:
    """One gateway for every parent that an HTTPRoute names."""

    def __init__(self, cluster: Cluster, runtime: Runtime, envoy: Envoy) -> None:
        self._storage, self._runtime, self._envoy = cluster.server.storage, runtime, envoy
        self._reports = Gateway(cluster.server, cluster.clock)
        self._feed: asyncio.Queue[Change | None] = self._storage.feed()
        self._reported: dict[Key, tuple[str, str]] = {}
        self.targets: tuple[tuple[str, str], ...] = ()
        """(host, path) of each route that Envoy carries: where load can go."""

    async def run(self) -> None:
        """Follow the cluster until cancelled; raises ChildFailed when Envoy is gone."""
        while True:
            if await self._project():
                await self._woken()
            else:
                await asyncio.sleep(RETRY)

    async def _woken(self) -> None:
        while True:
            change = await self._feed.get()
            if change and change.resource in _FOLLOWED and not _status_only(change):
                break
        # Endpoints come in bursts; what is queued already is seen by the same look.
        await asyncio.sleep(0.005)
        while not self._feed.empty():
            self._feed.get_nowait()

    async def _project(self) -> bool:
        """Bring Envoy up to date; whether it has taken all over."""
        routes, services = self._all(HTTP_ROUTES), self._all(SERVICES)
        slices = self._all(ENDPOINT_SLICES)
        wanted = project(routes, services)
        ports = {
            backend: [
                port
                for pod in ready_pods(backend, slices)
                if (port := self._runtime.ports.get(pod)) is not None
            ]
            for backend in wanted.backends
        }
        try:
            await self._envoy.apply(wanted, ports)
        except NotTaken as error:
            log.warning("%s", error)
            self._report({key: str(error) for key in routes}, routes)
            return False
        self.targets = tuple(_targets(wanted))
        self._report({**dict.fromkeys(wanted.taken, ""), **wanted.refused}, routes)
        return True

    def _all(self, resource: Resource) -> dict[Key, Mapping[str, Any]]:
        return dict(self._storage.all(resource))

    def _report(self, found: Mapping[Key, str], routes: Mapping[Key, Any]) -> None:
        for key, complaint in found.items():
            live = self._storage.get(HTTP_ROUTES, key)
            # Written to since: the next look is for that.
            if live is None or not same(live["spec"], routes[key]["spec"]):
                continue
            word = (f"{live['metadata']['uid']}/{live['metadata']['generation']}", complaint)
            if self._reported.get(key) != word:
                self._reports.refuses = complaint
                self._reports.changed(key, live)
                self._reported[key] = word


def _status_only(change: Change) -> bool:
    """Whether an HTTPRoute changed in nothing but what this gateway itself writes."""
    if change.resource != HTTP_ROUTES or change.before is None or change.gone:
        return False
    return same(change.obj["spec"], change.before["spec"])


def _targets(wanted: Projection) -> Iterable[tuple[str, str]]:
    for host in wanted.virtual_hosts:
        name = host["domains"][0]
        for route in host["routes"]:
            match = route["match"]
            path = match.get("prefix") or match.get("path") or match.get("path_separated_prefix")
            if path and "route" in route and not {"headers", "query_parameters"} & set(match):
                yield name.replace("*.", "any.").replace("*", "localhost"), path
                break
