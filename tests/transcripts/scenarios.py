"""The scripts of the scenarios, and where this engine means to differ from Flagger's rows.

The rows themselves are data (``data/rows.yaml``). ``upto`` is the last of them (T) that is kept,
``then`` what follows instead, with the defect of ``docs/defects.md`` or the rule of
``docs/design.md`` that asks for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.outcome import NoValues
from canary.kube.resources import DEPLOYMENTS
from canary.sandbox.pods import Behaviour
from tests.rig.manifests import setting
from tests.transcripts.script import Script

COPYING = "N Copying podinfo.test template spec to podinfo-primary.test"
HALT = "W Halt podinfo.test advancement success rate 90.00% < 99%"
FINISH = (
    "|Finalising|0|0|0|100/0/-|2/2|N Routing all traffic to primary|",
    "|Succeeded|0|0|0|100/0/-|0/2|N Promotion completed! Scaling down podinfo.test|",
)


@dataclass(frozen=True)
class Scenario:
    play: Callable[[Script], Awaitable[None]]
    upto: int = 99
    then: tuple[str, ...] = ()
    cites: str = ""
    behaves: Callable[[Mapping[str, Any]], Behaviour] = lambda template: Behaviour()


SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str, **parts: Any) -> Callable[[Any], Any]:
    def register(play: Callable[[Script], Awaitable[None]]) -> Any:
        SCENARIOS[name] = Scenario(play, **parts)
        return play

    return register


def rollout(**analysis: Any) -> Callable[[Script], Awaitable[None]]:
    """A new image that passes."""

    async def play(script: Script) -> None:
        await script.initialized(analysis=analysis)
        await script.image("2.0.0")
        await script.reaches("Succeeded")
        await script.stage.rest(120)

    return play


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


def slow_primary(template: Mapping[str, Any]) -> Behaviour:
    """Pods of the primary need a while, so that a script can act while it rolls over."""
    primary = template["metadata"]["labels"]["app"].endswith("-primary")
    return Behaviour(starts_in=20.0 if primary else 0.0)


@scenario(
    "S30",
    upto=3,
    then=(
        "|Promoting|0|0|0|100/0/-|2/2||",
        "|Finalising|0|0|0|100/0/-|2/2|N Routing all traffic to primary|",
        "|Succeeded|0|0|0|100/0/-|0/2|N Promotion completed! Scaling down podinfo.test|",
        "|Progressing|0|0|0|100/0/-|2/2|N New revision detected! Scaling up podinfo.test|",
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
        "W Canary failed! Scaling down podinfo.test|",
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
        "|Succeeded|0|0|0|100/0/-|0/4|N Promotion completed! Scaling down podinfo.test|",
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


ALL_AT_ONCE = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}}


@scenario(
    "S43",
    upto=2,
    then=(
        "|Failed|0|0|0|100/0/-|0/2|W canary deployment podinfo.test not ready: deployment "
        '"podinfo" exceeded its progress deadline; W Rolling back podinfo.test progress deadline '
        "exceeded "
        'canary deployment podinfo.test not ready: deployment "podinfo" exceeded its progress '
        "deadline; W Canary failed! Scaling down podinfo.test|",
    ),
    cites="D5",
)
async def s43(script: Script) -> None:
    await script.initialized(target={"progressDeadlineSeconds": 90})
    script.stage.starts_in = None
    await script.image("2.0.0")
    await script.reaches("Failed")
    await script.stage.rest(60)


@scenario(
    "S44",
    then=(
        "|Progressing|10|0|0|90/10/-|2/2|N Starting canary analysis for podinfo.test; "
        "N Advance podinfo.test canary weight 10|",
        '|Failed|0|0|0|100/0/-|0/2|W podinfo-primary.test not ready: deployment "podinfo-primary" '
        "exceeded its progress deadline; W Rolling back podinfo.test progress deadline exceeded "
        'podinfo-primary.test not ready: deployment "podinfo-primary" exceeded its progress '
        "deadline; W Canary failed! Scaling down podinfo.test|",
        "|Progressing|0|0|0|100/0/-|2/2|N New revision detected! Scaling up podinfo.test|",
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
    then=("|Succeeded|0|0|0|100/0/-|0/2|N Promotion completed! Scaling down podinfo.test|",),
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


STUCK = (
    'podinfo-primary.test not ready: deployment "podinfo-primary" exceeded its progress deadline'
)


@scenario(
    "S46",
    upto=4,
    then=("|Progressing|0|0|0|100/0/-|2/2|N New revision detected! Scaling up podinfo.test|",),
    cites="D1, D3",
)
async def s46(script: Script) -> None:
    await script.initialized(analysis={"stepWeight": 50})
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
    then=("|Progressing|0|0|0|100/0/-|2/2|N New revision detected! Scaling up podinfo.test|",),
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
        "|Succeeded|0|0|0|100/0/-|0/2|N Promotion completed! Scaling down podinfo.test|",
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
        "W Canary failed! Scaling down podinfo.test|",
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


SKIPPED = "N Promotion completed! Canary analysis was skipped for podinfo.test"


@scenario(
    "S64",
    upto=2,
    then=(
        f"|Promoting|0|0|0|100/0/-|2/2|{COPYING}|",
        "|Finalising|0|0|0|100/0/-|2/2||",
        f"|Succeeded|0|0|0|100/0/-|0/2|{SKIPPED}|",
    ),
    cites="D44",
)
async def s64(script: Script) -> None:
    await script.initialized(spec={"skipAnalysis": True})
    script.stage.starts_in = None
    await script.image("2.0.0")
    await script.reaches("Progressing", 0)
    script.ready(1)
    await script.stage.rest(70)
    script.stage.starts_in = 0.0
    script.ready(2)
    await script.reaches("Succeeded")
    await script.stage.rest(30)


@scenario(
    "S65",
    upto=3,
    then=(
        f"|Promoting|0|0|0|100/0/-|2/2|{COPYING}|",
        "|Finalising|0|0|0|100/0/-|2/2||",
        f"|Succeeded|0|0|0|100/0/-|0/2|{SKIPPED}|",
    ),
    cites="D44",
)
async def s65(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await script.spec(skipAnalysis=True)
    await script.reaches("Succeeded")
    await script.stage.rest(30)


@scenario(
    "S66",
    upto=1,
    then=(
        f"|Promoting|0|0|0|100/0/-|2/2|{COPYING}|",
        f"|Failed|100|0|0|0/100/-|2/2|W {STUCK}; W Promotion of podinfo.test failed, primary not "
        f"ready: {STUCK}|",
    ),
    cites="D44",
)
async def s66(script: Script) -> None:
    await script.initialized(spec={"skipAnalysis": True})
    script.stuck("podinfo-primary")
    await script.image("2.0.0")
    await script.reaches("Promoting")
    script.stuck("podinfo-primary")
    await script.reaches("Failed")
    await script.stage.rest(60)


@scenario("S68")
async def s68(script: Script) -> None:
    script.stage.starts_in = None
    await script.stage.up()
    await script.stage.apply(*setting()[:3])
    await script.stage.rest(1)
    script.ready(2)
    await script.stage.apply(setting()[3])
    script.stage.start()
    await script.stage.until(lambda: script.stage.get(DEPLOYMENTS, "podinfo-primary") is not None)
    await script.stage.rest(1)
    script.ready(1, "podinfo-primary")
    await script.stage.rest(70)
    script.ready(2, "podinfo-primary")
    await script.reaches("Initialized")
    await script.stage.rest(60)


@scenario(
    "S69",
    upto=0,
    then=(
        "|Initializing|0|0|0|-|2/2|W podinfo-primary.test not ready: waiting for rollout to "
        "finish: observed deployment generation less than desired generation|",
        "|Initialized|0|0|0|100/0/-|0/2|N Initialization done! podinfo.test|",
    ),
    cites="D22, D44",
)
async def s69(script: Script) -> None:
    await script.initialized(spec={"skipAnalysis": True})
