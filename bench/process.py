"""The processes of a measurement, and what the kernel says of them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from bench.manifests import Plan

ROOT = Path(__file__).parents[1]
_TICK = 1 / os.sysconf("SC_CLK_TCK")
_OPEN = build_opener(ProxyHandler({})).open


class Stalled(Exception):
    """What a measurement waits for didn't come."""


def until(holds: Callable[[], Any], what: str, *, limit: float = 900.0, pause: float = 0.02) -> Any:
    """Wait for a true value and give it; raises Stalled after ``limit`` seconds."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(pause)
    raise Stalled(f"no {what} within {limit:g} s")


class Child:
    """A Python process of this repository; it ends with the context."""

    def __init__(self, *arguments: str) -> None:
        self.log = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115 - closed by the context
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate()
        self.log.close()

    def cpu(self) -> float:
        """Seconds of CPU time that it has used, to a hundredth."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * _TICK

    def resident(self) -> int:
        """Bytes of memory that are resident."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in text.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    def quiet(self, still: float = 1.0) -> float:
        """Wait until it has used no CPU time for ``still`` seconds; gives when it used the last
        (seconds since its start)."""
        last, since = self.cpu(), time.monotonic()

        def rests() -> bool:
            nonlocal last, since
            now, used = time.monotonic(), self.cpu()
            if used > last + _TICK / 2:
                last, since = used, now
            return now - since >= still

        until(rests, "rest")
        return since - self.started

    def stalled(self, what: str) -> Stalled:
        """The error that shows the end of its log."""
        self.log.seek(0)
        return Stalled(f"{what}\n" + "".join(self.log.readlines()[-20:]))


class Cluster(Child):
    """The sandbox with ``count`` Canaries."""

    def __init__(self, count: int, plan: Plan) -> None:
        values = (count, *astuple(plan))
        super().__init__("bench.cluster", *(f"{value:g}" for value in values))
        assert self.process.stdout is not None
        addresses = self.process.stdout.readline().split()
        if len(addresses) != 2:
            stalled = self.stalled("the cluster didn't start")
            self.__exit__()
            raise stalled
        self.count = count
        self.api, self.desk = addresses

    def ask(self, path: str, *, order: bool = False) -> Any:
        """An answer of its desk; an order is a POST."""
        data = b"" if order else None
        with _OPEN(f"{self.desk}/bench/{path}", data=data, timeout=120) as answer:
            return json.load(answer)


class Engine(Child):
    """``canary run`` against a cluster; the flags' defaults but for ``flags``."""

    def __init__(self, cluster: Cluster, *flags: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        super().__init__(
            "canary.cli.main",
            "run",
            f"-master={cluster.api}",
            f"-metrics-server={cluster.desk}",
            f"-port={self.port}",
            *flags,
        )

    def alive(self) -> None:
        """Raises Stalled if it has ended."""
        if self.process.poll() is not None:
            raise self.stalled(f"the engine ended with code {self.process.returncode}")

    def get(self, path: str) -> str:
        """The body of an answer with status 200, else nothing."""
        self.alive()
        try:
            with _OPEN(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return str(answer.read().decode())
        except (URLError, OSError):
            return ""

    def ready(self) -> float:
        """Wait for readiness; gives the seconds since its start."""
        until(lambda: self.get("/readyz"), "readiness")
        return time.monotonic() - self.started

    def metric(self, name: str) -> float:
        """The value of a series without labels."""
        for line in self.get("/metrics").splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        return 0.0
