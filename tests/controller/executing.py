"""An executor and the API server that it writes to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

from canary.clock import LoopClock
from canary.controller.executor import Executor
from canary.controller.settings import Settings
from canary.controller.writes import Write
from canary.kube.client import Client
from canary.kube.resources import Key, Resource
from canary.kube.transport import Request, Response
from canary.sandbox.server import Server
from tests.rig.played import played_on

CANARY = {"metadata": {"name": "podinfo", "namespace": "test", "uid": "canary"}}


def manifest(kind: str, name: str = "podinfo", **parts: Any) -> dict[str, Any]:
    meta = {"name": name, "namespace": "test"}
    return {"apiVersion": "v1", "kind": kind, "metadata": meta, **parts}


class Api:
    """An API server, a user of it, and the executor.

    ``meanwhile`` comes before a request of the executor that is a patch; it may answer it.
    """

    def __init__(self) -> None:
        self.server = Server(LoopClock(datetime(2026, 1, 1, tzinfo=UTC)))
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "test"}}
        self.server.writer.create(self.server.kind_of("", "v1", "namespaces"), "", namespace, "")
        self.user = Client(self.server.transport("kubectl"), manager="kubectl")
        self.meanwhile: Callable[[], Awaitable[Response | None]] | None = None
        self.sent: list[str] = []
        self._engine = self.server.transport("engine")
        self.executor = Executor(Client(self), Settings())

    async def request(self, request: Request) -> Response:
        self.sent.append(request.method)
        answer = None
        if self.meanwhile and request.method == "PATCH":
            answer = await self.meanwhile()
        return answer or await self._engine.request(request)

    def stream(self, request: Request) -> AbstractAsyncContextManager[Any]:
        return self._engine.stream(request)

    async def does(self, write: Write) -> Any:
        return await self.executor.carry_out(write, CANARY)

    def get(self, resource: Resource, name: str = "podinfo") -> Any:
        return self.server.storage.get(resource, Key("test", name))

    async def seen(self, resource: Resource, body: dict[str, Any]) -> tuple[str, str]:
        """What a decision saw: uid and version of an object that is made so."""
        made = await self.user.create(resource, body)
        return made["metadata"]["uid"], made["metadata"]["resourceVersion"]


played = played_on(Api)
