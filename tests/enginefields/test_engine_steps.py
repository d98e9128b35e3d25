"""``spec.analysis.engine.steps``, as users of a cluster see it."""

from __future__ import annotations

from typing import Any

from canary.api.annotations import INTENT
from canary.cli.standing import standing
from canary.kube.resources import CANARIES, DEPLOYMENTS
from tests.enginefields.progress import Moment, moments
from tests.rig.chat import NOTIFIED
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script

MINUTE = 60.0


def told(*steps: dict[str, Any], **engine: Any) -> dict[str, Any]:
    """Parts of the setting for these steps, judged once a minute."""
    return {"stepWeight": None, "maxWeight": None, "engine": {"steps": list(steps), **engine}}


async def begun(script: Script, *steps: dict[str, Any]) -> None:
    """A new revision in a cluster that is ready for it."""
    await script.initialized(analysis=told(*steps))
    moments(script.stage)
    await script.image("2.0.0")


@staged()
async def test_each_step_lasts_as_long_as_it_says(script: Script) -> None:
    await begun(
        script, {"weight": 5, "duration": "150s"}, {"weight": 50}, {"weight": 80, "duration": "20s"}
    )
    await script.reaches("Succeeded")
    found = moments(script.stage)
    # 2 s until the route of Istio is taken for live; the interval is 60 s.
    assert found[:5] == [
        Moment(0, "Progressing", 0),
        Moment(0, "Progressing", 5),
        Moment(152, "Progressing", 50),
        Moment(214, "Progressing", 80),
        Moment(236, "Promoting", 80),
    ]


@staged()
async def test_checks_are_made_every_interval_and_at_the_end_of_a_stay(script: Script) -> None:
    await begun(script, {"weight": 5, "duration": "150s"})
    await script.reaches("Progressing", 5)
    before = len(script.stage.prometheus.queries)
    await script.reaches("Promoting")
    # At 60, 120 and 150 s.
    assert len(script.stage.prometheus.queries) - before == 3


@staged()
async def test_a_canary_that_turns_bad_during_a_stay_is_rolled_back(script: Script) -> None:
    await begun(script, {"weight": 5, "duration": "1h"})
    await script.reaches("Progressing", 5)
    await script.stage.rest(10 * MINUTE)
    script.stage.prometheus.value = 50.0
    await script.reaches("Failed", 0)
    assert moments(script.stage)[-1].at < 14 * MINUTE


@staged()
async def test_a_restart_does_not_start_a_stay_over(script: Script) -> None:
    await begun(script, {"weight": 5, "duration": "1h"}, {"weight": 50})
    await script.reaches("Progressing", 5)
    for _ in range(3):
        await script.stage.rest(15 * MINUTE)
        await script.stage.stop()
        script.stage.start()
    await script.reaches("Progressing", 50)
    at = moments(script.stage)[-1].at
    # Each restart costs an interval at most.
    assert 60 * MINUTE <= at <= 64 * MINUTE


