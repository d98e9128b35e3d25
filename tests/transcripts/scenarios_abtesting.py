"""The scripts of A/B (part F of Flagger's timelines)."""

from __future__ import annotations

from tests.transcripts.scenario import (
    COPYING,
    FINISH,
    HALT,
    SCENARIOS,
    Scenario,
    hooks,
    rollout,
    scenario,
)
from tests.transcripts.scenarios_bluegreen import (
    MATCH,
    ROLLED_BACK,
    SHUT,
    fails,
    iterated,
    true_weight,
)
from tests.transcripts.script import Script

SCENARIOS["S60"] = Scenario(
    rollout(**iterated(3, **MATCH)),
    instead=true_weight("Progressing 1", "Progressing 2", "Progressing 3", "Promoting 3"),
    cites="D17",
)


@scenario(
    "S61",
    upto=3,
    instead=true_weight("Progressing 2"),
    then=(
        f"|WaitingPromotion|100|2|0|0/100/-|2/2|{SHUT}; H[promo Progressing→403]|",
        f"|Promoting|100|2|0|0/100/-|2/2|N Confirm-promotion check promo passed; {COPYING}; "
        "H[promo Progressing→200]|",
        *FINISH,
    ),
    cites="D17, D18",
)
async def s61(script: Script) -> None:
    script.answers(promo=403)
    analysis = iterated(2, **MATCH, **hooks(promo="confirm-promotion"))
    await script.initialized(analysis=analysis)
    await script.image("2.0.0")
    await script.reaches("WaitingPromotion")
    await script.stage.rest(250)
    script.answers(promo=200)
    await script.reaches("Succeeded")
    await script.stage.rest(30)


@scenario(
    "S62",
    then=(
        "|Progressing|100|3|0|0/100/-|2/2|N Advance podinfo.test canary iteration 3/5|",
        f"|Promoting|100|3|0|0/100/-|2/2|{COPYING}|",
        *FINISH,
    ),
    cites="D16, D17",
)
async def s62(script: Script) -> None:
    await script.initialized(analysis=iterated(5, **MATCH))
    await script.image("2.0.0")
    await script.iterates(3)
    await script.spec(analysis={"iterations": 2})
    await script.reaches("Succeeded")
    await script.stage.rest(30)


@scenario(
    "S63",
    then=(
        "|Progressing|100|2|0|0/100/-|2/2|N Advance podinfo.test canary iteration 2/5|",
        *(f"|Progressing|100|2|{failed}|0/100/-|2/2|{HALT}|" for failed in (1, 2, 3)),
        ROLLED_BACK,
    ),
    cites="rows written from the text of S63; D17",
)
async def s63(script: Script) -> None:
    await script.initialized(analysis=iterated(5, **MATCH))
    await fails(script, 2)
