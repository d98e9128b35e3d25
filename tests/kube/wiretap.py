"""A client of a cluster, and what it sends."""

from __future__ import annotations

from typing import Any

from canary.clock import LoopClock
from canary.kube.client import Client
from canary.kube.resources import CONFIG_MAPS, Resource
from canary.kube.transport import Request, Response
from canary.sandbox.cluster import Cluster
from tests.rig.played import played_on
from tests.rig.stage import ORIGIN

ONE = ("default", "one")


class Wire:
    """Keeps what is sent; ``answers`` are given instead of those of the server."""

    def __init__(self, cluster: Cluster) -> None:
        self._inner = cluster.server.transport("engine")
        self.sent: list[Request] = []
        self.answers: list[Response] = []

    async def request(self, request: Request) -> Response:
        self.sent.append(request)
        return self.answers.pop(0) if self.answers else await self._inner.request(request)


class Rig:
    def __init__(self) -> None:
        self.cluster = Cluster(LoopClock(ORIGIN))
        self.wire = Wire(self.cluster)
        self.calls: list[tuple[str, str]] = []
        self.client = Client(
            self.wire, timeout=7.0, on_call=lambda verb, what: self.calls.append((verb, what))
        )

    async def made(
        self, resource: Resource = CONFIG_MAPS, name: str = "one", **body: Any
    ) -> dict[str, str]:
        """The preconditions of a write to a new object."""
        meta = {"name": name, "namespace": "default"}
        kind = {"apiVersion": resource.api_version, "kind": resource.kind}
        obj = await self.client.create(resource, {**kind, "metadata": meta, **body})
        return {
            "uid": obj["metadata"]["uid"],
            "resource_version": obj["metadata"]["resourceVersion"],
        }

    def live(self, resource: Resource = CONFIG_MAPS) -> Any:
        return self.cluster.get(resource, "default", "one")


played = played_on(Rig)
