"""Containers as real processes on loopback: readiness, restarts, ends (docs/cluster.md)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from e2e.stack import container as module
from e2e.stack.container import Container

ADDRESS = "127.0.0.1"
PATIENCE = 20.0


class Running:
    """A container, and a way to wait until its state says something."""

    def __init__(self, tag: str, logs: Path, spec: dict[str, Any], **pod_spec: Any) -> None:
        with socket.create_server((ADDRESS, 0)) as probe:
            self.port = probe.getsockname()[1]
        self.secrets: dict[str, Mapping[str, str]] = {}
        self._news = asyncio.Event()
        described = {
            "name": "app",
            "image": f"app:{tag}",
            "ports": [{"containerPort": self.port}],
            "readinessProbe": {
                "httpGet": {"path": "/readyz", "port": self.port},
                "periodSeconds": 0.05,
            },
            **spec,
        }
        pod = {"metadata": {"name": "app-1"}, "spec": {"containers": [described], **pod_spec}}
        self.container = Container(
            pod,
            described,
            ADDRESS,
            find=lambda kind, name: self.secrets.get(name),
            log=logs / "app.log",
            now=lambda: "2026-01-01T00:00:00Z",
            changed=self._news.set,
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def get(self, path: str) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://{ADDRESS}:{self.port}{path}") as response,
        ):
            return response.status, await response.text()


@asynccontextmanager
async def running(
    tag: str, logs: Path, spec: dict[str, Any] | None = None, **pod_spec: Any
) -> AsyncIterator[Running]:
    run = Running(tag, logs, spec or {}, **pod_spec)
    task = asyncio.create_task(run.container.live())
    try:
        yield run
    finally:
        await run.container.stop(0.0)
        task.cancel()
        await asyncio.wait({task})


@pytest.mark.asyncio
async def test_a_container_becomes_ready_serves_and_says_what_it_served(tmp_path: Path) -> None:
    async with running("1.0.0-drain0s", tmp_path, {"env": [{"name": "A", "value": "1"}]}) as run:
        await run.until(lambda: run.container.state.ready)
        status, body = await run.get("/env/A")
        assert (status, '"value": "1"' in body) == (200, True)
        await run.container.stop(PATIENCE)
        # Asked to end, it isn't started again.
        await run.until(lambda: run.container.state.exit_code == 0)
    assert (tmp_path / "app.log").read_text() == '{"requests": {"200": 1}}\n'


@pytest.mark.asyncio
async def test_without_a_probe_a_running_container_counts_as_ready(tmp_path: Path) -> None:
    async with running("1.0.0-neverready", tmp_path, {"readinessProbe": None}) as run:
        await run.until(lambda: run.container.state.ready)


@pytest.mark.asyncio
async def test_a_light_container_is_ready_without_a_process(tmp_path: Path) -> None:
    async with running("1.0.0-light", tmp_path) as run:
        await run.until(lambda: run.container.state.ready)
        assert run.container.state.running
        with pytest.raises(aiohttp.ClientConnectorError):
            await run.get("/readyz")


@pytest.mark.asyncio
async def test_a_killed_process_is_no_longer_ready(tmp_path: Path) -> None:
    async with running("1.0.0", tmp_path) as run:
        await run.until(lambda: run.container.state.ready)
        run.container.kill()
        await run.until(lambda: not run.container.state.ready)
        assert run.container.state.last_exit == -9


@pytest.mark.asyncio
async def test_a_crash_is_followed_by_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_BACKOFF", 0.01)
    async with running("1.0.0-crash", tmp_path) as run:
        await run.until(lambda: run.container.state.restarts == 2)
        assert run.container.state.last_exit == 1
        await run.until(lambda: run.container.state.waiting == "CrashLoopBackOff")


@pytest.mark.asyncio
async def test_a_container_that_is_not_to_be_restarted_ends(tmp_path: Path) -> None:
    async with running("1.0.0-crash", tmp_path, restartPolicy="Never") as run:
        await run.until(lambda: run.container.state.exit_code == 1)
        assert run.container.state.restarts == 0


@pytest.mark.asyncio
async def test_a_container_waits_for_what_it_refers_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY", 0.01)
    reference = {"name": "A", "valueFrom": {"secretKeyRef": {"name": "later", "key": "k"}}}
    async with running("1.0.0", tmp_path, {"env": [reference]}) as run:
        await run.until(lambda: run.container.state.waiting == "CreateContainerConfigError")
        assert 'secret "later" not found' in run.container.state.message
        run.secrets["later"] = {"k": "v"}
        await run.until(lambda: run.container.state.ready)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("tag", "reason"), [("1.0.0-nopull", "ImagePullBackOff"), ("1.0.0-oops", "InvalidImageName")]
)
async def test_an_image_that_can_not_run_says_why(tmp_path: Path, tag: str, reason: str) -> None:
    async with running(tag, tmp_path) as run:
        await run.until(lambda: run.container.state.waiting == reason)
        assert tag in run.container.state.message


@pytest.mark.asyncio
async def test_a_stubborn_process_is_killed_after_the_grace_period(tmp_path: Path) -> None:
    async with running("1.0.0-stubborn", tmp_path) as run:
        await run.until(lambda: run.container.state.ready)
        await run.container.stop(0.05)
        await run.until(lambda: run.container.state.exit_code == -9)
