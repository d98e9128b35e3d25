"""A whole process with leader election."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from cluster import Cluster
from standin import fetched, listening, running

from canary.kube import lease
from canary.server import process

LEASE = "kube-system/flagger-leader-election"


@pytest.fixture(autouse=True)
def _logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="canary")


ELECTED: dict[str, Any] = {"leader_election": True}


@pytest.mark.asyncio
async def test_a_leader_gives_its_lease_back(caplog: pytest.LogCaptureFixture) -> None:
    async with running(**ELECTED) as found:
        await found.controller.running.wait()
        spec = found.cluster.leases[LEASE]["spec"]
        assert spec["holderIdentity"] in caplog.text
        found.stop.set()
        # operations.md section 16 row 2: 0, although it was the leader.
        assert await found.code == 0
        assert found.controller.cleaned_up
        assert found.cluster.leases[LEASE]["spec"]["holderIdentity"] == ""


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
    with listening() as lines:
        async with running(spoil=held_by_another, **ELECTED) as found:
            await lines.until("Another instance has been elected as leader: another")
            assert await fetched(caplog, "/readyz") == (200, "OK")
            assert "\ncanary_engine_leader 0.0\n" in (await fetched(caplog, "/metrics"))[1]
            found.stop.set()
            assert await found.code == 0
    assert found.controller.given is None
    assert json.dumps(found.cluster.leases[LEASE]).count("another") == 1


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
