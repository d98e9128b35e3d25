"""The scripts of fields that Flagger doesn't have (E01, E02): all rows are required by
``docs/engine-fields.md``."""

from __future__ import annotations

from tests.transcripts.scenario import COMPLETED, COPYING, HALT, NEW, STARTING, scenario
from tests.transcripts.script import Script

PAGE = "docs/engine-fields.md"


@scenario(
    "E01",
    then=(
        f"|Progressing|0|0|0|100/0/-|1/2|{NEW}|",
        # The pods of the next step come before its weight.
        f"|Progressing|5|0|0|95/5/-|4/2|{STARTING}; N Advance podinfo.test canary weight 5|",
        "|Progressing|50|0|0|50/50/-|4/2|N Advance podinfo.test canary weight 50|",
        f"|Promoting|50|0|0|50/50/-|4/2|{COPYING}|",
        "|Finalising|0|0|0|100/0/-|4/2|N Routing all traffic to primary|",
        f"|Succeeded|0|0|0|100/0/-|0/2|{COMPLETED}|",
    ),
    cites=PAGE,
)
async def e01(script: Script) -> None:
    steps = [{"weight": 5, "duration": "150s", "replicas": 1}, {"weight": 50, "replicas": 4}]
    told = {"stepWeight": None, "maxWeight": None, "engine": {"steps": steps}}
    await script.initialized(analysis=told)
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(60)


@scenario(
    "E02",
    then=(
        f"|Progressing|0|0|0|100/0/-|2/2|{NEW}|",
        f"|Progressing|60|0|0|40/60/-|2/2|{STARTING}; N Advance podinfo.test canary weight 60|",
        f"|Progressing|60|0|1|40/60/-|2/2|{HALT}|",
        "|Failed|35|0|0|65/35/-|2/2|"
        "W Rolling back podinfo.test failed checks threshold reached 1; "
        "W Canary failed! Scaling down podinfo.test; "
        "A[error] Failed checks threshold reached 1|",
        "|Failed|10|0|0|90/10/-|2/2|W Rolling back podinfo.test canary weight 10|",
        "|Failed|0|0|0|100/0/-|0/2|W Rolling back podinfo.test canary weight 0|",
    ),
    cites=PAGE,
)
async def e02(script: Script) -> None:
    analysis = {"stepWeight": 60, "maxWeight": 60, "threshold": 1}
    await script.initialized(analysis={**analysis, "engine": {"rollbackStepWeight": 25}})
    script.stage.prometheus.value = 90.0
    await script.image("2.0.0")
    await script.reaches("Failed", 0)
    await script.stage.rest(60)
