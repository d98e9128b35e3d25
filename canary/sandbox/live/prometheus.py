"""A real Prometheus that scrapes the pods every second."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from typing import Any

import aiohttp

from canary.sandbox.live.ports import LOOPBACK, available
from canary.sandbox.live.supervise import Child, Supervisor

START = 15.0
"""Seconds until Prometheus answers."""
_ATTEMPTS = 3


class NoPrometheus(Exception):
    """There is no Prometheus on PATH; the text says how to get one."""


def binary() -> str:
    """Path of Prometheus; raises NoPrometheus."""
    found = shutil.which("prometheus")
    if found is None:
        raise NoPrometheus(f"no prometheus on PATH: {how(sys.platform)}")
    return found


def how(platform: str) -> str:
    """How to get a Prometheus on ``platform`` (as in ``sys.platform``)."""
    if platform == "darwin":
        return "brew install prometheus"
    return "sudo apt-get install prometheus, or unpack a release from prometheus.io into PATH"


def configuration(target: str) -> dict[str, Any]:
    """Scrape ``target`` (host:port), where the pods' series already bear their pods' labels.

    One target that never changes: Prometheus takes up to ten seconds to notice a new one, which
    is longer than a step of the demo.
    """
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [
            {
                "job_name": "pods",
                "honor_labels": True,
                "static_configs": [{"targets": [target]}],
            }
        ],
    }


class Prometheus:
    """One Prometheus with its data in the sandbox's folder."""

    def __init__(self, supervisor: Supervisor, session: aiohttp.ClientSession) -> None:
        self._supervisor, self._session = supervisor, session
        self._folder = supervisor.folder / "prometheus"
        self.address = ""

    async def start(self, target: str, port: int = 0) -> None:
        """Start; ``address`` is then where it answers. Raises NoPrometheus and ChildFailed."""
        program = binary()
        self._folder.mkdir()
        # JSON is YAML.
        (self._folder / "prometheus.yml").write_text(json.dumps(configuration(target), indent=1))
        for attempt in range(1, _ATTEMPTS + 1):
            address = f"{LOOPBACK}:{available(port, '-prometheus-port')}"
            child = await self._supervisor.start("prometheus", self._command(program, address))
            if await self._answers(child, address):
                self.address = f"http://{address}"
                return
            await self._supervisor.end(child)
            if attempt == _ATTEMPTS or port or "address already in use" not in child.tail(20):
                raise child.failure(f"doesn't answer on {address}")

    def _command(self, program: str, address: str) -> list[str]:
        return [
            program,
            f"--config.file={self._folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            "--storage.tsdb.retention.time=1h",
            f"--web.listen-address={address}",
            "--log.level=warn",
        ]

    async def _answers(self, child: Child, address: str) -> bool:
        try:
            async with asyncio.timeout(START):
                while child.running:
                    try:
                        async with self._session.get(f"http://{address}/-/ready") as response:
                            if response.status == 200:
                                return True
                    except aiohttp.ClientError:
                        pass
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pass
        return False
