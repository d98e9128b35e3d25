"""Provider kubernetes: a whole rollout without any route (lifecycle.md 5.5, scenario S58)."""

from __future__ import annotations

from canary import virtualtime
from tests.rig.stage import Stage
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
