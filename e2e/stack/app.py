"""The process of a container: an HTTP server with the behaviour that its image tag asked for.

Only the standard library, nothing of ours: one process per container has to start fast and stay
small. Arguments: one JSON object (see ``main``).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import Counter
from typing import Any

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds: the default buckets of Prometheus' client libraries."""


class Histogram:
    """``http_request_duration_seconds`` by status, in Prometheus' text format."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self._sums: dict[int, float] = {}
        self._buckets: dict[int, list[int]] = {}

    def observe(self, status: int, seconds: float) -> None:
        """Count one answered request."""
        self.counts[status] += 1
        self._sums[status] = self._sums.get(status, 0.0) + seconds
        buckets = self._buckets.setdefault(status, [0] * len(BUCKETS))
        for number, bound in enumerate(BUCKETS):
            buckets[number] += seconds <= bound

    def text(self) -> str:
        """The whole exposition."""
        name = "http_request_duration_seconds"
        lines = [f"# TYPE {name} histogram"]
        for status in sorted(self.counts):
            for bound, count in zip(BUCKETS, self._buckets[status], strict=True):
                lines.append(f'{name}_bucket{{status="{status}",le="{bound:g}"}} {count}')
            lines.append(f'{name}_bucket{{status="{status}",le="+Inf"}} {self.counts[status]}')
            lines.append(f'{name}_sum{{status="{status}"}} {self._sums[status]:.6f}')
            lines.append(f'{name}_count{{status="{status}"}} {self.counts[status]}')
        lines.append("# TYPE http_requests_total counter")
        for status, count in sorted(self.counts.items()):
            lines += [f'http_requests_total{{status="{status}"}} {count}']
        return "\n".join(lines) + "\n"


def fails(number: int, percent: int) -> bool:
    """Whether request ``number`` (from 1) fails: of any 100 in a row exactly ``percent`` do."""
    return number * percent // 100 > (number - 1) * percent // 100


class App:
    """Answers requests; everything that isn't a probe or ``/metrics`` counts and may fail."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.behaviour = settings["behaviour"]
        self.headers = f"X-Revision: {settings['revision']}\r\nX-Pod: {settings['pod']}\r\n"
        self.name = {"revision": settings["revision"], "pod": settings["pod"]}
        self.ready_paths = set(settings["ready_paths"])
        self.probe_paths = {*settings["probe_paths"], "/healthz", "/livez"}
        self.histogram = Histogram()
        self.started = time.monotonic()
        self.draining = asyncio.Event()
        self._seen = 0

    def ready(self) -> bool:
        """What the readiness path says."""
        lost = self.behaviour["unready"]
        age = time.monotonic() - self.started
        return self.behaviour["ready"] and (lost is None or age < lost)

    async def answer(self, method: str, path: str) -> tuple[int, str, str]:
        """Status, content type and body for one request."""
        if path == "/metrics":
            return 200, "text/plain; version=0.0.4", self.histogram.text()
        if path in self.ready_paths:
            return (200, "text/plain", "ok\n") if self.ready() else (503, "text/plain", "no\n")
        if path in self.probe_paths:
            return 200, "text/plain", "ok\n"
        began = time.monotonic()
        self._seen += 1
        status = 500 if fails(self._seen, self.behaviour["bad"]) else 200
        body: dict[str, Any] = {**self.name, "method": method, "path": path}
        kind, _, rest = path.lstrip("/").partition("/")
        if kind == "status" and rest.isdigit() and 200 <= int(rest) < 600 and status == 200:
            status = int(rest)
        elif kind == "env":
            body["value"] = os.environ.get(rest)
        if self.behaviour["slow"]:
            await asyncio.sleep(self.behaviour["slow"])
        self.histogram.observe(status, time.monotonic() - began)
        return status, "application/json", json.dumps(body) + "\n"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: requests one after another until either side ends it."""
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            pass  # The peer went away, or speaks no HTTP.
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *rest = head.split("\r\n")
        method, target, version = first.split(" ")
        fields = dict(line.lower().split(":", 1) for line in rest if ":" in line)
        fields = {name: value.strip() for name, value in fields.items()}
        await _skip_body(reader, fields)
        status, kind, body = await self.answer(method, target.partition("?")[0])
        keep = fields.get("connection", "") != "close" and version == "HTTP/1.1"
        keep = keep and not self.draining.is_set()
        payload = b"" if method == "HEAD" else body.encode()
        writer.write(
            f"HTTP/1.1 {status} -\r\n{self.headers}Content-Type: {kind}\r\n"
            f"Content-Length: {len(body.encode())}\r\n"
            f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n".encode()
            + payload
        )
        await writer.drain()
        return keep


async def _skip_body(reader: asyncio.StreamReader, fields: dict[str, str]) -> None:
    if fields.get("transfer-encoding") == "chunked":
        while size := int((await reader.readline()).partition(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(fields.get("content-length", "0")))


async def run(settings: dict[str, Any]) -> int:
    """Serve until SIGTERM and the drain time, or until the behaviour's crash; the exit code."""
    app = App(settings)
    behaviour = settings["behaviour"]
    loop = asyncio.get_running_loop()
    if behaviour["stubborn"]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        loop.add_signal_handler(signal.SIGTERM, app.draining.set)
    crash = behaviour["crash"]
    if crash == 0:
        return 1
    if behaviour["startup"]:
        await asyncio.sleep(behaviour["startup"])
    servers = [
        await asyncio.start_server(app.serve, settings["host"], port, backlog=1024)
        for port in settings["ports"]
    ]
    try:
        async with asyncio.timeout(crash and max(0.0, crash - behaviour["startup"])):
            await app.draining.wait()
    except TimeoutError:
        return 1
    await asyncio.sleep(behaviour["drain"])
    for server in servers:
        server.close()
    print(json.dumps({"requests": dict(app.histogram.counts)}), flush=True)
    return 0


def main() -> None:
    """Arguments: a JSON object with host, ports, pod, revision, behaviour, ready_paths and
    probe_paths."""
    sys.exit(asyncio.run(run(json.loads(sys.argv[1]))))


if __name__ == "__main__":
    main()
