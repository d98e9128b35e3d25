"""The scripts of readiness and deadlines (part D of Flagger's timelines, to S45)."""

from __future__ import annotations

from tests.transcripts.scenario import COMPLETED, NEW, STUCK, hooks, scenario
from tests.transcripts.script import Script


@scenario("S41")
async def s41(script: Script) -> None:
    await script.initialized()
    script.freeze("podinfo")
    await script.image("2.0.0")
    await script.reaches("Progressing", 0)
    script.report("podinfo", replicas=0)
    await script.stage.rest(70)
    script.stage.starts_in = None
    script.mended("podinfo")
    await script.stage.rest(1)
    script.ready(1)
    await script.stage.rest(60)
    script.stage.starts_in = 0.0
    script.ready(2)
    await script.reaches("Progressing", 10)


ALL_AT_ONCE = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}}


@scenario("S42")
async def s42(script: Script) -> None:
    analysis = {"stepWeight": 50, "canaryReadyThreshold": 50, "primaryReadyThreshold": 75}
    await script.initialized(analysis=analysis, target={"replicas": 4, "strategy": ALL_AT_ONCE})
    script.stage.starts_in = None
    await script.image("2.0.0")
    await script.reaches("Progressing", 0)
    await script.stage.rest(70)
    script.ready(2)
    await script.reaches("Progressing", 50)
    script.ready(2, "podinfo-primary")
    await script.stage.rest(70)
    script.ready(4, "podinfo-primary")
    script.stage.starts_in = 0.0
    await script.reaches("Promoting")


OVERDUE = (
    'canary deployment podinfo.test not ready: deployment "podinfo" exceeded its progress deadline'
)


@scenario(
    "S43",
    upto=2,
    then=(
        f"|Failed|0|0|0|100/0/-|0/2|W {OVERDUE}; W Rolling back podinfo.test progress deadline "
        f"exceeded {OVERDUE}; W Canary failed! Scaling down podinfo.test; "
        "N Post-rollout check post passed; "
        f"A[error] Progress deadline exceeded {OVERDUE}; H[post Failed→200]|",
    ),
    cites="D5",
)
async def s43(script: Script) -> None:
    await script.initialized(analysis=hooks(post="post-rollout"))
    script.stage.starts_in = None
    await script.image("2.0.0")
    await script.reaches("Progressing")
    await script.stage.rest(90)
    script.stuck("podinfo")
    await script.reaches("Failed")
    await script.stage.rest(60)


@scenario(
    "S44",
    then=(
        "|Progressing|10|0|0|90/10/-|2/2|N Starting canary analysis for podinfo.test; "
        "N Advance podinfo.test canary weight 10|",
        f"|Failed|0|0|0|100/0/-|0/2|W {STUCK}; W Rolling back podinfo.test progress deadline "
        f"exceeded {STUCK}; W Canary failed! Scaling down podinfo.test; "
        f"A[error] Progress deadline exceeded {STUCK}|",
        f"|Progressing|0|0|0|100/0/-|2/2|{NEW}|",
    ),
    upto=0,
    cites="D4, D5",
)
async def s44(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    script.stuck("podinfo-primary")
    await script.reaches("Failed")
    await script.stage.rest(30)
    await script.image("3.0.0")
    await script.stage.rest(150)
    script.mended("podinfo-primary")
    await script.reaches("Progressing")


@scenario(
    "S45",
    then=(f"|Succeeded|0|0|0|100/0/-|0/2|{COMPLETED}|",),
)
async def s45(script: Script) -> None:
    await script.initialized(analysis={"stepWeight": 50})
    await script.image("2.0.0")
    await script.reaches("Progressing", 50)
    script.freeze("podinfo-primary")
    await script.reaches("Promoting")
    script.report("podinfo-primary", replicas=3, updatedReplicas=2, availableReplicas=2)
    await script.stage.rest(65)
    script.report("podinfo-primary", replicas=2, updatedReplicas=2, availableReplicas=1)
    await script.stage.rest(60)
    script.mended("podinfo-primary")
    await script.reaches("Succeeded")
    await script.stage.rest(30)
