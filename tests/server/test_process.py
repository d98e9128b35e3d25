"""Start, endpoints, stop and exit codes of a whole process."""

from __future__ import annotations

import logging

import aiohttp
import pytest
from cluster import Cluster
from standin import Controller, fetched, running

from canary.notify.receiver import Receiver
from canary.server import process as module


@pytest.fixture(autouse=True)
def _logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="canary")


@pytest.mark.asyncio
async def test_a_stop_that_was_asked_for_is_clean(caplog: pytest.LogCaptureFixture) -> None:
    async with running() as found:
        await found.controller.running.wait()
        assert await fetched(caplog, "/healthz") == (200, "OK")
        found.stop.set()
        assert await found.code == 0
        assert found.controller.cleaned_up
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
    async with running() as found:
        await found.controller.running.wait()
        assert await fetched(caplog, "/readyz") == (503, "caches are not in sync")
        found.controller.ready = True
        assert await fetched(caplog, "/readyz") == (200, "OK")


@pytest.mark.asyncio
async def test_metrics_are_served(caplog: pytest.LogCaptureFixture) -> None:
    async with running(mesh_provider="istio") as found:
        await found.controller.running.wait()
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
    async with running(spoil=without_definitions) as found:
        assert await found.code == 1
        assert found.controller.given is None
    (fatal,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert fatal.levelno == logging.CRITICAL and fatal.exc_info is None
    assert "Canary CRD is not registered" in fatal.getMessage()


@pytest.mark.asyncio
async def test_an_unexpected_error_is_told_whole(caplog: pytest.LogCaptureFixture) -> None:
    async with running(Controller(failure=RuntimeError("broken"))) as found:
        assert await found.code == 1
    (fatal,) = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert "broken" in fatal.getMessage() and fatal.exc_info is not None


@pytest.mark.asyncio
async def test_a_controller_that_hangs_is_left_behind(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP", 0.05)
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
    async with running() as found:
        found.stop.set()
        assert await found.code == 0
        assert found.controller.given is None


SECRET = "https://hooks.slack.com/services/T0/B0/s3cret"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("notifier", "line"),
    [
        # notifications 7.15: Flagger logs the first 30 characters.
        (
            Receiver("slack", SECRET, "ops"),
            "Notifications enabled for https://hooks.slack.com",
        ),
        (Receiver("slack", SECRET, ""), "Notifier empty Slack channel"),
        (Receiver("msteams", "nowhere"), "Notifier invalid MS Teams webhook URL nowhere"),
    ],
)
async def test_the_start_says_who_gets_alerts(
    caplog: pytest.LogCaptureFixture, notifier: Receiver, line: str
) -> None:
    async with running(notifier=notifier) as found:
        await found.controller.running.wait()
        given = found.controller.given
    assert line in caplog.messages
    assert "s3cret" not in caplog.text
    assert given is not None
    assert given.settings.notifier == (notifier if "enabled" in line else None)
