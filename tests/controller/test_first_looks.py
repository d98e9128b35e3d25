"""The first looks of a process that begins to lead: what it can't know yet is no error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from canary.kube.resources import CANARIES
from canary.rollout.codec import decode
from canary.rollout.stage import Stage
from canary.rollout.status import present
from tests.rig.staged import staged
from tests.transcripts.script import Script


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No error is logged."""
    yield
    found = [record.message for record in caplog.get_records("call")]
    assert not [text for text in found if "reconcile failed" in text]


@staged()
async def test_what_can_not_be_seen_yet_is_waited_for(script: Script) -> None:
    """Neither routes nor data have been read when a process looks for the first time."""
    stage = script.stage
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 30)
    await stage.stop()
    stage.start()
    await script.reaches("Progressing", 40)


@staged()
async def test_what_flagger_left_is_imported_once_it_can_be_seen(script: Script) -> None:
    stage = script.stage
    await script.initialized()
    await stage.stop()
    live = stage.get(CANARIES, "podinfo")
    status = {"phase": "Initialized", "failedChecks": 0, "canaryWeight": 0}
    flagger = stage.cluster.client("flagger")
    await flagger.update(CANARIES, {**live, "status": status}, subresource="status")
    stage.start()
    await stage.rest(30)
    assert stage.status()["engine"]["reason"] == "taken over in phase Initialized"
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)


@staged()
async def test_a_failed_canary_that_still_serves_may_have_no_run_on_record(script: Script) -> None:
    """So Flagger leaves one whose promotion failed. Its users go back to the primary."""
    stage = script.stage
    await script.initialized()
    await stage.stop()
    await script.replicas(2)
    await stage.route_weights(50, 50)
    await stage.rest(20)
    live = stage.get(CANARIES, "podinfo")
    record = replace(decode(live["status"]["engine"]), stage=Stage.FAILED, weight=50)
    status = present(record, "Deployment", live["status"], stage.clock.now())
    engine = stage.cluster.client("canary-engine")
    await engine.update(CANARIES, {**live, "status": status}, subresource="status")
    stage.start()
    await script.reaches("Failed", 0)
    assert stage.status()["engine"]["epoch"] == 1
