"""A process that begins to lead finds users where they are, and takes them nowhere by surprise."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import CANARIES, CONFIG_MAPS
from tests.fields.scenes import VIRTUAL_SERVICES
from tests.rig.routes import shares
from tests.rig.stage import Stage
from tests.rig.staged import staged
from tests.transcripts.script import Script


def weights(stage: Stage) -> list[tuple[str, int]]:
    """The canary's share, in route and record, as it changed since the last call."""
    found: list[tuple[str, int]] = []
    for change in stage.history():
        if change.resource == CANARIES:
            seen = ("record", int(change.obj["status"]["canaryWeight"]))
        elif change.resource.plural == VIRTUAL_SERVICES.plural and not change.gone:
            seen = ("route", shares(change.obj)[1])
        else:
            continue
        if seen not in found[-2:]:
            found.append(seen)
    return found


async def progressed(script: Script, **spec: Any) -> None:
    """A run at 30 %, and nobody who leads."""
    await script.initialized(spec=spec)
    await script.image("2.0.0")
    await script.reaches("Progressing", 30)
    await script.stage.stop()


@staged()
async def test_a_canary_at_rest_is_left_as_it_is(script: Script) -> None:
    stage = script.stage
    await script.initialized()
    await stage.stop()
    stage.history()
    stage.start()
    await stage.rest(120)
    assert stage.history() == []
    assert stage.status()["engine"]["epoch"] == 0


@staged()
async def test_a_run_goes_on_in_the_name_of_who_leads_now(script: Script) -> None:
    stage = script.stage
    await progressed(script)
    epoch = stage.status()["engine"]["epoch"]
    stage.history()
    stage.start()
    await stage.rest(5)
    runs = [c.obj["status"]["engine"] for c in stage.history() if c.resource == CANARIES]
    assert [found["epoch"] for found in runs] == [epoch + 1]
    assert "waitingSince" not in runs[0]["run"], "its pods are ready: nothing is waited for"
    await script.reaches("Progressing", 40)
    assert weights(stage) == [("record", 40), ("route", 40)]


@staged()
async def test_users_who_were_taken_away_come_back_step_by_step(script: Script) -> None:
    """Somebody who saw it going wrong while nobody led has lowered the weight by hand."""
    stage = script.stage
    await progressed(script)
    await stage.route_weights(90, 10)
    stage.history()
    stage.start()
    await script.reaches("Progressing", 20)
    assert weights(stage) == [("record", 30), ("record", 10), ("record", 20), ("route", 20)]


@staged()
async def test_a_route_that_is_gone_sent_nobody_to_the_canary(script: Script) -> None:
    stage = script.stage
    await progressed(script)
    await stage.delete(VIRTUAL_SERVICES, "podinfo")
    stage.history()
    stage.start()
    await script.reaches("Progressing", 10)
    assert weights(stage)[:3] == [("record", 30), ("record", 0), ("route", 0)]


@staged()
async def test_users_who_were_brought_by_hand_are_no_ceiling(script: Script) -> None:
    stage = script.stage
    await progressed(script)
    await stage.route_weights(20, 80)
    stage.history()
    stage.start()
    await script.reaches("Progressing", 40)
    assert weights(stage) == [("record", 30), ("route", 30), ("record", 40), ("route", 40)]


@staged()
async def test_a_canary_that_falls_is_not_brought_back(script: Script) -> None:
    stage = script.stage
    engine = {"rollbackStepWeight": 25}
    analysis = {"stepWeight": 60, "maxWeight": 60, "threshold": 1, "engine": engine}
    await script.initialized(analysis=analysis)
    await script.image("2.0.0")
    await script.reaches("Progressing", 60)
    stage.prometheus.value = 50.0
    await script.reaches("Failed", 35)
    await stage.stop()
    await stage.route_weights(90, 10)
    stage.history()
    stage.start()
    await script.reaches("Failed", 0)
    found = weights(stage)
    assert [weight for what, weight in found if what == "route"] == [0]


@staged()
async def test_who_is_served_by_a_canary_whose_promotion_failed_goes_on_to_be(
    script: Script,
) -> None:
    """The primary is broken: the weight by hand, here, leads users to it."""
    stage = script.stage
    await script.initialized(spec={"progressDeadlineSeconds": 60})
    await script.image("2.0.0")
    await script.reaches("Progressing", 50)
    script.freeze("podinfo-primary")
    await script.reaches("Promoting")
    script.stuck("podinfo-primary")
    await script.reaches("Failed")
    weight = stage.status()["canaryWeight"]
    assert weight > 0
    epoch = stage.status()["engine"]["epoch"]
    await stage.stop()
    await stage.route_weights(100 - weight + 10, weight - 10)
    stage.start()
    await stage.rest(3)
    assert stage.status()["engine"]["epoch"] == epoch + 1
    assert shares(stage.get(VIRTUAL_SERVICES, "podinfo"))[1] == weight


@staged()
async def test_pods_are_not_blamed_for_the_time_in_which_nobody_led(script: Script) -> None:
    """Here everything is seen at the first look, so that there is no other reason to wait."""
    stage = script.stage
    plain = {"template": {"spec": {"containers": [{"name": "app", "image": "podinfo:1.0.0"}]}}}
    spec = {"provider": "kubernetes", "progressDeadlineSeconds": 120}
    await script.initialized(spec=spec, target=plain)
    stage.starts_in = None
    await script.image("2.0.0")
    await script.reaches("Progressing", 0)
    epoch = stage.status()["engine"]["epoch"]
    await stage.stop()
    await stage.rest(600)
    stage.start()
    await stage.rest(115)
    assert stage.phase() == "Progressing"
    assert stage.status()["engine"]["epoch"] == epoch + 1
    await stage.rest(10)
    assert stage.phase() == "Failed"


@staged()
async def test_what_flagger_left_waits_for_its_data(script: Script) -> None:
    """Without it a revision that was rejected would count as another one (by simulation)."""
    stage = script.stage
    await script.initialized()
    await stage.stop()
    canary = stage.get(CANARIES, "podinfo")
    left = {name: value for name, value in canary["status"].items() if name != "engine"}
    flagger = stage.cluster.client("flagger")
    await flagger.update(CANARIES, {**canary, "status": left}, subresource="status")
    source = stage.get(CONFIG_MAPS, "podinfo-config")
    meta = source["metadata"]
    await stage.user.delete(CONFIG_MAPS, "test", "podinfo-config", uid=meta["uid"])
    stage.start()
    await stage.rest(30)
    assert "engine" not in stage.status()
    told = [text for _, text in stage.events() if "configmap podinfo-config" in text]
    assert len(told) == 1
    assert "GetTargetConfigs failed: " in told[0]
    named = {"name": meta["name"], "namespace": meta["namespace"]}
    await stage.apply({**source, "metadata": named})
    await stage.rest(30)
    engine = stage.status()["engine"]
    assert (engine["stage"], "run" in engine) == ("Initialized", False)
