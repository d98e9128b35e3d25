"""Processes of the cluster: started, waited for until they answer, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

PATIENCE = 90.0
"""Seconds that a process may take to answer; a loaded machine needs some."""
_POLL = 0.05
_STOP = 10.0


class DaemonFailed(Exception):
    """A process ended or didn't answer; the text names it and quotes the end of its log."""


@dataclass(frozen=True)
class Component:
    """How to run one process. ``ready`` is the URL that answers 200 when it works, if there is
    one; ``impatient`` processes don't end by SIGTERM in good time and get SIGKILL."""

    name: str
    command: tuple[str, ...]
    ready: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    impatient: bool = False


def send(process: asyncio.subprocess.Process, number: int) -> None:
    """Signal a process that may just have ended. (Its own method would collect its exit code
    before the event loop does, which then knows none.)"""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)


class Daemon:
    """One component's process and its log. ``died`` is called with the exit code when it ends
    without having been stopped."""

    def __init__(self, component: Component, logs: Path, died: Callable[[str, int], None]) -> None:
        self.component = component
        self.log = logs / f"{component.name}.log"
        self._died = died
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the process, unless it runs, and wait until it answers. Raises DaemonFailed."""
        if self.running:
            return
        self._stopping = False
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.component.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.component.environment},
                start_new_session=True,
            )
        self._watch = asyncio.create_task(self._wait(self._process))
        if self.component.ready:
            await self._answers()

    async def stop(self, number: int = signal.SIGTERM) -> None:
        """End the process with this signal, at last with SIGKILL."""
        if self._process is None or not self.running:
            return
        self._stopping = True
        send(self._process, signal.SIGKILL if self.component.impatient else number)
        try:
            async with asyncio.timeout(_STOP):
                await self._process.wait()
        except TimeoutError:
            send(self._process, signal.SIGKILL)
            await self._process.wait()

    async def _wait(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        # What it started itself goes with it: a kubelet's containers, as when a node loses power.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if not self._stopping:
            self._died(self.component.name, code)

    async def _answers(self) -> None:
        # Certificates of these servers are their own; it is asked for life, nothing more.
        connector = aiohttp.TCPConnector(ssl=False, force_close=True)
        timeout = aiohttp.ClientTimeout(total=2)
        try:
            async with asyncio.timeout(PATIENCE):
                async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
                    while not await self._answer(session):
                        if not self.running:
                            raise DaemonFailed(self._why("ended at once"))
                        await asyncio.sleep(_POLL)
        except TimeoutError as error:
            raise DaemonFailed(self._why(f"gave no answer in {PATIENCE:g} s")) from error

    async def _answer(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(self.component.ready) as response:
                return response.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    def _why(self, what: str) -> str:
        last = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        return f"{self.component.name} {what}; the end of its log:\n{last}"
