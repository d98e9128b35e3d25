"""``canary run`` as a process of its own, with the rights of an installation and no others."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from canary.kube.client import Client
from e2e.installation import Installation, Token, kubeconfig
from e2e.stack.daemon import send

PATIENCE = 120.0
"""Seconds for a start or an orderly end on a machine that others use as well."""
_POLL = 0.1
_PORT = "Starting HTTP server on port "


class EngineFailed(AssertionError):
    """The process ended, or didn't do what it has to; the text quotes its log."""


class Engine:
    """One replica. ``more`` are flags beyond those of the installed Deployment; ``folder`` gets
    kubeconfig and log."""

    def __init__(
        self,
        installation: Installation,
        administrators: Path,
        folder: Path,
        *,
        name: str = "engine",
        more: Sequence[str] = (),
    ) -> None:
        self.installation = installation
        self.name = name
        self.token: Token | None = None
        self._administrators = administrators
        self._more = tuple(more)
        self._config = folder / f"kubeconfig-{installation.namespace}-{name}"
        self.log = folder / f"engine-{installation.namespace}-{name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._began = 0

    async def start(self, client: Client, *, server: str = "") -> None:
        """Start the process and wait until it says that it is ready, which one that waits for the
        Lease does too. ``server``: see ``kubeconfig``. Raises EngineFailed."""
        self.token = await self.installation.token(client)
        self._config.write_text(kubeconfig(self._administrators, self.token, server))
        self._began = self.log.stat().st_size if self.log.exists() else 0
        flags = (*self.installation.arguments, "-port=0", f"-kubeconfig={self._config}")
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "canary.cli.main", "run", *flags, *self._more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        async with aiohttp.ClientSession() as session:
            await self._comes(lambda: self._ready(session), "isn't ready")

    async def leads(self) -> None:
        """Wait until it has begun to work. Raises EngineFailed."""

        async def leads() -> bool:
            self._alive()
            return bool(self.said("Starting operator"))

        await self._comes(leads, "doesn't lead")

    async def kill(self) -> None:
        """SIGKILL: no last word."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """SIGTERM; raises EngineFailed unless it ends in order."""
        if await self._end(signal.SIGTERM):
            raise EngineFailed(self._why("was asked to stop and failed"))

    def freeze(self) -> None:
        """SIGSTOP: it stands still in whatever it was doing."""
        send(self._running(), signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on as if no time had passed."""
        send(self._running(), signal.SIGCONT)

    async def ended(self) -> int:
        """Wait for its end; the exit code. Raises EngineFailed if it lives on."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._running().wait()
        except TimeoutError:
            raise EngineFailed(self._why(f"lives on after {PATIENCE:g} s")) from None

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it has logged since its last start."""
        with self.log.open("rb") as log:
            log.seek(self._began)
            for line in log:
                if line.startswith(b"{") and line.endswith(b"}\n"):
                    yield json.loads(line)

    def said(self, begin: str) -> str:
        """The first message that begins so, since its last start; empty if there is none."""
        messages = (str(line.get("msg", "")) for line in self.lines())
        return next((message for message in messages if message.startswith(begin)), "")

    async def close(self) -> None:
        """End it, however it is."""
        if self._process is not None and self._process.returncode is None:
            await self._end(signal.SIGKILL)

    async def _end(self, number: int) -> int:
        process = self._running()
        send(process, number)
        return await self.ended()

    async def _comes(self, holds: Callable[[], Awaitable[bool]], otherwise: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not await holds():
            if time.monotonic() > deadline:
                raise EngineFailed(self._why(f"{otherwise} after {PATIENCE:g} s"))
            await asyncio.sleep(_POLL)

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        self._alive()
        port = self.said(_PORT).removeprefix(_PORT)
        if not port:
            return False
        try:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                return response.status == 200
        except (aiohttp.ClientError, OSError):
            return False

    def _alive(self) -> None:
        if self._running().returncode is not None:
            raise EngineFailed(self._why("ended"))

    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "it was never started"
        return self._process

    def _why(self, what: str) -> str:
        last = self.log.read_text(errors="replace").splitlines()[-10:]
        code = self._running().returncode
        return "\n".join((f"{self.log.stem} {what} (exit code {code}); its last lines:", *last))
