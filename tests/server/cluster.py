"""An API server as far as the start of the engine and its Lease look at it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from canary.kube.transport import Request, Response, TransportError
from tests.rig.definitions import own_crds

_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def shipped() -> dict[str, dict[str, Any]]:
    """The CRDs of this repository, by name."""
    return {definition["metadata"]["name"]: definition for definition in own_crds()}


class Cluster:
    """Answers as a healthy cluster does, but for what a test takes away."""

    def __init__(self) -> None:
        self.git_version = "v1.34.1"
        self.definitions = shipped()
        self.denied: set[tuple[str, str, str]] = set()
        """Verb, ``group/plural/subresource`` and namespace; an empty namespace means all."""
        self.down = False
        self.refuses: tuple[int, str] | None = None
        """Status and message of every answer, if set."""
        self.asked: list[tuple[str, str, str]] = []
        self.leases: dict[str, dict[str, Any]] = {}
        self.version = 0

    async def request(self, request: Request) -> Response:
        if self.down:
            raise TransportError("Cannot connect to host 10.0.0.1:443")
        status, body = self.answer(request.method, request.path, request.body or b"")
        return Response(status, {}, json.dumps(body).encode())

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Any]:
        raise AssertionError("no watch is needed at the start")
        yield

    async def close(self) -> None:
        """Nothing is pooled."""

    async def serve(self, request: web.Request) -> web.Response:
        """The same over HTTP."""
        status, body = self.answer(request.method, request.path, await request.read())
        return web.json_response(body, status=status)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if self.refuses:
            status, message = self.refuses
            return status, {"kind": "Status", "reason": "Forbidden", "message": message}
        if path == "/version":
            return 200, {"gitVersion": self.git_version}
        if path == _REVIEWS:
            return 201, {"status": {"allowed": self._allowed(json.loads(body))}}
        if path.startswith(_DEFINITIONS):
            found = self.definitions.get(path.removeprefix(_DEFINITIONS))
            return (200, found) if found else self._refusal(404, "NotFound", "not found")
        return self._lease(method, path, json.loads(body or b"{}"))

    def _allowed(self, review: dict[str, Any]) -> bool:
        wanted = review["spec"]["resourceAttributes"]
        parts = (wanted["group"], wanted["resource"], wanted["subresource"])
        question = (wanted["verb"], "/".join(filter(None, parts)), wanted["namespace"])
        self.asked.append(question)
        return not any(
            question[:2] == (verb, what) and _meet(question[2], namespace)
            for verb, what, namespace in self.denied
        )

    def _lease(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        collection, _, name = path.rpartition("/leases")
        assert collection.startswith("/apis/coordination.k8s.io/v1/namespaces/"), path
        name = name.removeprefix("/") or body["metadata"]["name"]
        namespace = collection.rpartition("/")[2]
        here = self.leases.get(f"{namespace}/{name}")
        if method == "GET" or (method == "PUT" and here is None):
            return (200, here) if here else self._refusal(404, "NotFound", "no lease")
        seen = body["metadata"].get("resourceVersion")
        if here is not None and here["metadata"]["resourceVersion"] != seen:
            return self._refusal(409, "Conflict", "another version")
        self.version += 1
        metadata = {**body["metadata"], "resourceVersion": str(self.version)}
        self.leases[f"{namespace}/{name}"] = {**body, "metadata": metadata}
        return 200, self.leases[f"{namespace}/{name}"]

    def _refusal(self, code: int, reason: str, message: str) -> tuple[int, dict[str, Any]]:
        return code, {"kind": "Status", "reason": reason, "message": message, "code": code}


def _meet(asked: str, denied: str) -> bool:
    """All namespaces are allowed only where none is denied."""
    return asked == denied or "" in (asked, denied)
