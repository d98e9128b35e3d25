"""The scripts of Blue/Green (part E of Flagger's timelines)."""

from __future__ import annotations

from typing import Any

from tests.transcripts.scenario import (
    COPYING,
    FINISH,
    HALT,
    SCENARIOS,
    STARTING,
    Scenario,
    hooks,
    rollout,
    scenario,
)
from tests.transcripts.script import Script

ITERATED = {"stepWeight": None, "maxWeight": None}
MATCH = {"match": [{"headers": {"x-canary": {"exact": "insider"}}}]}
SHUT = (
    "W Halt podinfo.test advancement waiting for promotion approval promo; "
    "A[warn] Canary promotion is waiting for approval."
)
ROLLED_BACK = (
    "|Failed|0|0|0|100/0/-|0/2|W Rolling back podinfo.test failed checks threshold reached 3; "
    "W Canary failed! Scaling down podinfo.test; A[error] Failed checks threshold reached 3|"
)


def iterated(number: int, **more: Any) -> dict[str, Any]:
    """The analysis of Blue/Green, or with MATCH of A/B."""
    return {**ITERATED, "iterations": number, **more}


def true_weight(*splits: str) -> dict[str, str]:
    """All traffic, or all that matches, is weight 100 in every phase (D17)."""
    found = {}
    for split in splits:
        phase, iteration = split.split()
        theirs = f"|{phase}|0|{iteration}|0|0/100/-|"
        found[theirs] = f"|{phase}|100|{iteration}|0|0/100/-|"
    return found


SCENARIOS["S52"] = Scenario(
    rollout(**iterated(5)), instead=true_weight("Progressing 6", "Promoting 6"), cites="D17"
)


@scenario(
    "S53",
    upto=4,
    then=(
        f"|WaitingPromotion|0|3|0|100/0/-|2/2|{SHUT}; H[promo Progressing→403]|",
        "|WaitingPromotion|100|4|0|0/100/-|2/2|N Confirm-promotion check promo passed; "
        "N Routing all traffic to canary; H[promo Progressing→200]|",
        f"|Promoting|100|4|0|0/100/-|2/2|N Confirm-promotion check promo passed; {COPYING}; "
        "H[promo Progressing→200]|",
        *FINISH,
    ),
    cites="D17, D18",
)
async def s53(script: Script) -> None:
    script.answers(promo=403)
    await script.initialized(analysis=iterated(3, **hooks(promo="confirm-promotion")))
    await script.image("2.0.0")
    await script.reaches("WaitingPromotion")
    await script.stage.rest(250)
    script.answers(promo=200)
    await script.reaches("Succeeded")
    await script.stage.rest(30)


@scenario(
    "S53b",
    then=(
        "|Progressing|100|4|0|0/100/-|2/2|N Confirm-promotion check promo passed; "
        "N Routing all traffic to canary; H[promo Progressing→200]|",
        f"|WaitingPromotion|100|4|0|0/100/-|2/2|{SHUT}; H[promo Progressing→403]|",
        f"|Promoting|100|4|0|0/100/-|2/2|N Confirm-promotion check promo passed; {COPYING}; "
        "H[promo Progressing→200]|",
        *FINISH,
    ),
    cites="rows written from the text of S53; D17, D18, D43, webhooks 8.9",
)
async def s53b(script: Script) -> None:
    await script.initialized(analysis=iterated(3, **hooks(promo="confirm-promotion")))
    await script.image("2.0.0")
    await script.reaches("Progressing", 100)
    script.answers(promo=403)
    await script.reaches("WaitingPromotion")
    await script.stage.rest(250)
    script.answers(promo=200)
    await script.reaches("Succeeded")
    await script.stage.rest(30)


@scenario(
    "S54",
    upto=4,
    then=(
        "|Progressing|100|3|0|0/100/-|2/2|N Routing all traffic to canary|",
        f"|Promoting|100|3|0|0/100/-|2/2|{COPYING}|",
        *FINISH,
    ),
    cites="D16, D17",
)
async def s54(script: Script) -> None:
    await script.initialized(analysis=iterated(5))
    await script.image("2.0.0")
    await script.iterates(3)
    await script.spec(analysis={"iterations": 2})
    await script.reaches("Succeeded")
    await script.stage.rest(30)


SCENARIOS["S55"] = Scenario(
    rollout(**iterated(3, mirror=True)),
    instead=true_weight("Progressing 4", "Promoting 4"),
    then=FINISH,
    cites="D17",
)


@scenario(
    "S56",
    then=(
        "|Progressing|0|2|0|100/0/-|2/2|N Advance podinfo.test canary iteration 2/5|",
        *(f"|Progressing|0|2|{failed}|100/0/-|2/2|{HALT}|" for failed in (1, 2, 3)),
        ROLLED_BACK,
    ),
    cites="rows written from the text of S56",
)
async def s56(script: Script) -> None:
    await script.initialized(analysis=iterated(5))
    await fails(script, 2)


@scenario(
    "S56b",
    then=(
        "|Progressing|100|3|0|0/100/-|2/2|N Routing all traffic to canary|",
        *(f"|Progressing|100|3|{failed}|0/100/-|2/2|{HALT}|" for failed in (1, 2, 3)),
        ROLLED_BACK,
    ),
    cites="rows written from the text of S56; D17",
)
async def s56b(script: Script) -> None:
    await script.initialized(analysis=iterated(2))
    await fails(script, 3)


async def fails(script: Script, iteration: int) -> None:
    """The metric turns bad after this many iterations."""
    await script.image("2.0.0")
    await script.iterates(iteration)
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    await script.stage.rest(60)


def unrouted(name: str, analysis: dict[str, Any], **parts: Any) -> None:
    """A rollout with provider kubernetes."""

    @scenario(name, **parts)
    async def play(script: Script) -> None:
        await script.initialized(spec={"provider": "kubernetes"}, analysis=analysis)
        await script.image("2.0.0")
        await script.reaches("Succeeded")
        await script.stage.rest(60)


unrouted("S57", iterated(5))
unrouted("S58", {})
NO_MATCH = "W A/B testing is not supported when using the kubernetes provider"
unrouted(
    "S59",
    iterated(2, **MATCH),
    then=(
        f"|Progressing|0|1|0|n/a|2/2|{STARTING}; {NO_MATCH}; "
        "N Advance podinfo.test canary iteration 1/2|",
        f"|Progressing|0|2|0|n/a|2/2|{NO_MATCH}; N Advance podinfo.test canary iteration 2/2|",
        f"|Progressing|0|3|0|n/a|2/2|{NO_MATCH}|",
        f"|Promoting|0|3|0|n/a|2/2|{NO_MATCH}; {COPYING}|",
        "|Finalising|0|0|0|n/a|2/2||",
        FINISH[1].replace("100/0/-", "n/a"),
    ),
    cites="rows written from the text of S59",
)
