"""A hook receiver on loopback that answers as a test says."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractResolver

from canary.api.hooks import Webhook
from canary.hooks import Refused
from tests.rig.loopback import Handler, Loopback

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


class StoppedClock:
    """Always the same moment."""

    def monotonic(self) -> float:
        return 0.0

    def now(self) -> datetime:
        return NOW


def gave_up(url: str, cause: str, attempts: int = 1) -> Refused:
    text = f'POST {url} giving up after {attempts} attempt(s): Post "{url}": {cause}'
    return Refused(text, None)


class Names(AbstractResolver):
    """Knows addresses by name, or fails."""

    def __init__(self, *addresses: str, error: OSError | None = None) -> None:
        self._addresses = addresses
        self._error = error

    async def resolve(self, host, port=0, family=socket.AF_INET):
        if self._error:
            raise self._error
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in self._addresses
        ]

    async def close(self):
        pass


def hook(url: str, **fields: Any) -> Webhook:
    """A webhook as a Canary's spec has it."""
    return Webhook.model_validate({"name": "load", "url": url, **fields})


@dataclass
class Call:
    """One request as it came; ``peer`` is the port of its connection."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    peer: int


async def say_ok(request: web.Request) -> web.StreamResponse:
    return web.Response(text="OK")


@dataclass
class Receiver(Loopback):
    """``calls`` are those that came, in order; ``handler`` answers them."""

    handler: Handler = say_ok
    calls: list[Call] = field(default_factory=list)
    url: str = ""

    def says(self, status: int, body: str | bytes = "", **headers: str) -> None:
        """Answer everything with this; ``Retry_After`` in ``headers`` means ``Retry-After``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body.encode() if isinstance(body, str) else body

        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(status=status, body=raw, headers=named)

        self.handler = handler

    def says_in_turn(self, *answers: tuple[int, str]) -> None:
        """Answer each call with the next of these, then with the last one."""
        coming = list(answers)

        async def handler(request: web.Request) -> web.StreamResponse:
            status, body = coming.pop(0) if len(coming) > 1 else coming[0]
            return web.Response(status=status, text=body)

        self.handler = handler

    async def serve(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peer = request.transport.get_extra_info("peername")[1]
        body = await request.read()
        self.calls.append(Call(request.method, request.raw_path, dict(request.headers), body, peer))
        return await super().serve(request)


@asynccontextmanager
async def raw_receiver(*answers: bytes, abort: bool = False) -> AsyncIterator[str]:
    """Answers the n-th connection with the n-th bytes, the later ones with the last, and closes.

    ``abort`` resets the connection instead.
    """
    coming = list(answers)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(coming.pop(0) if len(coming) > 1 else coming[0])
        if abort:
            writer.transport.abort()
            return
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
