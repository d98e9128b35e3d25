"""The application of the sandbox: one process is one pod, a real HTTP server on loopback.

Run as a script by the container runtime, without the packages of the product, so that it stays
small. It prints the port that it listens on. SIGTERM ends it after the requests it has begun.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CRASH_AFTER = 0.3
"""Seconds that a crashing application lives."""
_REASONS = {200: "OK", 400: "Bad Request", 500: "Internal Server Error", 503: "Not Ready"}
_LONGEST_HEAD = 65536


class Histogram:
    """``http_request_duration_seconds`` by method and status."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, int], list[float]] = {}

    def observe(self, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        cells = self._series.setdefault((method, status), [0.0] * (len(BUCKETS) + 2))
        for index, bound in enumerate(BUCKETS):
            cells[index] += seconds <= bound
        cells[-2] += 1
        cells[-1] += seconds

    def text(self) -> str:
        """All series in the exposition format."""
        name = "http_request_duration_seconds"
        lines = [f"# TYPE {name} histogram"]
        for (method, status), cells in sorted(self._series.items()):
            labels = f'method="{method}",status="{status}"'
            for bound, count in zip((*BUCKETS, "+Inf"), cells, strict=False):
                lines.append(f'{name}_bucket{{{labels},le="{bound}"}} {count:g}')
            lines.append(f"{name}_sum{{{labels}}} {cells[-1]!r}")
            lines.append(f"{name}_count{{{labels}}} {cells[-2]:.0f}")
        return "\n".join(lines) + "\n"


class Application:
    """What all connections share."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.histogram = Histogram()
        self.started = time.monotonic()
        self.ending = False
        self.connections: set[Connection] = set()
        self.idle = asyncio.Event()
        """Set when it is ending and the last connection is closed."""
        self._owed = 0

    @property
    def ready(self) -> bool:
        late = time.monotonic() - self.started >= self.options.startup
        return late and not self.options.never_ready and not self.ending

    def status(self) -> int:
        """The status of the next request: failures are spread evenly over all of them."""
        self._owed += self.options.fails
        if self._owed < 100:
            return 200
        self._owed -= 100
        return 500

    def end(self) -> None:
        """Finish what has begun, and close the rest."""
        self.ending = True
        for connection in list(self.connections):
            connection.close_if_idle()
        self.check_idle()

    def check_idle(self) -> None:
        """A connection may have been the last one."""
        if self.ending and not self.connections:
            self.idle.set()


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection; requests on it are answered one after the other."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._pending = b""
        self._busy = False
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._app.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._app.connections.discard(self)
        self._app.check_idle()

    def close_if_idle(self) -> None:
        """Close, unless a request is being answered."""
        if self._transport and not self._busy:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._pending += data
        if not self._busy:
            self._next()

    def _next(self) -> None:
        head, found, rest = self._pending.partition(b"\r\n\r\n")
        if not found:
            if len(head) > _LONGEST_HEAD and self._transport:
                self._transport.close()
            return
        lines = head.decode("latin-1").split("\r\n")
        method, _, target = lines[0].partition(" ")
        fields = (line.partition(":") for line in lines[1:])
        headers = {name.strip().lower(): value.strip() for name, _, value in fields}
        length = headers.get("content-length", "0")
        if not length.isdigit() or "transfer-encoding" in headers:
            self._answer(400, "a body needs a Content-Length\n", method, 0.0, close=True)
            return
        if len(rest) < int(length):
            return
        self._pending = rest[int(length) :]
        self._serve(method, target.partition(" ")[0].partition("?")[0])

    def _serve(self, method: str, path: str) -> None:
        app = self._app
        if path == "/readyz":
            self._answer(200 if app.ready else 503, "", method)
        elif path == "/metrics":
            self._answer(200, app.histogram.text(), method)
        else:
            self._busy = True
            began, status = time.monotonic(), app.status()
            text = f"{app.options.revision} {app.options.pod}\n"
            if app.options.delay:
                loop = asyncio.get_running_loop()
                loop.call_later(app.options.delay, self._answer, status, text, method, began)
            else:
                self._answer(status, text, method, began)

    def _answer(
        self, status: int, text: str, method: str, began: float | None = None, close: bool = False
    ) -> None:
        app, body = self._app, text.encode()
        if began:
            app.histogram.observe(method, status, time.monotonic() - began)
        close = close or app.ending
        head = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(body)}\r\nX-Revision: {app.options.revision}\r\n"
            f"X-Pod: {app.options.pod}\r\n{'Connection: close' if close else ''}"
        )
        self._busy = False
        if self._transport is None:
            return
        self._transport.write(head.rstrip().encode() + b"\r\n\r\n" + body)
        if close:
            self._transport.close()
        elif self._pending:
            self._next()


async def serve(options: argparse.Namespace) -> int:
    """Serve until asked to stop, or until the crash that is asked for; gives the exit code."""
    app, stop, loop = Application(options), asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(lambda: Connection(app), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    if options.crashes:
        await asyncio.sleep(CRASH_AFTER)
        return 1
    await stop.wait()
    server.close()
    app.end()
    await app.idle.wait()
    return 0


def main() -> int:
    """From a command line to an exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pod", required=True)
    parser.add_argument("--revision", required=True)
    parser.add_argument("--fails", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--startup", type=float, default=0.0)
    parser.add_argument("--crashes", action="store_true")
    parser.add_argument("--never-ready", action="store_true")
    return asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # Nothing is left to release, and the shutdown of the interpreter takes longer than the rest.
    os._exit(code)
