"""What the status of a Canary is taken for: our record, another controller's, or one to import."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from gathered import Look, looks

from canary.controller.records import Stored, imported, silence, stored
from canary.controller.scene import Scene
from canary.kube.resources import CANARIES, REPLICA_SETS
from canary.rollout.codec import decode
from canary.rollout.observed import Absent, Present
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.rollout.status import present
from canary.rollout.view import Now
from tests.rig.manifests import daemon_setting, setting
from tests.rig.stage import ORIGIN
from tests.rig.staged import staged
from tests.transcripts.script import Script

RECORD = Record(stage=Stage.SUCCEEDED, seq=4)


def canary(status: dict[str, Any] | None, *writers: tuple[str, str]) -> dict[str, Any]:
    fields = [{"manager": manager, "subresource": part} for manager, part in writers]
    meta = {"name": "podinfo", "namespace": "test", "managedFields": fields}
    return {"metadata": meta if writers else {}, **({"status": status} if status else {})}


def written(record: Record = RECORD, **changes: Any) -> dict[str, Any]:
    return {**present(record, "Deployment", {}, ORIGIN), **changes}


def test_a_canary_that_nobody_wrote_of_begins() -> None:
    assert stored(canary(None)) == Stored(Record())
    assert stored(canary({"conditions": []}), RECORD) == Stored(Record())


def test_our_own_status_is_our_record() -> None:
    assert stored(canary(written())) == Stored(RECORD)


def test_what_another_controller_wrote_is_imported() -> None:
    assert stored(canary({"phase": "Succeeded"})) == Stored()
    assert stored(canary({"phase": "Succeeded"}), RECORD) == Stored(before=RECORD)
    assert stored(canary(written(canaryWeight=7))) == Stored(before=RECORD)


@pytest.mark.parametrize(
    ("writers", "named"),
    [
        ((), "somebody else"),
        ((("canary-engine", "status"), ("flagger", "status"), ("helm", "")), "flagger"),
        ((("kubectl", "status"), ("argo", "status")), "argo, kubectl"),
    ],
)
def test_who_writes_the_status_again_and_again_is_named(
    writers: tuple[tuple[str, str], ...], named: str
) -> None:
    for times in (0, 1):
        found = stored(canary(written(replace(RECORD, adoptions=times), phase="Failed"), *writers))
        assert not found.refused
    found = stored(canary(written(replace(RECORD, adoptions=2), phase="Failed"), *writers))
    assert found.refused == f"its status is also written by {named}: stop it"
    assert found.before == replace(RECORD, adoptions=2)


def test_what_can_not_be_read_is_left_alone() -> None:
    newer = stored(canary(written(engine={"version": 99})))
    assert newer.record is None and newer.before is None
    assert newer.refused.endswith("another engine runs this Canary")
    damaged = stored(canary(written(engine={"version": 1})))
    assert damaged.record is None and damaged.before is None
    assert damaged.refused.endswith("delete status.engine to have the status imported anew")


def test_another_writer_counts_as_gone_after_two_intervals_or_a_minute() -> None:
    assert [silence(interval) for interval in (10.0, 30.0, 90.0)] == [60.0, 60.0, 180.0]


async def left(look: Look, scene: Scene, **status: Any) -> Record:
    """What a status that Flagger left is imported as."""
    if isinstance(scene.target, Present):
        live = scene.target.value
        other = {**live, "spec": {**live["spec"], "template": {"spec": {"containers": []}}}}
        scene = replace(scene, primary=Present(other))
    scene = replace(scene, obj={**scene.obj, "status": status})
    now = Now(look.stage.clock.monotonic(), look.stage.clock.now())
    record = await imported(look.client, scene, look.world(scene), now, None)
    assert isinstance(record, Record)
    return record


async def replica_set(look: Look, name: str, owner: str) -> None:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo", "uid": owner}
    labels = {"app": name}
    pods = {"containers": [{"name": "app", "image": "a:1"}]}
    body = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": name, "namespace": "test", "ownerReferences": [reference]},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pods},
        },
    }
    if not owner:
        del body["metadata"]["ownerReferences"]
    await look.client.create(REPLICA_SETS, body)


@looks()
async def test_a_release_since_a_rollback_by_another_controller_is_run(look: Look) -> None:
    """A revision that was rejected isn't run again; one that came after that is."""
    scene = await look.sees(*setting())
    # The ReplicaSet of the target was made with it, at the origin of time.
    before, at, after = "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:05Z"
    told = {"phase": "Failed", "lastAppliedSpec": "x"}
    assert isinstance(scene.target, Present)
    uid = scene.target.value["metadata"]["uid"]
    await asyncio.sleep(20)
    await replica_set(look, "others", "another")
    await replica_set(look, "nobodys", "")
    for since, applied in (
        (before, "old"),
        (at, "rejected"),
        (after, "rejected"),
        ("", "rejected"),
    ):
        record = await left(look, scene, **told, lastTransitionTime=since)
        world = look.world(scene)
        assert isinstance(world.target, Present)
        rejected = record.applied == world.target.value.revision.value
        assert rejected == (applied == "rejected"), since
    await replica_set(look, "newer", uid)
    record = await left(look, scene, **told, lastTransitionTime=after)
    assert record.applied != look.world(scene).target.value.revision.value


