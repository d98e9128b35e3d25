"""Child processes that never outlive the sandbox, also when it is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_HERE = Path(__file__).parent
_PYTHON = (sys.executable, "-I", "-S")
KILL_AFTER = 5.0
"""Seconds between SIGTERM and SIGKILL."""


class ChildFailed(Exception):
    """A process that the sandbox needs didn't start, or ended; the text says which and why."""


class Child:
    """One process, the leader of a group of its own; ``log`` has what it wrote."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    @property
    def running(self) -> bool:
        return self.process.returncode is None

    def tail(self, lines: int = 3) -> str:
        """The last lines of its log, as one line."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return " | ".join(text.strip().splitlines()[-lines:])

    def failure(self, what: str) -> ChildFailed:
        """An error that shows the end of the log."""
        return ChildFailed(f"{self.name} {what}: {self.tail() or 'it wrote nothing'}")


class Supervisor:
    """Starts and ends processes. A context: leaving it ends all of them and removes ``folder``."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._pipe = -1
        self._warden: subprocess.Popen[bytes] | None = None
        self.folder = Path()

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="canary-sandbox-"))
        reading, self._pipe = os.pipe()
        command = (*_PYTHON, str(_HERE / "warden.py"), str(self.folder))
        self._warden = subprocess.Popen(
            command, stdin=reading, stdout=subprocess.DEVNULL, start_new_session=True
        )
        os.close(reading)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Whatever still runs is killed; when this returns, nothing is left."""
        os.close(self._pipe)
        if self._warden:
            self._warden.wait()

    async def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        output: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Child:
        """Run ``command`` (its program as an absolute path); raises ChildFailed.

        What it writes goes to a log in ``folder``; with ``output`` standard output goes there.
        """
        log = self.folder / f"{name}.log"
        launcher = (*_PYTHON, str(_HERE / "launch.py"), str(self._pipe), str(os.getpid()))
        with log.open("ab") as sink:
            try:
                process = await asyncio.create_subprocess_exec(
                    *launcher,
                    *command,
                    stdin=subprocess.DEVNULL,
                    stdout=sink if output is None else output,
                    stderr=sink,
                    env=environment,
                    pass_fds=(self._pipe,),
                    start_new_session=True,
                )
            except OSError as error:
                raise ChildFailed(f"{name} can't be started: {error}") from error
        child = Child(name, process, log)
        self._children.append(child)
        return child

    async def end(self, child: Child, kill_after: float = KILL_AFTER) -> int:
        """SIGTERM, and SIGKILL for its group when that isn't enough; gives the exit code."""
        if child.running:
            with contextlib.suppress(ProcessLookupError):
                child.process.terminate()
            try:
                async with asyncio.timeout(kill_after):
                    await child.process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
        return await self.ended(child)

    async def ended(self, child: Child) -> int:
        """Wait until a process has ended; gives its exit code."""
        code = await child.process.wait()
        if child in self._children:
            self._children.remove(child)
            os.write(self._pipe, f"-{child.process.pid}\n".encode())
        return code

    async def stop(self) -> None:
        """End all processes, at the same time."""
        await asyncio.gather(*(self.end(child) for child in list(self._children)))
