"""The scripts of progressive canaries (part A of Flagger's timelines)."""

from __future__ import annotations

from tests.transcripts.scenario import COPYING, FINISH, SCENARIOS, Scenario, rollout, scenario
from tests.transcripts.script import Script

SCENARIOS["S01"] = Scenario(rollout())


SCENARIOS["S04"] = Scenario(
    rollout(stepWeight=None, maxWeight=None, stepWeights=[1, 5, 20, 50]), then=FINISH
)


SCENARIOS["S05"] = Scenario(
    rollout(stepWeight=None, maxWeight=None, stepWeights=[10, 200]), then=FINISH
)


SCENARIOS["S06"] = Scenario(
    rollout(stepWeight=None, maxWeight=None, stepWeights=[10, 50, 30]),
    upto=3,
    then=(
        f"|Promoting|50|0|0|50/50/-|2/2|{COPYING}|",
        *FINISH,
    ),
    cites="D15",
)


SCENARIOS["S07"] = Scenario(rollout(stepWeightPromotion=25))


SCENARIOS["S08"] = Scenario(rollout(stepWeight=20), then=FINISH)


SCENARIOS["S09"] = Scenario(
    rollout(stepWeight=30, maxWeight=None),
    then=(
        "|Progressing|30|0|0|70/30/-|2/2|N Starting canary analysis for podinfo.test; "
        "N Advance podinfo.test canary weight 30|",
        "|Progressing|60|0|0|40/60/-|2/2|N Advance podinfo.test canary weight 60|",
        "|Progressing|90|0|0|10/90/-|2/2|N Advance podinfo.test canary weight 90|",
        "|Progressing|100|0|0|0/100/-|2/2|N Advance podinfo.test canary weight 100|",
        f"|Promoting|100|0|0|0/100/-|2/2|{COPYING}|",
        *FINISH,
    ),
    cites="rows written from the text of S09",
)


@scenario("S02")
async def s02(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    await script.stage.rest(300)


@scenario("S03")
async def s03(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    script.stage.prometheus.value = 90
    await script.reaches("Progressing", 10, 1)
    script.stage.prometheus.value = 100
    await script.reaches("Progressing", 20, 1)
    script.stage.prometheus.value = 90
    await script.reaches("Progressing", failed=2)
    script.stage.prometheus.value = 100
    await script.reaches("Promoting")


@scenario("S12")
async def s12(script: Script) -> None:
    await script.initialized(analysis={"stepWeight": 50}, target={"replicas": 1})
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(120)
