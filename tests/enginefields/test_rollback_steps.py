"""``spec.analysis.engine.rollbackStepWeight``, as users of a cluster see it."""

from __future__ import annotations

from typing import Any

from canary import virtualtime
from canary.api.annotations import INTENT
from canary.kube.resources import CANARIES, DEPLOYMENTS
from tests.enginefields.progress import Moment, moments
from tests.rig.routes import VIRTUAL_SERVICES
from tests.rig.stage import Stage
from tests.rig.staged import staged
from tests.transcripts.script import Script


async def failing(script: Script, by: int, **spec: Any) -> None:
    """A canary at 60 % whose checks begin to fail."""
    analysis: dict[str, Any] = {"stepWeight": 60, "maxWeight": 60, "threshold": 1}
    engine = {"rollbackStepWeight": by}
    await script.initialized(spec=spec, analysis={**analysis, "engine": engine})
    await script.image("2.0.0")
    await script.reaches("Progressing", 60)
    script.stage.prometheus.value = 50.0
    moments(script.stage)


def live(script: Script) -> int:
    """The canary's share in the route itself."""
    rule = script.stage.get(VIRTUAL_SERVICES, "podinfo")["spec"]["http"][-1]
    return int(rule["route"][1]["weight"])


def replicas(script: Script) -> int:
    return int(script.stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"])


@staged()
async def test_the_weight_falls_step_by_step_each_drained(script: Script) -> None:
    await failing(script, 25)
    await script.reaches("Failed", 35)
    assert live(script) == 35
    await script.reaches("Failed", 10)
    assert replicas(script) == 2
    await script.reaches("Failed", 0)
    assert moments(script.stage) == [
        Moment(0, "Progressing", 60),
        Moment(0, "Failed", 35),
        # The drain time of 5 s covers the settle time of 2 s.
        Moment(5, "Failed", 10),
        Moment(10, "Failed", 0),
    ]
    assert replicas(script) == 2
    await script.stage.until(lambda: replicas(script) == 0, limit=10)
    told = [text for _, text in script.stage.events() if text.startswith("Rolling back")]
    assert told == [
        "Rolling back podinfo.test failed checks threshold reached 1",
        "Rolling back podinfo.test canary weight 10",
        "Rolling back podinfo.test canary weight 0",
    ]


@staged()
async def test_a_restart_goes_on_downwards(script: Script) -> None:
    await failing(script, 25)
    await script.reaches("Failed", 35)
    await script.stage.stop()
    await script.stage.route_weights(90, 10)
    script.stage.start()
    await script.stage.until(lambda: replicas(script) == 0, limit=60)
    weights = [moment.weight for moment in moments(script.stage)]
    assert weights == sorted(weights, reverse=True)
    assert script.stage.status()["canaryWeight"] == 0


@staged()
async def test_pods_that_die_midway_lose_everything_at_once(script: Script) -> None:
    await failing(script, 1)
    await script.reaches("Failed", 59)
    script.ready(0, "podinfo")
    await script.stage.until(lambda: live(script) == 0, limit=2)
    await script.stage.until(lambda: replicas(script) == 0, limit=10)


@staged()
async def test_a_new_revision_midway_starts_from_nothing(script: Script) -> None:
    await failing(script, 1)
    await script.reaches("Failed", 59)
    script.stage.prometheus.value = 100.0
    await script.image("3.0.0")
    await script.stage.until(lambda: live(script) == 0, limit=5)
    await script.reaches("Succeeded")
    weights = [moment.weight for moment in moments(script.stage) if moment.phase == "Progressing"]
    assert weights[-2:] == [0, 60]


@staged()
async def test_an_abort_by_hand_falls_by_steps_too(script: Script) -> None:
    await failing(script, 25)
    script.stage.prometheus.value = 100.0
    await script.stage.patch(CANARIES, "podinfo", {"metadata": {"annotations": {INTENT: "abort"}}})
    await script.stage.until(lambda: replicas(script) == 0)
    weights = [moment.weight for moment in moments(script.stage) if moment.phase == "Failed"]
    assert weights == [35, 10, 0]


def test_a_deleted_canary_midway_is_given_back_at_once() -> None:
    async def play() -> list[Moment]:
        stage = Stage()
        script = Script(stage)
        await failing(script, 1, revertOnDeletion=True)
        await script.reaches("Failed", 59)
        await stage.delete(CANARIES, "podinfo")
        await stage.until(lambda: stage.get(CANARIES, "podinfo") is None, limit=120)
        assert replicas(script) == 2
        found = moments(stage)
        await stage.down()
        return found

    states = [(moment.phase, moment.weight) for moment in virtualtime.run(play())]
    assert states[:3] == [("Progressing", 60), ("Failed", 59), ("Terminating", 0)]
