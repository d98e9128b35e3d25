"""A metrics server on loopback that answers as a test says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from analysis.interface import Connection
from analysis.outcome import FailureKind, QueryFailed
from tests.rig.loopback import Handler, Loopback

ONE = '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}'


def result(element: Any, kind: str = "vector") -> str:
    """A body with this ``result``."""
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": element}})


def vector(*values: Any) -> str:
    """A body with one series per value."""
    return result(
        [{"metric": {"n": str(n)}, "value": [1700000000.1, v]} for n, v in enumerate(values)]
    )


async def answer_one(request: web.Request) -> web.StreamResponse:
    return web.Response(text=ONE)


@dataclass
class Server(Loopback):
    """``requests`` are those that came, in order; ``handler`` answers them."""

    handler: Handler = answer_one
    requests: list[web.Request] = field(default_factory=list)
    url: str = ""

    def says(self, body: str | bytes, status: int = 200, **more: Any) -> None:
        """Answer everything with this."""
        raw = body.encode() if isinstance(body, str) else body

        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(body=raw, status=status, **more)

        self.handler = handler

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        return await super().serve(request)


async def failure(connection: Connection, kind: FailureKind) -> str:
    """The text of a query that has to fail so."""
    found = await connection.query("up")
    assert isinstance(found, QueryFailed)
    assert found.kind is kind
    return found.text
