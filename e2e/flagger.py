"""The real Flagger 1.44 as a process beside the cluster, for one namespace."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from e2e.scene import Scene
from e2e.stack.cache import Cache, cache_folder
from e2e.stack.daemon import send
from e2e.stack.versions import FLAGGER

NAME = "flagger"
"""Its field manager, which is the name of its binary."""
_EVERYTHING = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
_STARTED = "Started operator workers"
_PATIENCE = 120.0


class Flagger:
    """Runs while the context is open, unless it is killed before."""

    def __init__(
        self,
        scene: Scene,
        metrics_server: str,
        provider: str = "gatewayapi:v1",
        more: Sequence[str] = (),
    ) -> None:
        self._scene = scene
        self._flags = (f"-mesh-provider={provider}", f"-metrics-server={metrics_server}", *more)
        self.log = scene.cluster.folder / f"flagger-{scene.namespace}.log"
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Flagger:
        config = await self._scene.stack.user(f"{NAME}-{self._scene.namespace}", _EVERYTHING)
        binary = Cache(cache_folder()).binary(FLAGGER, NAME)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(binary),
                f"-kubeconfig={config}",
                f"-namespace={self._scene.namespace}",
                f"-port={port}",
                *self._flags,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _PATIENCE
        while _STARTED not in self.log.read_text():
            if self._process.returncode is not None or time.monotonic() > deadline:
                last = "\n".join(self.log.read_text().splitlines()[-10:])
                raise AssertionError(f"Flagger doesn't start; its last lines:\n{last}")
            await asyncio.sleep(0.1)
        return self

    async def kill(self) -> None:
        """End it with no last word."""
        if self._process is not None and self._process.returncode is None:
            send(self._process, signal.SIGKILL)
            await self._process.wait()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.kill()


async def takeover_check(scene: Scene, kubeconfig: Path) -> dict[str, Any]:
    """What ``canary takeover --check`` says of the only Canary of the namespace."""
    command = ["-m", "canary.cli.main", "takeover", "--check", "-n", scene.namespace, "-o", "json"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command, "--kubeconfig", str(kubeconfig)),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode in (0, 4), f"exit code {process.returncode}"
    (found,) = json.loads(output)["canaries"]
    return dict(found)
