"""The process with the real controller, against the sandbox's API server."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from standin import fetched, listening

from canary.clock import SystemClock
from canary.controller.settings import Settings
from canary.kube.transport import Request
from canary.sandbox.server import Server
from canary.server.permissions import permissions
from canary.server.process import Parts, live, real_controller
from providers.registry import installed
from tests.rig.definitions import bodies


async def installed_cluster() -> Server:
    server = Server(SystemClock())
    for body in bodies():
        target = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        assert (await server.transport("admin").request(Request("POST", target, body=body))).status
    return server


@pytest.mark.asyncio
async def test_it_fills_its_caches_and_does_nothing_that_is_not_granted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="canary")
    server = await installed_cluster()
    stop, asked = asyncio.Event(), len(server.audit)

    async def transport(settings: Settings) -> Any:
        return server.transport("engine")

    settings = Settings(port=0, metrics_server="http://127.0.0.1:9")
    with listening() as lines:
        code = asyncio.create_task(live(settings, stop, Parts(real_controller, transport)))
        await lines.until("Starting operator")
    async with asyncio.timeout(30):
        while (await fetched(caplog, "/readyz"))[0] != 200:
            continue
        _, metrics = await fetched(caplog, "/metrics")
        stop.set()
        assert await code == 0
    granted = {(verb, row.target) for row in permissions(installed()) for verb in row.verbs}
    resources = {row.target for row in permissions(installed())}
    called = {
        (labels.split('verb="')[1].split('"')[0], labels.split('resource="')[1].split('"')[0])
        for line in metrics.splitlines()
        if (labels := line.removeprefix("canary_engine_api_requests_total{")) != line
    }
    assert {(verb, what) for verb, what in called if what in resources} <= granted
    assert {what for verb, what in called if verb == "watch"} <= resources
    assert ("watch", "canaries.flagger.app") in called
    # Without any Canary there is nothing to write.
    assert not [entry for entry in server.audit[asked:] if entry.writes]