@staged()
async def test_the_canary_gets_the_pods_of_a_step_before_its_weight(script: Script) -> None:
    await begun(script, {"weight": 5, "replicas": 1}, {"weight": 50, "replicas": 4})
    stage = script.stage
    await script.reaches("Progressing", 5)
    assert stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"] == 1
    stage.starts_in = 30.0
    await stage.until(lambda: stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"] == 4)
    assert stage.status()["canaryWeight"] == 5
    await stage.rest(20)
    assert stage.status()["canaryWeight"] == 5
    await script.reaches("Progressing", 50)
    assert stage.get(DEPLOYMENTS, "podinfo")["status"]["readyReplicas"] == 4
    await script.reaches("Succeeded")
    assert stage.get(DEPLOYMENTS, "podinfo-primary")["spec"]["replicas"] == 2


@staged()
async def test_pods_that_never_come_end_the_run(script: Script) -> None:
    parts = {"analysis": told({"weight": 5, "replicas": 1}, {"weight": 50, "replicas": 4})}
    await script.initialized(spec={"progressDeadlineSeconds": 120}, **parts)
    await script.image("2.0.0")
    await script.reaches("Progressing", 5)
    script.stage.starts_in = None
    await script.reaches("Failed", 0)
    (text,) = [t for _, t in script.stage.events() if "progress deadline exceeded" in t]
    assert "podinfo.test" in text


@staged()
async def test_a_provider_that_routes_nothing_refuses_steps_by_name(script: Script) -> None:
    await script.begins(setting(spec={"provider": "kubernetes"}, analysis=told({"weight": 5})))
    await script.stage.rest(30)
    assert script.stage.events() == [
        (
            "Warning",
            "spec.analysis.engine.steps is set, but provider kubernetes can't weight traffic: "
            "give iterations",
        )
    ]
    assert script.stage.get(DEPLOYMENTS, "podinfo-primary") is None


GATED = ({"weight": 5, "approval": True}, {"weight": 50, "duration": "30m"})


async def approve(script: Script) -> None:
    patch = {"metadata": {"annotations": {INTENT: "approve"}}}
    await script.stage.patch(CANARIES, "podinfo", patch)


def asked(script: Script) -> list[str]:
    return [text for _, text in script.stage.events() if "waiting for approval" in text]


@staged(settings=NOTIFIED)
async def test_a_step_waits_for_its_approval_and_then_goes_on_at_once(script: Script) -> None:
    await begun(script, *GATED)
    await script.reaches("Progressing", 5)
    await script.stage.rest(30 * MINUTE)
    assert (script.stage.phase(), script.stage.status()["canaryWeight"]) == ("Progressing", 5)
    assert script.stage.status()["failedChecks"] == 0
    text = "Halt podinfo.test advancement waiting for approval of step 1 at weight 5"
    assert asked(script) == [text]
    alert = "Canary step 1 at weight 5 is waiting for approval."
    assert script.stage.chat.texts().count(alert) == 1
    assert next_of(script) == "weight 50 when step 1 is approved"
    # 20 s after the last check: the next would be due in 40 s.
    await script.stage.rest(20)
    await approve(script)
    await script.stage.rest(2)
    assert script.stage.status()["canaryWeight"] == 50
    await script.reaches("Succeeded")


@staged()
async def test_a_canary_that_turns_bad_while_it_waits_is_rolled_back(script: Script) -> None:
    await begun(script, *GATED)
    await script.stage.until(lambda: bool(asked(script)))
    script.stage.prometheus.value = 50.0
    await script.reaches("Failed", 0)


@staged()
async def test_an_approval_does_not_let_a_bad_canary_pass(script: Script) -> None:
    await begun(script, *GATED)
    await script.stage.until(lambda: bool(asked(script)))
    script.stage.prometheus.value = 50.0
    await approve(script)
    await script.reaches("Failed", 0)
    assert 50 not in [moment.weight for moment in moments(script.stage)]


@staged()
async def test_a_restart_asks_for_no_approval_again_and_loses_none(script: Script) -> None:
    await begun(script, *GATED)
    await script.stage.until(lambda: bool(asked(script)))
    await script.stage.stop()
    script.stage.start()
    await script.stage.rest(5 * MINUTE)
    assert len(asked(script)) == 1
    await script.stage.stop()
    await approve(script)
    await script.stage.rest(MINUTE)
    script.stage.start()
    await script.reaches("Progressing", 50)


@staged()
async def test_an_early_approval_does_not_shorten_a_stay(script: Script) -> None:
    await begun(script, {"weight": 5, "duration": "10m", "approval": True}, {"weight": 50})
    await script.reaches("Progressing", 5)
    await approve(script)
    await script.reaches("Progressing", 50)
    assert asked(script) == []
    assert moments(script.stage)[-1].at >= 10 * MINUTE


@staged()
async def test_the_command_line_tells_how_long_a_stay_still_lasts(script: Script) -> None:
    await begun(script, {"weight": 5, "duration": "30m"}, {"weight": 50})
    await script.reaches("Progressing", 5)
    await script.stage.rest(10 * MINUTE)
    at = standing(script.stage.get(CANARIES, "podinfo"))
    assert at.next.text == "weight 50 if the checks pass"
    assert at.next.when(script.stage.clock.now()) in ("about 20m", "about 19m")


def next_of(script: Script) -> str:
    return standing(script.stage.get(CANARIES, "podinfo")).next.text
