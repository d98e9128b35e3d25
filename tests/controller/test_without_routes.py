"""Provider kubernetes: a whole rollout without any route (lifecycle.md 5.5, scenario S58)."""

from __future__ import annotations

from canary import virtualtime
from canary.kube.resources import DEPLOYMENTS, SERVICES
from tests.rig.manifests import setting
from tests.rig.stage import Stage
from tests.rig.staged import staged
from tests.transcripts.script import Script

SAID = [
    "Progressive traffic is not supported when using the kubernetes provider",
    "Setting canaryAnalysis.iterations: 10",
]


def test_users_stay_on_the_primary_until_it_is_promoted() -> None:
    async def play() -> None:
        stage = Stage()
        script = Script(stage)
        await script.initialized(spec={"provider": "kubernetes"})
        began = len(stage.events())
        await script.image("2.0.0")
        await script.reaches("Succeeded")
        await stage.rest(60)
        told = [text for _, text in stage.events()[began:]]
        steps = [
            line
            for number in range(1, 11)
            for line in (*SAID, f"Advance podinfo.test canary iteration {number}/10")
        ]
        assert told == [
            "New revision detected! Scaling up podinfo.test",
            "Starting canary analysis for podinfo.test",
            *steps,
            *SAID,
            *SAID,
            "Copying podinfo.test template spec to podinfo-primary.test",
            "Promotion completed! Scaling down podinfo.test",
        ]
        routes = ("virtualservices", "httproutes", "ingresses", "destinationrules")
        assert not [plural for _, plural in stage.calls if plural.split(".")[0] in routes]
        await stage.down()

    virtualtime.run(play())


@staged()
async def test_the_target_drains_after_users_left_it_however_late_that_is(script: Script) -> None:
    """S8: nothing routes, so users leave with the apex Service, long after the first look."""
    stage = script.stage
    stage.starts_in = 60.0
    await script.begins(setting(spec={"provider": "kubernetes"}))
    await stage.until(lambda: stage.get(SERVICES, "podinfo") is not None)
    await stage.rest(4.5)
    assert stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"] == 2
    await stage.rest(2)
    assert stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"] == 0
