"""The scripts of hooks during and after a rollout (part B, from S20)."""

from __future__ import annotations

from tests.transcripts.scenario import FINISH, hooks, scenario
from tests.transcripts.script import Script

STARTING = "N Starting canary analysis for podinfo.test; "
SHUT = "W Halt podinfo.test advancement waiting for promotion approval promo"
ASKS = "A[warn] Canary promotion is waiting for approval."


@scenario("S20")
async def s20(script: Script) -> None:
    await script.initialized(analysis=hooks(load="rollout"))
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    script.answers(load=(403, "no"))
    await script.reaches("Progressing", 10, 1)
    script.answers(load=200)
    await script.reaches("Progressing", 20)


@scenario(
    "S21",
    instead={
        # Not once more when only the gate was closed.
        "|4|Progressing|10|0|0|90/10/-|2/2|N Starting canary analysis for podinfo.test; ": (
            "|4|Progressing|10|0|0|90/10/-|2/2|"
        ),
    },
    cites="webhooks 8.6",
)
async def s21(script: Script) -> None:
    script.answers(inc=403)
    await script.initialized(analysis=hooks(inc="confirm-traffic-increase"))
    await script.image("2.0.0")
    await script.reaches("Progressing", 0)
    await script.stage.rest(90)
    script.answers(inc=200)
    await script.reaches("Progressing", 20)
    script.answers(inc=403)
    await script.stage.rest(150)
    script.answers(inc=200)
    await script.reaches("Progressing", 50)
    script.answers(inc=403)
    await script.stage.rest(150)
    script.answers(inc=200)
    await script.reaches("Succeeded")


REAL = {"|WaitingPromotion|0|-1|": "|WaitingPromotion|50|0|"}
"""Weight and iterations of record, where Flagger shows others (D17)."""


@scenario(
    "S22", instead=REAL | {"|Promoting|0|-1|": "|Promoting|50|0|"}, then=FINISH[1:], cites="D17"
)
async def s22(script: Script) -> None:
    script.answers(promo=403)
    calls = hooks(promo="confirm-promotion", load="rollout")
    await script.initialized(analysis={"stepWeight": 25, **calls})
    await script.image("2.0.0")
    await script.reaches("WaitingPromotion")
    await script.stage.rest(150)
    script.answers(promo=200)
    await script.reaches("Succeeded")
    await script.stage.rest(30)


@scenario("S23", instead=REAL, cites="D17")
async def s23(script: Script) -> None:
    script.answers(promo=403)
    await script.initialized(analysis={"stepWeight": 25, **hooks(promo="confirm-promotion")})
    await script.image("2.0.0")
    await script.reaches("WaitingPromotion")
    await script.stage.rest(90)
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    await script.stage.rest(30)


@scenario(
    "S24",
    instead={"A[warn] Rolling": "A[error] Rolling"},
    cites="notifications 7.3",
)
async def s24(script: Script) -> None:
    script.answers(rb=403)
    await script.initialized(analysis=hooks(rb="rollback"))
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    script.answers(rb=200)
    await script.reaches("Failed")
    await script.stage.rest(120)


@scenario(
    "S24b",
    then=(
        f"|WaitingPromotion|50|0|0|50/50/-|2/2|N Rollback hook rb not signaling a rollback; {SHUT};"
        f" {ASKS}; H[rb Progressing→403]; H[promo Progressing→403]; H[rb WaitingPromotion→403]|",
        "|Failed|0|0|0|100/0/-|0/2|W Rollback check rb passed; "
        "W Rolling back podinfo.test manual webhook invoked; "
        "W Canary failed! Scaling down podinfo.test; "
        "H[rb WaitingPromotion→200]; A[error] Rolling back manual webhook invoked|",
    ),
    cites="rows written from the text of S24; D17, notifications 7.3",
)
async def s24b(script: Script) -> None:
    script.answers(rb=403, promo=403)
    calls = hooks(rb="rollback", promo="confirm-promotion")
    await script.initialized(analysis={"stepWeight": 50, **calls})
    await script.image("2.0.0")
    await script.reaches("WaitingPromotion")
    await script.stage.rest(90)
    script.answers(rb=200)
    await script.reaches("Failed")
    await script.stage.rest(30)


@scenario("S25")
async def s25(script: Script) -> None:
    script.answers(rb=403)
    calls = hooks(
        rb="rollback",
        post="post-rollout",
        promo="confirm-promotion",
        inc="confirm-traffic-increase",
        load="rollout",
        pre="pre-rollout",
        gate="confirm-rollout",
    )
    await script.initialized(analysis={"stepWeight": 50, **calls})
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(60)


@scenario(
    "S26",
    instead={
        "W Post-rollout hook p1 failed boom; ": (
            "W Post-rollout hook p1 failed boom; N Post-rollout check p2 passed; "
        ),
        "H[p1 Succeeded→400]": "H[p1 Succeeded→400]; H[p2 Succeeded→200]",
    },
    cites="webhooks 8.10",
)
async def s26(script: Script) -> None:
    script.answers(p1=(400, "boom"))
    calls = hooks(p1="post-rollout", p2="post-rollout")
    await script.initialized(analysis={"stepWeight": 50, **calls})
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(60)


@scenario(
    "S29",
    instead=REAL,
    cites="D17",
)
async def s29(script: Script) -> None:
    script.answers(promo=403)
    await script.initialized(analysis={"stepWeight": 50, **hooks(promo="confirm-promotion")})
    await script.image("2.0.0")
    await script.reaches("WaitingPromotion")
    await script.stage.rest(30)
    await script.image("3.0.0")
    await script.reaches("Progressing", 50)
    script.answers(promo=200)
    await script.reaches("Succeeded")
