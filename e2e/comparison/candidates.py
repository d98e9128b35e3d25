"""The two engines as processes, and what the kernel says of them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from e2e.stack.cache import Cache, cache_folder
from e2e.stack.daemon import send
from e2e.stack.versions import FLAGGER

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_PATIENCE = 300.0


@dataclass(frozen=True)
class Candidate:
    """``user`` is its name for the API server; ``ready`` the path that answers once the caches are
    filled."""

    name: str
    user: str
    command: tuple[str, ...]
    ready: str

    @staticmethod
    def ours(flags: Sequence[str] = ()) -> Candidate:
        """This engine; ``flags`` are ``NAME=VALUE``."""
        command = (sys.executable, "-m", "canary.cli.main", "run", *(f"-{flag}" for flag in flags))
        return Candidate("canary-engine", "ours", command, "/readyz")

    @staticmethod
    def flagger() -> Candidate:
        binary = str(Cache(cache_folder()).binary(FLAGGER, "flagger"))
        return Candidate("Flagger 1.44", "flagger", (binary,), "/healthz")


class Running:
    """One candidate at work, with the flags' defaults but for its addresses and the log level."""

    def __init__(self, candidate: Candidate, kubeconfig: Path, metrics: str, folder: Path) -> None:
        self._candidate = candidate
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._ready = f"http://127.0.0.1:{port}{candidate.ready}"
        self._flags: Sequence[str] = (
            f"-kubeconfig={kubeconfig}",
            "-mesh-provider=gatewayapi:v1",
            f"-metrics-server={metrics}",
            f"-port={port}",
            "-log-level=info",
        )
        self._log = folder / f"{candidate.user}.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> float:
        """Start it; the seconds until it works. Raises RuntimeError with the end of its log."""
        began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(*self._candidate.command, *self._flags),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        async with aiohttp.ClientSession() as session:
            while not await self._works(session):
                if self._process.returncode is not None or time.monotonic() - began > _PATIENCE:
                    last = "\n".join(self._log.read_text(errors="replace").splitlines()[-10:])
                    raise RuntimeError(f"{self._candidate.name} doesn't start:\n{last}")
                await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def _works(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(self._ready) as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    def cpu(self) -> float:
        """Seconds of CPU time that it has used, to a hundredth."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * _TICK

    def resident(self) -> float:
        """MiB of memory that are resident."""
        line = next(x for x in self._proc("status").splitlines() if x.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    async def kill(self) -> None:
        """End it with no last word."""
        if self._process is not None and self._process.returncode is None:
            send(self._process, signal.SIGKILL)
            await self._process.wait()

    def _proc(self, file: str) -> str:
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/{file}").read_text()