@looks()
async def test_a_rejected_daemon_set_is_not_run_again(look: Look) -> None:
    """It has no ReplicaSets that would tell how old it is."""
    scene = await look.sees(*daemon_setting())
    record = await left(look, scene, phase="Failed", lastTransitionTime="2026-01-01T00:00:05Z")
    target = look.world(scene).target
    assert isinstance(target, Present)
    assert Present(record.applied) == target.value.revision


@looks()
async def test_replica_sets_are_read_where_they_decide_something(look: Look) -> None:
    """All of a namespace are many."""
    scene = await look.sees(*setting())
    read: list[str] = []
    look.client.on_call = lambda verb, what: read.append(what)
    record = await left(look, scene, phase="Succeeded", lastTransitionTime="2026-01-01T00:00:05Z")
    assert (record.stage, read) == (Stage.SUCCEEDED, [])


@looks()
async def test_a_rollback_whose_target_is_gone_is_built_anew(look: Look) -> None:
    scene = await look.sees(*setting())
    gone = replace(scene, target=Absent("gone"))
    record = await left(look, gone, phase="Failed", lastTransitionTime="2026-01-01T00:00:05Z")
    assert record.stage is Stage.INITIALIZING


@staged()
async def test_counters_outlive_a_controller_that_drops_them(script: Script) -> None:
    """Its client knows nothing of our record. Hooks know a run by its number, which never comes
    again, and nobody is let write over us without end."""
    stage = script.stage
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    before = stage.status()["engine"]
    for times in (1, 2):
        live = stage.get(CANARIES, "podinfo")
        flagger = stage.cluster.client("flagger")
        body = {**live, "status": {"phase": "Succeeded"}}
        await flagger.update(CANARIES, body, subresource="status")
        await stage.rest(5)
        found = stage.status()["engine"]
        assert (found["adoptions"], found["runs"]) == (times, before["runs"])
        assert found["seq"] >= before["seq"]


@staged()
async def test_another_writer_is_followed_once_it_has_been_silent_for_two_intervals(
    script: Script,
) -> None:
    stage = script.stage
    await script.initialized(analysis={"interval": "50s"})
    await stage.stop()
    record = replace(decode(stage.status()["engine"]), adoptions=2)
    status = present(record, "Deployment", stage.status(), stage.clock.now())

    async def writes(**changes: Any) -> dict[str, Any]:
        live, found = stage.get(CANARIES, "podinfo"), {**status, **changes}
        flagger = stage.cluster.client("flagger")
        await flagger.update(CANARIES, {**live, "status": found}, subresource="status")
        return found

    await writes(failedChecks=1)
    stage.start()
    await stage.rest(60)
    last = await writes(failedChecks=2)
    await stage.rest(99)
    assert stage.status() == last
    await stage.rest(2)
    assert stage.status()["engine"]["adoptions"] == 3
