"""The scripts of skipped analyses and first initialisations (parts G and H of the timelines)."""

from __future__ import annotations

from canary.kube.resources import DEPLOYMENTS
from tests.rig.manifests import setting
from tests.transcripts.scenario import COPYING, INITIALIZED, STUCK, hooks, scenario
from tests.transcripts.script import Script

SKIPPED = (
    "N Promotion completed! Canary analysis was skipped for podinfo.test; "
    "A[info] Canary analysis was skipped, promotion finished."
)


@scenario(
    "S64",
    upto=2,
    then=(
        f"|Promoting|0|0|0|100/0/-|2/2|{COPYING}|",
        "|Finalising|0|0|0|100/0/-|2/2||",
        "|Succeeded|0|0|0|100/0/-|0/2|N Post-rollout check post passed; "
        f"{SKIPPED}; H[post Succeeded→200]|",
    ),
    cites="D44",
)
async def s64(script: Script) -> None:
    types = {"gate": "confirm-rollout", "pre": "pre-rollout", "promo": "confirm-promotion"}
    calls = hooks(**types, rb="rollback", post="post-rollout")
    await script.initialized(spec={"skipAnalysis": True}, analysis=calls)
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
        f"ready: {STUCK}; A[error] Promotion failed, primary not ready: {STUCK}|",
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
        f"|Initialized|0|0|0|100/0/-|0/2|{INITIALIZED}|",
    ),
    cites="D22, D44",
)
async def s69(script: Script) -> None:
    await script.initialized(spec={"skipAnalysis": True})


@scenario(
    "S71",
    upto=1,
    then=(
        "|Initializing|0|0|0|n/a|2/2|N all the metrics providers are available!; "
        "W podinfo-primary.test not ready: waiting for rollout to finish: observed deployment "
        f"generation less than desired generation; W {STUCK}|",
        f"|Initialized|0|0|0|n/a|0/2|{INITIALIZED}|",
    ),
    cites="D22",
)
async def s71(script: Script) -> None:
    analysis = {"stepWeight": None, "maxWeight": None, "iterations": 3}
    script.freeze("podinfo-primary")
    await script.begins(setting({"provider": "kubernetes"}, analysis))
    await script.stage.rest(30)
    script.stuck("podinfo-primary")
    await script.stage.rest(300)
    assert script.stage.phase() == "Initializing"
    script.mended("podinfo-primary")
    await script.reaches("Initialized")
    await script.stage.rest(60)
