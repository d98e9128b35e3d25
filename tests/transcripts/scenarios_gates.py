"""The scripts of gates before a rollout and before its first traffic (part B, to S19)."""

from __future__ import annotations

from tests.transcripts.scenario import NEW, hooks, scenario
from tests.transcripts.script import Script

GATE = hooks(gate="confirm-rollout")
WAITS = (
    "W Halt podinfo.test advancement waiting for approval gate; "
    "A[warn] Canary is waiting for approval."
)
REVERTED = "N Ending podinfo.test analysis: podinfo.test is back at the promoted revision"


@scenario("S13")
async def s13(script: Script) -> None:
    script.answers(gate=403)
    await script.initialized(analysis=GATE)
    await script.image("2.0.0")
    await script.reaches("Waiting")
    await script.stage.rest(150)
    script.answers(gate=200)
    await script.reaches("Progressing", 10)


@scenario("S14")
async def s14(script: Script) -> None:
    await script.initialized(analysis={"stepWeight": 50, "threshold": 1, **GATE})
    await script.image("2.0.0")
    await script.reaches("Progressing", 50)
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    await script.stage.rest(30)
    script.stage.prometheus.value = 100
    script.answers(gate=403)
    await script.image("3.0.0")
    await script.reaches("Waiting")
    await script.stage.rest(90)
    script.answers(gate=200)
    await script.reaches("Succeeded")
    await script.stage.rest(30)
    script.answers(gate=403)
    await script.image("4.0.0")
    await script.reaches("Waiting")
    script.answers(gate=200)
    await script.reaches("Succeeded")
    await script.stage.rest(30)


@scenario(
    "S15",
    upto=0,
    then=(
        "|Waiting|0|0|0|100/0/-|0/2|W Halt podinfo.test advancement waiting for approval gate; "
        "N Rollback hook rb not signaling a rollback; A[warn] Canary is waiting for approval.; "
        "H[gate Initialized→403]; H[rb Waiting→403]; H[gate Waiting→403]|",
        "|Failed|0|0|0|100/0/-|0/2|W Rollback check rb passed; "
        "W Rolling back podinfo.test manual webhook invoked; "
        "W Canary failed! Scaling down podinfo.test; "
        "A[error] Rolling back manual webhook invoked; H[rb Waiting→200]|",
    ),
    cites="D10, notifications 7.3",
)
async def s15(script: Script) -> None:
    script.answers(gate=403, rb=403)
    await script.initialized(analysis=hooks(gate="confirm-rollout", rb="rollback"))
    await script.image("2.0.0")
    await script.reaches("Waiting")
    await script.stage.rest(90)
    script.answers(rb=200)
    await script.reaches("Failed")
    await script.stage.rest(150)


@scenario("S16", upto=2, then=(f"|Succeeded|0|0|0|100/0/-|0/2|{REVERTED}|",), cites="D9")
async def s16(script: Script) -> None:
    script.answers(gate=403)
    await script.initialized(analysis={"stepWeight": 50, **GATE})
    await script.image("2.0.0")
    await script.reaches("Waiting")
    await script.stage.rest(90)
    await script.image("1.0.0")
    await script.reaches("Succeeded")
    script.answers(gate=200)
    await script.stage.rest(180)


@scenario(
    "S17",
    upto=4,
    then=(
        f"|Waiting|0|0|0|100/0/-|2/2|{WAITS}; H[gate Progressing→403]; H[gate Waiting→403]|",
        f"|Progressing|0|0|0|100/0/-|2/2|N Confirm-rollout check gate passed; {NEW}; "
        "H[gate Waiting→200]|",
        "|Progressing|10|0|0|90/10/-|2/2|N Starting canary analysis for podinfo.test; "
        "N Advance podinfo.test canary weight 10|",
    ),
    cites="D11",
)
async def s17(script: Script) -> None:
    await script.initialized(analysis=GATE)
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    script.answers(gate=403)
    await script.image("3.0.0")
    await script.reaches("Waiting")
    await script.stage.rest(90)
    script.answers(gate=200)
    await script.reaches("Progressing", 10)


@scenario("S18")
async def s18(script: Script) -> None:
    script.answers(smoke=(400, "tests failed"))
    await script.initialized(analysis=hooks(smoke="pre-rollout"))
    await script.image("2.0.0")
    await script.reaches("Progressing", 0, 2)
    script.answers(smoke=200)
    await script.reaches("Progressing", 20)


@scenario("S19")
async def s19(script: Script) -> None:
    # The transport's own words; tests/hooks has those of a 500 with a body (D28).
    script.answers(smoke=(500, "POST http://hook.test/smoke giving up after 1 attempt(s)"))
    await script.initialized(analysis=hooks(smoke="pre-rollout", post="post-rollout"))
    await script.image("2.0.0")
    await script.reaches("Failed")
    await script.stage.rest(60)
