"""The scripts of the scenarios with other targets than a Deployment (part I of Flagger's)."""

from __future__ import annotations

from canary.kube.resources import DAEMON_SETS, SERVICES
from tests.rig.manifests import daemon_setting, service_setting
from tests.transcripts.scenarios import FINISH, scenario
from tests.transcripts.script import Script


@scenario("S76")
async def s76(script: Script) -> None:
    await script.begins(daemon_setting(analysis={"stepWeight": 50}))
    await script.reaches("Initialized")
    await script.stage.rest(30)
    await script.daemon_image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(60)


@scenario("S77")
async def s77(script: Script) -> None:
    script.nodes(2)
    await script.begins(daemon_setting(analysis={"stepWeight": 50}))
    await script.reaches("Initialized")
    await script.stage.rest(30)
    script.freeze_daemon("podinfo")
    await script.daemon_image("2.0.0")
    await script.reaches("Progressing", 0)
    script.report_daemon("podinfo", desired=3, updated=0, available=0)
    await script.stage.rest(70)
    script.report_daemon("podinfo", desired=3, updated=3, available=0)
    await script.stage.rest(60)
    script.mended_daemon("podinfo")
    await script.reaches("Progressing", 50)


OVERDUE = (
    "W canary damonset podinfo.test not ready with retryable false: "
    "exceeded its progressDeadlineSeconds: 60"
)


@scenario(
    "S77b",
    then=(
        "|Progressing|0|0|0|100/0/-|on/on|N New revision detected! Scaling up podinfo.test; W "
        "canary damonset podinfo.test not ready with retryable true: waiting for rollout to "
        "finish: 0 of 1 (readyThreshold 100%) updated pods are available|",
        f"|Failed|0|0|0|100/0/-|off/on|{OVERDUE}; W Rolling back podinfo.test progress deadline "
        f"exceeded {OVERDUE[2:]}; W Canary failed! Scaling down podinfo.test|",
    ),
    cites="rows written from the text of S77; D5, D6",
)
async def s77b(script: Script) -> None:
    spec = {"progressDeadlineSeconds": 60}
    await script.begins(daemon_setting(spec, analysis={"stepWeight": 50, "interval": "30s"}))
    await script.reaches("Initialized")
    await script.stage.rest(30)
    script.stage.starts_in = None
    await script.daemon_image("2.0.0")
    await script.reaches("Failed")
    await script.stage.rest(60)
    assert script.stage.get(DAEMON_SETS, "podinfo-primary")["status"]["numberAvailable"] == 1


@scenario(
    "S78",
    upto=0,
    then=(
        "|Initializing|0|0|0|-|-/-|N all the metrics providers are available!; "
        "W podinfo-primary.test not ready: no ready endpoints|",
        "|Initialized|0|0|0|100/0|-/-|N Initialization done! podinfo.test|",
        "|Progressing|0|0|0|100/0|-/-|N New revision detected! Scaling up podinfo.test|",
        "|Progressing|50|0|0|50/50|-/-|N Starting canary analysis for podinfo.test; "
        "N Advance podinfo.test canary weight 50|",
        "|Promoting|50|0|0|50/50|-/-|N Copying podinfo.test template spec to podinfo-primary.test|",
        FINISH[0].replace("2/2", "-/-"),
        FINISH[1].replace("0/2", "-/-"),
    ),
    cites="D20: the new copy has no ready endpoint yet",
)
async def s78(script: Script) -> None:
    await script.begins(service_setting(analysis={"stepWeight": 50}))
    await script.reaches("Initialized")
    await script.stage.rest(60)
    await script.stage.patch(SERVICES, "podinfo", {"spec": {"selector": {"version": "2.0.0"}}})
    await script.reaches("Succeeded")
    await script.stage.rest(60)
