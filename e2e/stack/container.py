"""One container of a pod: its process, its probes, its restarts."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp

from canary.kube.resources import Obj
from e2e.stack.daemon import send
from e2e.stack.image import Behaviour, PullFailure, UnknownBehaviour, behaviour, tag_of
from e2e.stack.podspec import Find, Missing, Probe, environment, ports, probe, volumes
from e2e.stack.podstatus import ContainerState

APP = Path(__file__).with_name("app.py")
RETRY = 1.0
"""Seconds until an image or a reference that wasn't there is looked for again."""
FIRST_BACKOFF, LAST_BACKOFF = 1.0, 10.0
"""Restart delays in seconds; a kubelet's are ten times as long."""


class Container:
    """Runs one container of ``pod`` at ``address`` and keeps ``state``; ``changed`` is called
    whenever that says something new, with the time ``now`` gives."""

    def __init__(
        self,
        pod: Obj,
        spec: Obj,
        address: str,
        *,
        find: Find,
        log: Path,
        now: Callable[[], str],
        changed: Callable[[], None],
    ) -> None:
        self.spec = spec
        self.state = ContainerState(spec["name"], spec["image"])
        self._pod = pod
        self._address = address
        self._find = find
        self._log = log
        self._now = now
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def live(self) -> None:
        """Start the process again and again as the restart policy says; returns when it says no."""
        policy = self._pod["spec"].get("restartPolicy", "Always")
        backoff = FIRST_BACKOFF
        while True:
            behaves, variables = await self._admitted()
            if self._stopping:
                return
            if behaves.light:
                self.state.running, self.state.ready = self._now(), True
                self._changed()
                return
            await self._spawn(behaves, variables)
            code = await self._until_exit()
            self.state.running, self.state.ready = "", False
            if self._stopping or policy == "Never" or (policy == "OnFailure" and code == 0):
                self.state.exit_code = code
                self._changed()
                return
            self.state.last_exit = code
            self.state.waiting, self.state.message = "CrashLoopBackOff", ""
            self._changed()
            await asyncio.sleep(backoff)
            backoff = min(2 * backoff, LAST_BACKOFF)
            self.state.restarts += 1

    async def stop(self, grace: float) -> None:
        """SIGTERM, and SIGKILL after ``grace`` seconds; returns when the process is gone."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        send(process, signal.SIGTERM)
        try:
            async with asyncio.timeout(grace):
                await process.wait()
        except TimeoutError:
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """SIGKILL at once."""
        if self._process is not None:
            send(self._process, signal.SIGKILL)

    async def _admitted(self) -> tuple[Behaviour, dict[str, str]]:
        """Wait until the image can be pulled and everything referred to is there."""
        while True:
            try:
                behaves = behaviour(self.spec["image"])
                volumes(self._pod, self._find)
                return behaves, environment(self.spec, self._find)
            except UnknownBehaviour as error:
                self._wait_because("InvalidImageName", error)
            except PullFailure as error:
                self._wait_because("ImagePullBackOff", error)
            except Missing as error:
                self._wait_because("CreateContainerConfigError", error)
            await asyncio.sleep(RETRY)

    def _wait_because(self, reason: str, error: Exception) -> None:
        if (self.state.waiting, self.state.message) != (reason, str(error)):
            self.state.waiting, self.state.message = reason, str(error)
            self._changed()

    async def _spawn(self, behaves: Behaviour, variables: dict[str, str]) -> None:
        settings = {
            "host": self._address,
            "ports": ports(self.spec),
            "pod": self._pod["metadata"]["name"],
            "revision": tag_of(self.spec["image"]),
            "behaviour": behaves.as_json(),
            "ready_paths": self._paths("readinessProbe"),
            "probe_paths": self._paths("startupProbe", "livenessProbe"),
        }
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                # Isolated and without site: it starts in a fraction of the time and memory.
                *(sys.executable, "-I", "-S", str(APP), json.dumps(settings)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], **variables},
            )
        self.state.running = self._now()
        self.state.exit_code = None
        self.state.ready = False
        self._changed()

    async def _until_exit(self) -> int:
        assert self._process is not None
        probing = asyncio.create_task(self._probe())
        try:
            return await self._process.wait()
        finally:
            probing.cancel()

    def _probes(self, *names: str) -> list[Probe]:
        return [found for name in names if (found := probe(self.spec, name))]

    def _paths(self, *names: str) -> list[str]:
        return [asked.path for asked in self._probes(*names) if asked.path]

    async def _probe(self) -> None:
        """Follow the readiness of the running process."""
        for asked in self._probes("startupProbe"):
            await asyncio.sleep(asked.delay)
            while not await self._passes(asked):  # noqa: ASYNC110 - asked of another process
                await asyncio.sleep(asked.period)
        readiness = self._probes("readinessProbe")
        if not readiness:
            self._set_ready(True)
            return
        (asked,) = readiness
        await asyncio.sleep(asked.delay)
        failed = 0
        while True:
            if await self._passes(asked):
                failed = 0
                self._set_ready(True)
            else:
                failed += 1
                if failed >= asked.failures:
                    self._set_ready(False)
            # A process takes a moment to listen; a whole period would be lost for that.
            await asyncio.sleep(asked.period if self.state.ready else min(asked.period, 0.2))

    def _set_ready(self, ready: bool) -> None:
        if self.state.ready != ready:
            self.state.ready = ready
            self._changed()

    async def _passes(self, asked: Probe) -> bool:
        if not asked.port:
            return True
        timeout = aiohttp.ClientTimeout(total=asked.timeout)
        url = f"http://{self._address}:{asked.port}{asked.path}"
        try:
            async with asyncio.timeout(asked.timeout):
                if not asked.path:
                    _, writer = await asyncio.open_connection(self._address, asked.port)
                    writer.close()
                    return True
                async with aiohttp.request("GET", url, timeout=timeout) as response:
                    return 200 <= response.status < 400
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False
