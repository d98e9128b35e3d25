"""Targets that change after a failed promotion, and canaries that lose their endpoints."""

from __future__ import annotations

from tests.rig.staged import staged
from tests.transcripts.scenario import hooks
from tests.transcripts.script import Script


@staged()
async def test_an_unconfirmed_revision_serves_nobody_once_the_primary_is_ready(
    script: Script,
) -> None:
    await script.initialized(analysis={"stepWeight": 50, **hooks(gate="confirm-rollout")})
    stage = script.stage
    await script.image("2.0.0")
    await script.reaches("Progressing", 50)
    script.freeze("podinfo-primary")
    await script.reaches("Promoting")
    script.stuck("podinfo-primary")
    await script.reaches("Failed", 100)
    script.answers(gate=403)
    await script.image("3.0.0")
    await stage.rest(120)
    # D3: a broken primary gets nothing.
    assert stage.status()["canaryWeight"] == 100
    script.mended("podinfo-primary")
    await script.reaches("Waiting", 0)
    await stage.rest(120)
    assert (stage.phase(), stage.status()["canaryWeight"]) == ("Waiting", 0)
    assert [text for _, text in stage.events() if "than the one that passed" in text]
    script.answers(gate=200)
    await script.reaches("Succeeded")


@staged()
async def test_a_canary_that_lost_its_endpoints_begins_at_the_first_step_with_its_counters(
    script: Script,
) -> None:
    # providers D24
    await script.initialized()
    stage = script.stage
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    stage.prometheus.value = 90
    await script.reaches("Progressing", 10, failed=1)
    stage.prometheus.value = 100
    await script.reaches("Progressing", 30)
    before = stage.status()["engine"]["run"]["attempt"]
    script.ready(0, "podinfo")
    await stage.rest(1)
    assert (stage.status()["canaryWeight"], stage.status()["failedChecks"]) == (0, 1)
    await stage.rest(120)
    assert stage.status()["canaryWeight"] == 0
    script.ready(2, "podinfo")
    await stage.rest(10)
    assert (stage.status()["canaryWeight"], stage.status()["failedChecks"]) == (10, 1)
    assert stage.status()["engine"]["run"]["attempt"] == before
    await script.reaches("Succeeded")
