"""The scripts of failure and recovery (part D of Flagger's timelines, from S46)."""

from __future__ import annotations

from analysis.outcome import NoValues
from tests.transcripts.scenario import (
    COMPLETED,
    COPYING,
    NEW,
    STUCK,
    hooks,
    scenario,
    slow_primary,
)
from tests.transcripts.script import Script


@scenario(
    "S46",
    upto=3,
    then=(
        f"|Failed|100|0|0|0/100/-|2/2|W {STUCK}; W Promotion of podinfo.test failed, primary not "
        f"ready: {STUCK}; N Post-rollout check post passed; W podinfo-primary.test not ready: "
        "waiting for rollout to finish: observed deployment generation less than desired "
        f"generation; A[error] Promotion failed, primary not ready: {STUCK}; H[post Failed→200]|",
        f"|Progressing|0|0|0|100/0/-|2/2|{NEW}|",
    ),
    cites="D1, D3; design: a new revision always leaves Failed, so a stuck primary is restored",
)
async def s46(script: Script) -> None:
    await script.initialized(analysis={"stepWeight": 50, **hooks(post="post-rollout")})
    await script.image("2.0.0")
    await script.reaches("Progressing", 50)
    script.freeze("podinfo-primary")
    await script.reaches("Promoting")
    script.stuck("podinfo-primary")
    await script.reaches("Failed", 100)
    await script.stage.rest(60)
    await script.image("3.0.0")
    await script.stage.rest(120)
    assert script.stage.status()["canaryWeight"] == 100
    script.mended("podinfo-primary")
    await script.reaches("Progressing")


@scenario("S47")
async def s47(script: Script) -> None:
    await script.initialized(analysis={"stepWeight": 50})
    await script.image("2.0.0")
    await script.reaches("Finalising")
    script.stuck("podinfo-primary")
    await script.reaches("Failed", 100)
    await script.stage.rest(60)


@scenario("S48")
async def s48(script: Script) -> None:
    await script.initialized(analysis={"threshold": 1})
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    await script.stage.rest(30)
    await script.image("1.0.0")
    await script.stage.rest(120)
    assert script.stage.phase() == "Failed"
    await script.image("2.0.0")
    await script.reaches("Progressing")


@scenario(
    "S49",
    upto=5,
    then=(f"|Progressing|0|0|0|100/0/-|2/2|{NEW}|",),
    cites="D1",
)
async def s49(script: Script) -> None:
    await script.initialized(analysis={"threshold": 1})
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    await script.stage.rest(30)
    script.ready(1, "podinfo-primary")
    await script.image("3.0.0")
    await script.stage.rest(120)
    script.ready(2, "podinfo-primary")
    await script.reaches("Progressing")


@scenario(
    "S50",
    then=(
        f"|Promoting|50|0|0|50/50/-|2/2|{COPYING}|",
        "|Promoting|25|0|0|75/25/-|2/2|N Advance podinfo.test primary weight 75|",
        "|Finalising|0|0|0|100/0/-|2/2|N Advance podinfo.test primary weight 100|",
        f"|Succeeded|0|0|0|100/0/-|0/2|{COMPLETED}|",
    ),
    cites="D13; design: drift is corrected at once",
    behaves=slow_primary,
)
async def s50(script: Script) -> None:
    await script.initialized(analysis={"stepWeight": 50, "stepWeightPromotion": 25})
    await script.image("2.0.0")
    await script.reaches("Promoting", 50)
    await script.stage.route_weights(100, 0)
    await script.reaches("Succeeded")
    await script.stage.rest(60)


NO_DATA = (
    "W Halt advancement no values found for istio metric request-success-rate probably "
    "podinfo.test is not receiving traffic: running query failed: no values found"
)


@scenario(
    "S51",
    then=(
        f"|Progressing|10|0|1|90/10/-|2/2|{NO_DATA}|",
        f"|Progressing|10|0|2|90/10/-|2/2|{NO_DATA}|",
        f"|Progressing|10|0|3|90/10/-|2/2|{NO_DATA}|",
        "|Failed|0|0|0|100/0/-|0/2|W Rolling back podinfo.test failed checks threshold reached 3; "
        "W Canary failed! Scaling down podinfo.test; A[error] Failed checks threshold reached 3|",
    ),
    cites="rows written from the text of S51",
)
async def s51(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    script.stage.prometheus.answers = lambda query: NoValues()
    await script.reaches("Failed")
    await script.stage.rest(60)
