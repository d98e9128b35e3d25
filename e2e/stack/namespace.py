"""The namespace that a run lives in, seen from outside: made, spoken to, and gone without a trace.

``unshare`` makes network, process and mount namespaces of its own; without root also a user
namespace. When its first process ends, the kernel ends every other one and removes the network.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from e2e.stack.daemon import send

CHECKOUT = Path(__file__).resolve().parents[2]
_START = 180.0
_ANSWER = 120.0

# Runs until nobody holds its input's other end, which is when the run is over however it ended:
# the process that started it and the namespace's first process have it, nobody else.
_GUARDIAN = """
cat > /dev/null
[ -z "$2" ] || ip netns delete "$2" 2> /dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do  # The last processes may still be writing.
    [ -z "$1" ] || rm -rf -- "$1" 2> /dev/null && exit
    sleep 0.2
done
"""


class StackError(Exception):
    """The cluster can't be started, or doesn't do as told; one line, then quoted logs if any."""


class Namespace:
    """One run of ``inside.py``. ``hear`` gets each of its messages that is no answer."""

    def __init__(self, hear: Callable[[Mapping[str, Any]], None]) -> None:
        self._hear = hear
        self._answers: dict[int, asyncio.Future[str]] = {}
        self._numbers = itertools.count(1)
        self._up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._guardian: subprocess.Popen[bytes] | None = None
        self._held = -1

    @property
    def pid(self) -> int:
        """Process 1 of the namespace, as numbered outside."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return int(children.read_text().split()[0])

    async def start(self, settings: Path, doors: tuple[int, ...], name: str, remove: str) -> None:
        """Start and wait until everything is up. ``doors`` are descriptors to hand on, ``name``
        a name for ``ip netns`` (root only), ``remove`` the folder to remove in the end.
        Raises StackError."""
        unshare = usable(name)
        watched, self._held = os.pipe()
        self._guardian = _guardian(watched, remove, name)
        os.close(watched)
        path = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = await asyncio.create_subprocess_exec(
            *(*unshare, "--kill-child", sys.executable, "-m", "e2e.stack.inside", str(settings)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
            pass_fds=(*doors, self._held),
            start_new_session=True,  # Ctrl-C is for the outside, which ends this in order.
        )
        self._listening = asyncio.create_task(self._listen(self._process))
        try:
            async with asyncio.timeout(_START):
                await asyncio.shield(self._up)
        except TimeoutError as error:
            raise StackError(f"the cluster isn't up after {_START:g} s") from error
        if name:
            _attach(name, self.pid)

    def command(self) -> list[str]:
        """The words before a command that make it run inside."""
        user = [] if os.geteuid() == 0 else ["-U", "--preserve-credentials"]
        return ["nsenter", "-t", str(self.pid), *user, "-n", "-m", "-p", "--"]

    async def order(self, do: str, name: str, **more: Any) -> None:
        """Have a daemon started or stopped. Raises StackError."""
        assert self._process is not None and self._process.stdin is not None
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        line = json.dumps({"id": number, "do": do, "name": name, **more})
        self._process.stdin.write(line.encode() + b"\n")
        async with asyncio.timeout(_ANSWER):
            error = await answer
        if error:
            raise StackError(error)

    async def end(self) -> None:
        """End every process of the run, and wait for the guardian to have removed the rest."""
        if self._process is not None:
            send(self._process, signal.SIGKILL)  # Its first process gets it too, and with it all.
            await self._process.wait()
        if self._listening is not None:
            await asyncio.wait({self._listening})
        if self._guardian is not None:
            os.close(self._held)
            await asyncio.to_thread(self._guardian.wait)

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            message = json.loads(line)
            event = message["event"]
            if event == "answer":
                self._answers.pop(message["id"]).set_result(message["error"])
            elif event == "up":
                self._up.set_result(None)
            elif event == "failed":
                self._up.set_exception(StackError(message["why"]))
            else:
                self._hear(message)
        gone = StackError("the namespace's first process ended")
        for answer in self._answers.values():
            answer.set_exception(gone)
        if not self._up.done():
            self._up.set_exception(gone)
        self._up.exception()


def _guardian(watched: int, remove: str, name: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["sh", "-c", _GUARDIAN, "guardian", remove, name],
        stdin=watched,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def usable(name: str = "") -> list[str]:
    """The ``unshare`` command for this user, who may want the network to have a name.
    Raises StackError where that can't be."""
    if name and os.geteuid() != 0:
        raise StackError("--namespace-net needs root: only root can name a network namespace")
    for tool in ("unshare", "nsenter", "ip"):
        if not shutil.which(tool):
            raise StackError(f"the cluster needs {tool}, which isn't on PATH")
    command = ["unshare", "--net", "--pid", "--fork", "--mount-proc"]
    if os.geteuid() != 0:
        command.insert(1, "--map-root-user")
    tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        why = tried.stderr.strip()
        raise StackError(f"this user may not make namespaces ({why}): run as root")
    return command


def _attach(name: str, pid: int) -> None:
    command = ["ip", "netns", "attach", name, str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"{' '.join(command)}: {done.stderr.strip()}")
