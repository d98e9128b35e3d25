"""``canary status``: what it tells of a rollout and of trouble, and its watch."""

from __future__ import annotations

import asyncio
import io

import yaml
from people import canary, remove_canary, told, watching
from people_flagger import flagger_status, store_status, under_flagger

from canary.cli.terminal import Terminal
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script


@staged()
async def test_a_rollout_under_way(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    found = await told(script.stage)
    assert (found["phase"], found["weight"], found["step"]) == ("Progressing", 20, "2/5")
    assert (found["failedChecks"], found["threshold"]) == (0, 3)
    assert (found["target"]["replicas"], found["target"]["ready"]) == (2, 2)
    assert found["target"]["images"] == ["podinfo:2.0.0"]
    assert found["primary"]["images"] == ["podinfo:1.0.0"]
    assert (found["route"]["primary"], found["route"]["canary"]) == (80, 20)
    assert "VirtualService/podinfo" in found["route"]["objects"]
    assert found["engine"] == "canary-engine" and found["problems"] == []
    # The rig's metrics server answers 100 to everything.
    assert found["metrics"] == [
        {
            "name": "request-success-rate",
            "passed": True,
            "value": "100.00%",
            "limit": "min 99%",
        }
    ]


@staged()
async def test_the_tree_has_a_line_for_each_part(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    lines = (await canary(script.stage, "status podinfo")).lines
    assert lines[0].split("  ")[:4] == ["podinfo.test", "Progressing", "weight 20", "step 2/5"]
    text = "\n".join(lines)
    for part in (
        "target   Deployment/podinfo  2/2 ready  podinfo:2.0.0",
        "primary  Deployment/podinfo-primary  2/2 ready  podinfo:1.0.0",
        "route    istio  primary 80 %, canary 20 %",
        "✓ request-success-rate  100.00%, limit min 99%",
        "next     weight 30 if the checks pass: in about ",
    ):
        assert part in text
    plain = Terminal(io.StringIO(), boxes=False)
    drawn = (await canary(script.stage, "status podinfo", out=plain)).out
    assert drawn.isascii() and "|- route " in drawn and "ok request-success-rate" in drawn


@staged()
async def test_the_next_step_comes_about_when_it_is_told(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    now = asyncio.get_running_loop().time
    for weight in (20, 30, 40, 50):
        await script.reaches("Progressing", weight - 10)
        coming = (await told(script.stage))["next"]
        assert coming["text"] == f"weight {weight} if the checks pass"
        expected = now() + coming["inSeconds"]
        await script.reaches("Progressing", weight)
        # ``reaches`` comes a second late, statuses tell whole seconds.
        assert abs(now() - 1 - expected) <= 2
    assert (await told(script.stage))["next"]["text"] == "promotion if the checks pass"


@staged()
async def test_a_run_right_after_another_waits_for_its_metric_window(script: Script) -> None:
    await script.initialized(analysis={"metrics": [{**rate(), "interval": "10m"}]})
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    await script.image("3.0.0")
    await script.reaches("Progressing", 0)
    await script.reaches("Progressing", 10)
    now = asyncio.get_running_loop().time
    expected = now() + (await told(script.stage))["next"]["inSeconds"]
    await script.reaches("Progressing", 20)
    assert abs(now() - 1 - expected) <= 2


def rate() -> dict:
    return {"name": "request-success-rate", "thresholdRange": {"min": 99}}


@staged()
async def test_a_failed_check_shows_value_and_limit(script: Script) -> None:
    latency = {"name": "request-duration", "interval": "1m", "thresholdRange": {"max": 500}}
    await script.initialized(analysis={"metrics": [rate(), latency]})
    script.stage.prometheus.value = 50.0
    await script.image("2.0.0")
    await script.reaches("Progressing", 10, 1)
    found = await told(script.stage)
    assert found["failedChecks"] == 1
    first, second = found["metrics"]
    assert (first["passed"], first["value"], first["limit"]) == (False, "50.00%", "min 99%")
    # An evaluation ends at its first failure: the other one has no value, but a limit.
    assert (second["passed"], second["value"], second["limit"]) == (None, "", "max 500ms")
    text = (await canary(script.stage, "status podinfo")).out
    assert "✗ request-success-rate  50.00%, limit min 99%" in text
    assert "- request-duration      no value yet, limit max 500ms" in text
    assert "failed checks 1 of 3" in text


@staged()
async def test_what_blocks_says_what_to_do(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(*setting(spec={"provider": "traefik"}))
    script.stage.start()
    await script.stage.rest(10)
    found = await told(script.stage)
    (problem,) = found["problems"]
    assert problem["reason"] == "Unsupported" and problem["blocks"] is True
    assert "spec.provider" in problem["message"] and "remove the field" in problem["todo"]
    assert found["next"] == {"text": "nothing before the problem is mended"}
    text = (await canary(script.stage, "status podinfo")).out
    assert "Unsupported: spec.provider" in text and "to do: remove the field" in text


@staged()
async def test_a_suspended_canary_says_how_to_go_on(script: Script) -> None:
    await script.initialized()
    await script.spec(suspend=True)
    await script.stage.rest(5)
    (problem,) = (await told(script.stage))["problems"]
    assert problem["reason"] == "Suspended" and "spec.suspend" in problem["todo"]


@staged()
async def test_fields_that_can_not_mean_what_they_say_do_not_block(script: Script) -> None:
    await script.initialized(analysis={"stepWeight": 70, "maxWeight": 150})
    found = await told(script.stage)
    (problem,) = found["problems"]
    assert problem["blocks"] is False and "spec.analysis.maxWeight" in problem["message"]
    assert found["next"]["text"] == "a rollout when the target changes"


@staged()
async def test_the_watch_tells_changes_once_where_nothing_can_be_drawn_over(script: Script) -> None:
    await script.initialized()
    async with watching(script.stage, "status podinfo -w -o yaml") as stream:
        await script.stage.rest(60)
        assert len(list(yaml.safe_load_all(stream.getvalue()))) == 1
        await script.image("2.0.0")
        await script.reaches("Progressing", 20)
        weights = [found["weight"] for found in yaml.safe_load_all(stream.getvalue())]
    assert weights[0] == 0 and weights[-1] == 20 and 10 in weights
    assert weights == sorted(weights)


@staged()
async def test_the_watch_draws_over_where_it_can(script: Script) -> None:
    await under_flagger(script.stage, flagger_status("Progressing", 20))
    async with watching(script.stage, "status podinfo -w", live=True) as stream:
        await script.stage.rest(10)
        screens = stream.getvalue().split("\x1b[H")[2:]
    # The countdown goes on between changes.
    assert len(screens) >= 4 and len(set(screens)) == len(screens)
    assert all(screen.endswith("\x1b[J") for screen in screens)


@staged()
async def test_the_watch_ends_with_the_canary(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(*setting())
    task = asyncio.create_task(canary(script.stage, "status podinfo -w"))
    await script.stage.rest(5)
    store_status(script.stage, flagger_status("Succeeded"))
    await script.stage.rest(5)
    assert not task.done()
    await remove_canary(script.stage)
    said = await task
    assert said.code == 1 and "'podinfo'" in said.error and "Succeeded" in said.out
