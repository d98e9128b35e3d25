"""The scripts of the scenarios with other targets than a Deployment (part I of Flagger's)."""

from __future__ import annotations

from canary.kube.resources import AUTOSCALERS, DAEMON_SETS, SCALED_OBJECTS, SERVICES
from tests.rig.manifests import autoscaled, daemon_setting, service_setting
from tests.transcripts.scenario import COMPLETED, COPYING, FINISH, INITIALIZED, NEW, scenario
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
        f"exceeded {OVERDUE[2:]}; W Canary failed! Scaling down podinfo.test; "
        f"A[error] Progress deadline exceeded {OVERDUE[2:]}|",
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
        f"|Initialized|0|0|0|100/0|-/-|{INITIALIZED.replace('Deployment', 'Service')}|",
        f"|Progressing|0|0|0|100/0|-/-|{NEW}|",
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


@scenario(
    "S80",
    upto=4,
    then=(
        f"|Promoting|50|0|0|50/50/-|3/3|{COPYING}|",
        "|Finalising|0|0|0|100/0/-|3/3|N Routing all traffic to primary|",
        f"|Succeeded|0|0|0|100/0/-|0/3|{COMPLETED}|",
    ),
    cites="D45: the primary grows to the size of the canary whose load it takes",
)
async def s80(script: Script) -> None:
    stage = script.stage
    stage.cluster.autoscalers.asleep = True
    await script.begins(autoscaled(analysis={"stepWeight": 50}))
    await script.reaches("Initialized")
    await stage.rest(5)
    assert bounds(script) == (3, 6)
    await stage.patch(AUTOSCALERS, "podinfo-hpa", {"spec": {"maxReplicas": 10}})
    await stage.rest(30)
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await stage.rest(60)
    assert bounds(script) == (3, 10)


def bounds(script: Script) -> tuple[int, int]:
    spec = script.stage.get(AUTOSCALERS, "podinfo-hpa-primary")["spec"]
    assert spec["scaleTargetRef"]["name"] == "podinfo-primary"
    return spec["minReplicas"], spec["maxReplicas"]


@scenario(
    "S81",
    upto=0,
    then=(
        "|Initializing|0|0|0|-|2/2|N all the metrics providers are available!; "
        "W podinfo-primary.test not ready: waiting for rollout to finish: observed deployment "
        "generation less than desired generation|",
        f"|Initialized|0|0|0|100/0/-|0/2|{INITIALIZED}|",
        f"|Progressing|0|0|0|100/0/-|2/2|{NEW}|",
        "|Progressing|50|0|0|50/50/-|2/2|N Starting canary analysis for podinfo.test; "
        "N Advance podinfo.test canary weight 50|",
        f"|Promoting|50|0|0|50/50/-|2/2|{COPYING}|",
        *FINISH,
    ),
    cites="analysis 12.25: the probe of the providers is told once",
)
async def s81(script: Script) -> None:
    stage = script.stage
    await script.begins(autoscaled("ScaledObject", analysis={"stepWeight": 50}), keda=True)
    await script.reaches("Initialized")
    await stage.rest(30)
    assert paused(script) == "0"
    await script.image("2.0.0")
    await script.reaches("Progressing")
    # Time for a controller that was killed just now to come back.
    await stage.rest(5)
    assert paused(script) is None
    primary = stage.get(SCALED_OBJECTS, "podinfo-so-primary")
    (trigger,) = primary["spec"]["triggers"]
    assert trigger["metadata"]["query"] == 'sum(rate(x{app="podinfo-primary"}[1m]))'
    await script.reaches("Succeeded")
    await stage.rest(60)
    assert paused(script) == "0"
    assert paused(script, "podinfo-so-primary") is None


def paused(script: Script, name: str = "podinfo-so") -> str | None:
    meta = script.stage.get(SCALED_OBJECTS, name)["metadata"]
    return (meta.get("annotations") or {}).get("autoscaling.keda.sh/paused-replicas")
