"""A whole process around a controller that only shows whether it runs."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cluster import Cluster

from canary.controller.settings import Settings
from canary.kube import lease
from canary.kube.http import HttpTransport, connect
from canary.server import process
from canary.server.process import Parts, Surroundings, live

LEASE = "kube-system/flagger-leader-election"


class Controller:
    """Runs until cancelled."""

    def __init__(self, winding_up: float = 0.0, failure: Exception | None = None) -> None:
        self.ready = False
        self.running = asyncio.Event()
        self.cleaned_up = False
        self.given: Surroundings | None = None
        self._winding_up = winding_up
        self._failure = failure

    def make(self, given: Surroundings) -> Controller:
        self.given = given
        return self

    async def run(self) -> None:
        self.running.set()
        try:
            if self._failure:
                raise self._failure
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(self._winding_up)
            self.cleaned_up = True


class Process:
    """One process under test: its API server, its controller, its exit code."""

    def __init__(self, cluster: Cluster, controller: Controller) -> None:
        self.cluster = cluster
        self.controller = controller
        self.stop = asyncio.Event()
        self.code: asyncio.Task[int]
        self.settings: dict[str, Any] = {"port": 0, "metrics_server": "http://127.0.0.1:9"}

    async def start(self, address: str, **settings: Any) -> None:
        async def transport(settings: Settings) -> HttpTransport:
            return await connect(master=address)

        parts = Parts(self.controller.make, transport)
        found = Settings(**{**self.settings, **settings})
        self.code = asyncio.create_task(live(found, self.stop, parts))


@asynccontextmanager
async def running(
    controller: Controller | None = None,
    spoil: Callable[[Cluster], None] = lambda cluster: None,
    **settings: Any,
) -> AsyncIterator[Process]:
    cluster = Cluster()
    spoil(cluster)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", cluster.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found = Process(cluster, controller or Controller())
    await found.start(f"http://127.0.0.1:{runner.addresses[0][1]}", **settings)
    try:
        async with asyncio.timeout(20):
            yield found
    finally:
        found.stop.set()
        await asyncio.wait({found.code})
        await runner.cleanup()


def port(caplog: pytest.LogCaptureFixture) -> int:
    line = next(m for m in caplog.messages if m.startswith("Starting HTTP server on port "))
    return int(line.rpartition(" ")[2])


async def fetched(caplog: pytest.LogCaptureFixture, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port(caplog)}{path}") as response,
    ):
        return response.status, await response.text()


@pytest.fixture(autouse=True)
def _logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="canary")


@pytest.mark.asyncio
async def test_a_stop_that_was_asked_for_is_clean(caplog: pytest.LogCaptureFixture) -> None:
    async with running() as process:
        await process.controller.running.wait()
        assert await fetched(caplog, "/healthz") == (200, "OK")
        process.stop.set()
        assert await process.code == 0
        assert process.controller.cleaned_up
    with pytest.raises(aiohttp.ClientConnectorError):
        await fetched(caplog, "/healthz")
    lines = caplog.messages
    # operations.md section 1, in its order.
    wanted = [
        "Starting canary-engine version",
        "Connected to Kubernetes API v1.34.1",
        "Starting HTTP server on port",
        "Starting operator",
        "Shutting down operator workers",
        "HTTP server stopped",
    ]
    found = [next(i for i, line in enumerate(lines) if line.startswith(text)) for text in wanted]
    assert found == sorted(found)


@pytest.mark.asyncio
async def test_readiness_follows_the_caches(caplog: pytest.LogCaptureFixture) -> None:
    async with running() as process:
        await process.controller.running.wait()
        assert await fetched(caplog, "/readyz") == (503, "caches are not in sync")
        process.controller.ready = True
        assert await fetched(caplog, "/readyz") == (200, "OK")


@pytest.mark.asyncio
async def test_metrics_are_served(caplog: pytest.LogCaptureFixture) -> None:
    async with running(mesh_provider="istio") as process:
        await process.controller.running.wait()
        status, text = await fetched(caplog, "/metrics")
    assert status == 200
    assert 'mesh_provider="istio"' in text
    assert "\ncanary_engine_leader 1.0\n" in text
    assert "\nprocess_start_time_seconds " in text
    # Calls of the start are counted too.
    assert 'canary_engine_api_requests_total{resource="/version",verb="get"} 1.0' in text


def without_definitions(cluster: Cluster) -> None:
    cluster.definitions.clear()


@pytest.mark.asyncio
async def test_a_refusal_is_one_fatal_line(caplog: pytest.LogCaptureFixture) -> None:
    async with running(spoil=without_definitions) as process:
        assert await process.code == 1
        assert process.controller.given is None
    (fatal,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert fatal.levelno == logging.CRITICAL and fatal.exc_info is None
    assert "Canary CRD is not registered" in fatal.getMessage()


@pytest.mark.asyncio
async def test_an_unexpected_error_is_told_whole(caplog: pytest.LogCaptureFixture) -> None:
    async with running(Controller(failure=RuntimeError("broken"))) as process:
        assert await process.code == 1
    (fatal,) = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert "broken" in fatal.getMessage() and fatal.exc_info is not None


@pytest.mark.asyncio
async def test_a_controller_that_hangs_is_left_behind(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "STOP", 0.05)
    # It ends with the loop of this test.
    controller = Controller(winding_up=3600)
    async with running(controller) as found:
        await controller.running.wait()
        found.stop.set()
        assert await found.code == 1
        assert not controller.cleaned_up
    assert "the stop is not complete" in caplog.text


@pytest.mark.asyncio
async def test_a_stop_during_the_start() -> None:
    async with running() as process:
        process.stop.set()
        assert await process.code == 0
        assert process.controller.given is None


ELECTED: dict[str, Any] = {"leader_election": True}


@pytest.mark.asyncio
async def test_a_leader_gives_its_lease_back(caplog: pytest.LogCaptureFixture) -> None:
    async with running(**ELECTED) as process:
        await process.controller.running.wait()
        spec = process.cluster.leases[LEASE]["spec"]
        assert spec["holderIdentity"] in caplog.text
        process.stop.set()
        # operations.md section 16 row 2: 0, although it was the leader.
        assert await process.code == 0
        assert process.controller.cleaned_up
        assert process.cluster.leases[LEASE]["spec"]["holderIdentity"] == ""


def held_by_another(cluster: Cluster) -> None:
    cluster.leases[LEASE] = {
        "metadata": {
            "name": "flagger-leader-election",
            "namespace": "kube-system",
            "resourceVersion": "x",
        },
        "spec": {"holderIdentity": "another", "leaseDurationSeconds": 60},
    }


@pytest.mark.asyncio
async def test_a_follower_is_ready_and_leaves_everything_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running(spoil=held_by_another, **ELECTED) as process:
        while "Another instance has been elected as leader: another" not in caplog.messages:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert await fetched(caplog, "/readyz") == (200, "OK")
        assert "\ncanary_engine_leader 0.0\n" in (await fetched(caplog, "/metrics"))[1]
        process.stop.set()
        assert await process.code == 0
        assert process.controller.given is None
        assert json.dumps(process.cluster.leases[LEASE]).count("another") == 1


@pytest.mark.asyncio
async def test_a_lost_lease_ends_the_process(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient(lease.Elector):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, retry=0.01, renew_deadline=5.0, **options)

    monkeypatch.setattr(process, "Elector", Impatient)
    async with running(**ELECTED) as found:
        await found.controller.running.wait()
        held_by_another(found.cluster)
        assert await found.code == 1
        assert found.controller.cleaned_up
    assert any(line.startswith("Leadership lost") for line in caplog.messages)
