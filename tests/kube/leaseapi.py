"""Just enough of an API server to elect a leader: one Lease, versions, and a bad network."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from canary.kube.transport import Request, Response, TransportError, TransportTimeout

PATH = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"


def refusal(code: int, reason: str) -> Response:
    body = {"kind": "Status", "reason": reason, "message": reason, "code": code}
    return Response(code, {}, json.dumps(body).encode())


class LeaseApi:
    """The store. Writes on another version than the stored one fail with 409, as in Kubernetes."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.version = 0
        self.writes: list[dict[str, Any]] = []
        """Specs in the order in which they were stored."""

    @property
    def holder(self) -> str:
        return self.lease["spec"]["holderIdentity"] if self.lease else ""

    def put(self, **spec: Any) -> None:
        """What another client writes."""
        metadata = {"name": "flagger-leader-election", "namespace": "kube-system"}
        self._store({"metadata": metadata, "spec": spec})

    def answer(self, request: Request) -> Response:
        """Handle one request at once."""
        body = json.loads(request.body) if request.body else None
        if request.method == "POST" and request.path == PATH:
            return refusal(409, "AlreadyExists") if self.lease else self._store(body)
        assert request.path == f"{PATH}/flagger-leader-election"
        if self.lease is None:
            return refusal(404, "NotFound")
        if request.method == "GET":
            return Response(200, {}, json.dumps(self.lease).encode())
        assert request.method == "PUT"
        if body["metadata"]["resourceVersion"] != self.lease["metadata"]["resourceVersion"]:
            return refusal(409, "Conflict")
        return self._store(body)

    def _store(self, body: dict[str, Any]) -> Response:
        self.version += 1
        self.lease = {
            **body,
            "metadata": {**body["metadata"], "resourceVersion": str(self.version)},
        }
        self.writes.append(self.lease["spec"])
        return Response(200, {}, json.dumps(self.lease).encode())


class Wire:
    """One process's way to the API, with faults that a test sets or a generator draws."""

    def __init__(self, api: LeaseApi, rng: random.Random | None = None) -> None:
        self._api = api
        self._rng = rng
        self.down = False
        self.late = 0.0
        """Seconds that writes take to arrive, even if nobody waits for them any more."""
        self.answers: list[tuple[str, int]] = []
        """Method and status of each request that reached the API."""
        self.sent = 0
        self.on_write = asyncio.Event()
        """Set when a write sets out."""
        self._packets: set[asyncio.Task[Response]] = set()

    async def request(self, request: Request) -> Response:
        self.sent += 1
        if request.method != "GET":
            self.on_write.set()
        packet = asyncio.create_task(self._deliver(request))
        self._packets.add(packet)
        packet.add_done_callback(self._arrived)
        try:
            async with asyncio.timeout(request.timeout):
                return await asyncio.shield(packet)
        except TimeoutError as error:
            raise TransportTimeout("timeout") from error

    def _arrived(self, packet: asyncio.Task[Response]) -> None:
        self._packets.discard(packet)
        if not packet.cancelled():
            # Perhaps nobody waits for it any more.
            packet.exception()

    async def _deliver(self, request: Request) -> Response:
        await asyncio.sleep(self._delay(request))
        if self.down or self._draw(0.05):
            # Nothing comes back, not even a refusal; whoever sent it finds out by waiting.
            await asyncio.sleep(60)
            raise TransportError("lost on the way")
        response = self._api.answer(request)
        self.answers.append((request.method, response.status))
        await asyncio.sleep(self._delay(request))
        if self._draw(0.05):
            raise TransportError("the answer was lost")
        return response

    def _delay(self, request: Request) -> float:
        if self.late and request.method == "PUT":
            return self.late
        if self._rng is None:
            return 0.01
        return self._rng.uniform(0, 90) if self._draw(0.05) else self._rng.choice((0.001, 0.05, 1))

    def _draw(self, share: float) -> bool:
        return self._rng is not None and self._rng.random() < share

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Any]:
        raise AssertionError("no watch is needed to elect a leader")
        yield

    async def close(self) -> None:
        """Nothing is pooled."""
