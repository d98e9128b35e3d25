"""Running the commands for people against a cluster in process."""

from __future__ import annotations

import asyncio
import io
import json
import shlex
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from canary.cli.commands import PEOPLE
from canary.cli.failure import CommandFailed, UsageFault
from canary.cli.invoke import perform
from canary.cli.parsers import parser
from canary.cli.session import Session
from canary.cli.terminal import Terminal
from canary.kube.client import Client
from canary.kube.resources import CANARIES
from canary.kube.transport import Request, Response
from tests.rig.manifests import setting
from tests.rig.stage import Stage


@dataclass
class Said:
    """Exit code, what was printed, and the line of a failure."""

    code: int
    out: str
    error: str = ""

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def columns(line: str) -> list[str]:
    """The cells of a table's line."""
    return [cell.strip() for cell in line.split("   ") if cell.strip()]


async def canary(
    stage: Stage, line: str, *, client: Client | None = None, out: Terminal | None = None
) -> Said:
    """Run a command line as a person whose context has the namespace ``test``."""
    name, *arguments = shlex.split(line)
    out = out or Terminal(io.StringIO())
    options = parser("canary", name, PEOPLE[name]).parse_args(arguments)
    namespace = getattr(options, "namespace", "") or "test"
    session = Session(client or stage.user, namespace, out, stage.clock)
    try:
        code = await perform(PEOPLE[name], session, options)
    except UsageFault as error:
        return Said(2, out.stream.getvalue(), str(error))
    except CommandFailed as error:
        return Said(PEOPLE[name].trouble, out.stream.getvalue(), str(error))
    return Said(code, out.stream.getvalue())


@asynccontextmanager
async def watching(stage: Stage, line: str, **terminal: Any):
    """A command that goes on until the context is left; gives its stream."""
    stream = io.StringIO()
    task = asyncio.create_task(canary(stage, line, out=Terminal(stream, **terminal)))
    try:
        yield stream
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Barred:
    """A transport that answers ``status`` for every path with ``part`` in it."""

    def __init__(self, inner: Any, part: str, status: int = 403) -> None:
        self.inner, self.part, self.status = inner, part, status
        self.open = False

    async def request(self, request: Request) -> Response:
        if not self.open and self.part in request.path:
            body = b'{"kind":"Status","reason":"Barred","message":"barred: %s"}'
            return Response(self.status, {}, body % request.path.encode())
        return await self.inner.request(request)

    def stream(self, request: Request) -> Any:
        return self.inner.stream(request)


def barred(stage: Stage, part: str, status: int = 403) -> Client:
    """A client that isn't let to ``part``."""
    return Client(Barred(stage.user.transport, part, status))


async def remove_canary(stage: Stage, name: str = "podinfo") -> None:
    obj = await stage.user.get(CANARIES, "test", name)
    await stage.user.delete(CANARIES, "test", name, uid=obj["metadata"]["uid"])


async def second_canary(stage: Stage, name: str = "other", **labels: str) -> None:
    """One more Canary, of a target that isn't there."""
    obj = setting()[3]
    obj["metadata"] |= {"name": name, "labels": labels}
    obj["spec"]["targetRef"]["name"] = name
    await stage.apply(obj)


@asynccontextmanager
async def waiting(stage: Stage, line: str, client: Client | None = None):
    """A wait beside the script; gives its task."""
    task = asyncio.create_task(canary(stage, line, client=client))
    try:
        # It has looked once before the script goes on.
        await stage.rest(1)
        yield task
    finally:
        task.cancel()


async def result(task: asyncio.Task[Said]) -> Said:
    """How a wait ended; it has an hour."""
    async with asyncio.timeout(3600):
        return await task


async def told(stage: Stage) -> dict[str, Any]:
    """What ``status`` says of the Canary, as data."""
    said = await canary(stage, "status podinfo -o json")
    assert said.code == 0, said.error
    return json.loads(said.out)
