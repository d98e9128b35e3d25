"""Users, as a process: a steady stream of requests, each with what became of it.

Arguments: address and port of the gateway, host name, requests a second, file to write, number of
visitors, and further headers as ``name: value``. It writes one line of JSON a request, ``[sent,
seconds, revision, pod, status, error, visitor]``: the status is 0 where there was no answer, and
the error says why. Visitors take turns and keep the cookies that they are given; without any the
number is -1, and cookies are nobody's. It ends when its standard input does. Only the standard
library: it has to be light.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Sequence
from typing import TextIO

_PATIENCE = 10.0
"""Seconds after which a user gives up."""
_FLUSH = 0.2


class Stale(Exception):
    """A kept connection had been closed by the other side before it answered anything."""


class Connection:
    """One kept connection to the gateway."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.used = False
        self.open = True

    async def ask(self, request: bytes) -> tuple[int, dict[str, str]]:
        """Status, and headers by names in lower case. Raises Stale, OSError, EOFError,
        ValueError."""
        try:
            self._writer.write(request)
            await self._writer.drain()
            head = await self._reader.readuntil(b"\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            self.close()
            if self.used and not getattr(error, "partial", b""):
                raise Stale from error
            raise
        first, *rest = head.decode("latin-1").split("\r\n")
        fields = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in rest if line)
        }
        await self._reader.readexactly(int(fields.get("content-length", "0")))
        self.used = True
        if fields.get("connection") == "close" or "content-length" not in fields:
            self.close()
        return int(first.split(" ")[1]), fields

    def close(self) -> None:
        """No more requests."""
        self.open = False
        self._writer.close()


class Users:
    """Sends each request when it is due, whether or not those before it have been answered."""

    def __init__(
        self,
        address: tuple[str, int],
        host: str,
        out: TextIO,
        headers: Sequence[str] = (),
        visitors: int = 0,
    ) -> None:
        self._address, self._out = address, out
        self._lines = ("GET / HTTP/1.1", f"Host: {host}", *headers)
        self._cookies = dict.fromkeys(range(visitors), "")
        self._turn = itertools.cycle(self._cookies or (-1,))
        self._idle: list[Connection] = []
        self._open: set[asyncio.Task[None]] = set()

    async def send(self, rate: float, ended: asyncio.Event) -> None:
        """``rate`` requests a second until ``ended``; then the answers that are still due."""
        loop = asyncio.get_running_loop()
        due = flushed = loop.time()
        while not ended.is_set():
            task = asyncio.create_task(self.one())
            self._open.add(task)
            task.add_done_callback(self._open.discard)
            # After a pause of the machine the stream goes on; it doesn't catch up.
            due = max(due + 1 / rate, loop.time() - 0.2)
            await asyncio.sleep(due - loop.time())
            if loop.time() - flushed > _FLUSH:
                self._out.flush()
                flushed = loop.time()
        if self._open:
            await asyncio.wait(self._open)
        self._out.flush()

    async def one(self) -> None:
        """Send one request and record what became of it."""
        sent, began, why = time.time(), time.monotonic(), ""
        visitor, fields = next(self._turn), dict[str, str]()
        cookie = self._cookies.get(visitor)
        own = (f"Cookie: {cookie}",) if cookie else ()
        request = "\r\n".join((*self._lines, *own, "", "")).encode()
        try:
            async with asyncio.timeout(_PATIENCE):
                status, fields = await self._answer(request)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            status, why = 0, f"{type(error).__name__} {error}".strip()
        if visitor in self._cookies and "set-cookie" in fields:
            pair, *attributes = fields["set-cookie"].split(";")
            gone = any(text.strip().lower() == "max-age=-1" for text in attributes)
            self._cookies[visitor] = "" if gone else pair
        who = fields.get("x-revision", ""), fields.get("x-pod", "")
        took = time.monotonic() - began
        row = [round(sent, 4), round(took, 4), *who, status, why, visitor]
        self._out.write(json.dumps(row) + "\n")

    async def _answer(self, request: bytes) -> tuple[int, dict[str, str]]:
        while True:
            connection = self._idle.pop() if self._idle else await self._connect()
            try:
                answer = await connection.ask(request)
            except Stale:
                continue  # As every client does: the request goes once more, on another one.
            except BaseException:
                connection.close()
                raise
            if connection.open:
                self._idle.append(connection)
            return answer

    async def _connect(self) -> Connection:
        return Connection(*await asyncio.open_connection(*self._address))

    def close(self) -> None:
        """Let go of the connections that are kept."""
        for connection in self._idle:
            connection.close()


async def run(
    address: tuple[str, int],
    host: str,
    rate: float,
    file: str,
    visitors: int,
    headers: Sequence[str],
) -> None:
    """Until standard input ends."""
    ended = asyncio.Event()
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)

    async def wait() -> None:
        await reader.read()
        ended.set()

    waiting = asyncio.create_task(wait())
    with open(file, "w", encoding="utf-8") as out:  # noqa: ASYNC230 - a local file, at the start
        users = Users(address, host, out, headers, visitors)
        await users.send(rate, ended)
        users.close()
    await waiting


if __name__ == "__main__":
    where, number, name, rate, file, visitors, *headers = sys.argv[1:]
    asyncio.run(run((where, int(number)), name, float(rate), file, int(visitors), headers))
