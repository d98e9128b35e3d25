"""The scripts of changes during a run (part C of Flagger's timelines)."""

from __future__ import annotations

from tests.transcripts.scenario import COMPLETED, COPYING, HALT, NEW, scenario, slow_primary
from tests.transcripts.script import Script


@scenario("S28")
async def s28(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    script.stage.prometheus.value = 90
    await script.reaches("Progressing", failed=2)
    script.stage.prometheus.value = 100
    await script.image("3.0.0")
    await script.reaches("Progressing", 10, 0)


@scenario(
    "S30",
    upto=3,
    then=(
        "|Promoting|0|0|0|100/0/-|2/2||",
        "|Finalising|0|0|0|100/0/-|2/2|N Routing all traffic to primary|",
        f"|Succeeded|0|0|0|100/0/-|0/2|{COMPLETED}|",
        f"|Progressing|0|0|0|100/0/-|2/2|{NEW}|",
    ),
    cites="D19; design: a changed target loses its weight at once",
    behaves=slow_primary,
)
async def s30(script: Script) -> None:
    await script.initialized(analysis={"stepWeight": 50})
    await script.image("2.0.0")
    await script.reaches("Promoting")
    await script.image("3.0.0")
    await script.reaches("Succeeded")
    await script.reaches("Progressing")


@scenario(
    "S31",
    upto=2,
    then=(
        "|Succeeded|0|0|0|100/0/-|0/2|N Ending podinfo.test analysis: podinfo.test is back at the "
        "promoted revision|",
    ),
    cites="D7",
)
async def s31(script: Script) -> None:
    await script.initialized(analysis={"stepWeight": 25})
    await script.image("2.0.0")
    await script.reaches("Progressing", 25)
    await script.image("1.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(300)


@scenario("S32")
async def s32(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await script.config(color="red")
    await script.reaches("Progressing", 0)
    await script.reaches("Progressing", 10)


@scenario("S33")
async def s33(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await script.spec(suspend=True)
    await script.image("3.0.0")
    await script.stage.rest(120)
    await script.spec(suspend=False)
    await script.reaches("Progressing", 10)


@scenario(
    "S34",
    then=(
        "|Progressing|20|0|0|80/20/-|2/2|N Advance podinfo.test canary weight 20|",
        "|Progressing|30|0|0|70/30/-|2/2|N Advance podinfo.test canary weight 30|",
        "|Progressing|40|0|0|60/40/-|2/2|N Advance podinfo.test canary weight 40|",
    ),
    cites="rows of S01 from T3",
)
async def s34(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await script.stage.stop()
    await script.stage.rest(30)
    script.stage.start()
    await script.reaches("Progressing", 40)


@scenario(
    "S35",
    then=(
        f"|Progressing|20|0|2|80/20/-|2/2|{HALT}|",
        "|Failed|0|0|0|100/0/-|0/2|W Rolling back podinfo.test failed checks threshold reached 2; "
        "W Canary failed! Scaling down podinfo.test; A[error] Failed checks threshold reached 2|",
    ),
    cites="rows written from the text of S35 (a)",
)
async def s35(script: Script) -> None:
    await script.initialized(analysis={"threshold": 5})
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    script.stage.prometheus.value = 90
    await script.reaches("Progressing", failed=2)
    await script.spec(analysis={"threshold": 2})
    await script.reaches("Failed")
    await script.stage.rest(30)


@scenario(
    "S35b",
    then=(
        "|Progressing|30|0|0|70/30/-|2/2|N Advance podinfo.test canary weight 30|",
        f"|Promoting|30|0|0|70/30/-|2/2|{COPYING}|",
    ),
    cites="rows written from the text of S35 (b)",
)
async def s35b(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 30)
    await script.spec(analysis={"maxWeight": 20})
    await script.reaches("Promoting")


@scenario(
    "S36",
    upto=4,
    then=(
        "|Progressing|40|0|0|60/40/-|2/2|N Advance podinfo.test canary weight 40|",
        "|Progressing|50|0|0|50/50/-|2/2|N Advance podinfo.test canary weight 50|",
    ),
    cites="D12",
)
async def s36(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 30)
    await script.spec(service={"port": 9898, "timeout": "9s"})
    await script.reaches("Progressing", 50)


@scenario(
    "S37",
    upto=2,
    then=(
        "|Progressing|20|0|0|80/20/-|2/2|N Advance podinfo.test canary weight 20|",
        "|Progressing|30|0|0|70/30/-|2/2|N Advance podinfo.test canary weight 30|",
    ),
    cites="D12; design: drift is corrected at once, weights are those of record",
)
async def s37(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    await script.stage.route_weights(60, 40)
    await script.reaches("Progressing", 30)


@scenario(
    "S38",
    upto=9,
    then=(
        "|Finalising|0|0|0|100/0/-|4/4|N Routing all traffic to primary|",
        f"|Succeeded|0|0|0|100/0/-|0/4|{COMPLETED}|",
    ),
)
async def s38(script: Script) -> None:
    await script.initialized()
    await script.replicas(4)
    await script.stage.rest(60)
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(60)


@scenario(
    "S39",
    upto=2,
    then=(
        "|Progressing|0|0|0|100/0/-|2/2|W Halt podinfo.test advancement canary has no ready "
        "endpoints, routing all traffic to primary; W canary deployment podinfo.test not ready: "
        "waiting for rollout to finish: 0 of 1 replicas are available|",
        "|Progressing|10|0|0|90/10/-|2/2|N Starting canary analysis for podinfo.test; "
        "N Advance podinfo.test canary weight 10|",
    ),
    cites="D20",
)
async def s39(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    script.look()
    await script.replicas(0)
    await script.reaches("Progressing", 0)
    await script.stage.rest(90)
    await script.replicas(2)
    await script.reaches("Progressing", 10)
