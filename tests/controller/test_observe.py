"""What the objects of one Canary are taken for."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from gathered import Look, looks

from canary.controller.digests import Source
from canary.controller.scene import Scene
from canary.rollout.observed import Absent, Observed, Present, Unknown
from canary.rollout.record import Record, Revision
from canary.rollout.stage import Stage
from canary.rollout.world import Primary, Ready, Stuck, Target, Waiting
from canary.workloads.configs import ConfigRef
from tests.rig.manifests import autoscaled, daemon_setting, service_setting, setting


def target(look: Look, scene: Scene) -> Target:
    found = look.world(scene).target
    assert isinstance(found, Present)
    return found.value


def primary(look: Look, scene: Scene, record: Record) -> Primary:
    found = look.world(scene, record).primary
    assert isinstance(found, Present)
    return found.value


def changed(seen: Observed[Any], **parts: Any) -> Present[Any]:
    """An object with other ``spec``, ``status`` or ``metadata``, field by field."""
    assert isinstance(seen, Present)
    return Present(seen.value | {part: seen.value[part] | new for part, new in parts.items()})


@looks()
async def test_an_idle_canary(look: Look) -> None:
    scene, record = await look.initialized(*setting())
    world = look.world(scene, record)
    seen = target(look, scene)
    assert isinstance(scene.target, Present) and isinstance(seen.revision, Present)
    assert seen.revision.value == record.promoted
    assert seen.revision.value.uid == scene.target.value["metadata"]["uid"]
    assert (seen.replicas, seen.endpoints, seen.least, seen.same_as_primary) == (0, 0, None, True)
    serves = primary(look, scene, record)
    assert (serves.replicas, serves.endpoints, serves.readiness) == (2, 2, Ready())
    assert record.primary is not None and serves.runs == record.primary.template
    assert serves.most is None
    assert (world.apex_ready, world.original, world.released) == (True, True, True)
    assert (world.deleted, world.finalizer, world.parted) == (False, False, False)


@looks()
async def test_a_canary_that_leaves_has_given_back_what_leads_to_nothing_of_it(look: Look) -> None:
    scene, record = await look.initialized(*setting())
    leaving = replace(record, stage=Stage.TERMINATING)
    meta = {
        **scene.obj["metadata"],
        "finalizers": ["finalizer.flagger.app"],
        "deletionTimestamp": "",
    }
    held = replace(scene, obj={**scene.obj, "metadata": meta})
    world = look.world(held, leaving)
    assert (world.deleted, world.finalizer, world.released) == (True, True, False)
    users = changed(scene.services["podinfo"], spec={"selector": {"app": "podinfo"}})
    given = replace(held, services={**scene.services, "podinfo": users})
    assert not look.world(given, leaving).released, "it still goes with its owner"
    nobodys = changed(users, metadata={"ownerReferences": []})
    given = replace(held, services={**scene.services, "podinfo": nobodys})
    assert not look.world(given, leaving).released, "the route still leads to what goes"
    assert look.world(replace(given, routes={}), leaving).released


@looks()
async def test_a_revision_is_template_and_data_that_count(look: Look) -> None:
    """What is unknown makes it unknown: without, it would be taken for a change."""
    scene = await look.sees(*setting())
    names = ("followed", "optional", "out")
    refs = [ConfigRef("configmap", name, optional=name == "optional") for name in names]
    sources = [Present(Source("sum", True)), Absent("gone"), Present(Source("sum", False))]
    scene = replace(scene, tracked=dict(zip(refs, sources, strict=True)))
    found = target(look, scene).revision
    assert isinstance(found, Present)
    assert found.value.configs == {"configmap/followed": "sum"}
    unread = ConfigRef("secret", "unread")
    scene = replace(scene, tracked={**scene.tracked, unread: Unknown("is being read")})
    assert target(look, scene).revision == Unknown("is being read")
    # A rejected revision was taken for a new one when its Secret came back (found by simulation).
    scene = replace(scene, tracked={**scene.tracked, unread: Absent("is not there")})
    assert target(look, scene).revision == Unknown("is not there")


@looks()
async def test_what_the_primary_runs(look: Look) -> None:
    scene, record = await look.initialized(*setting())
    other = {"metadata": {"labels": {"app": "podinfo-primary"}}, "spec": {"containers": []}}
    edited = replace(scene, primary=changed(scene.primary, spec={"template": other}))
    assert primary(look, edited, record).runs == ""
    assert not target(look, edited).same_as_primary
    assert primary(look, replace(scene, pins={}), record).runs == ""
    assert primary(look, scene, replace(record, primary=Revision("e1-other"))).runs == ""
    unlabelled = replace(scene, label=None)
    assert not target(look, unlabelled).same_as_primary
    assert primary(look, unlabelled, record).runs == ""
    assert look.world(replace(scene, primary=Unknown("away")), record).primary == Unknown("away")
    assert not target(look, replace(scene, primary=Absent("gone"))).same_as_primary
    assert look.world(replace(scene, target=Absent("gone")), record).target == Absent("gone")


@looks()
async def test_a_primary_that_somebody_switched_off_is_not_as_it_should_be(look: Look) -> None:
    """For a DaemonSet zero is part of the template: of the target's it counts for nothing."""
    scene, record = await look.initialized(*daemon_setting())
    assert record.primary is not None
    assert primary(look, scene, record).runs == record.primary.template
    assert target(look, scene).revision == Present(record.promoted)
    assert isinstance(scene.primary, Present)
    pods = copy.deepcopy(scene.primary.value["spec"]["template"])
    pods["spec"]["nodeSelector"] = {"flagger.app/scale-to-zero": "true"}
    off = replace(scene, primary=changed(scene.primary, spec={"template": pods}))
    assert primary(look, off, record).runs == ""


@looks()
async def test_workloads_are_ready_wait_or_are_stuck(look: Look) -> None:
    scene = await look.sees(*setting())
    scene = replace(scene, primary=scene.target)
    record = Record()
    assert target(look, scene).readiness == Ready()
    assert primary(look, scene, record).readiness == Ready()
    late = changed(scene.target, status={"availableReplicas": 1})
    gave_up = changed(
        scene.target,
        status={"conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]},
    )
    for workload, state, text in (
        (late, Waiting, "1 of 2 (readyThreshold 100%) updated replicas are available"),
        (gave_up, Stuck, 'deployment "podinfo" exceeded its progress deadline'),
    ):
        scene = replace(scene, target=workload, primary=workload)
        for found in (target(look, scene).readiness, primary(look, scene, record).readiness):
            assert isinstance(found, state)
            assert found.text.endswith(text)
    assert target(look, scene).readiness != primary(look, scene, record).readiness


@looks()
async def test_the_limits_of_an_autoscaler_are_those_of_target_and_primary(look: Look) -> None:
    scene = await look.sees(*autoscaled())
    scene = replace(scene, primary=scene.target)
    assert (target(look, scene).least, primary(look, scene, Record()).most) == (3, 6)


@looks()
async def test_it_is_known_since_when_the_copy_of_a_service_has_its_spec(look: Look) -> None:
    *manifests, service, canary = service_setting()
    scene, _ = await look.initialized(*manifests, service, canary)
    found = target(look, scene).copied_at
    await look.stage.rest(3)
    assert target(look, scene).copied_at == found
    copy = changed(scene.services["podinfo-canary"], spec={"selector": {"app": "other"}})
    moved = replace(scene, services={**scene.services, "podinfo-canary": copy})
    assert target(look, moved).copied_at == look.stage.clock.monotonic() != found
    gone = replace(scene, services={**scene.services, "podinfo-canary": Absent("gone")})
    await look.stage.rest(3)
    assert target(look, gone).copied_at == look.stage.clock.monotonic()


@looks()
async def test_pods_of_a_workload_tell_by_themselves_whether_they_serve(look: Look) -> None:
    scene, _ = await look.initialized(*setting())
    assert target(look, scene).copied_at is None


@looks()
async def test_a_service_is_ready_once_its_copy_has_its_spec(look: Look) -> None:
    *manifests, service, canary = service_setting()
    scene, record = await look.initialized(*manifests, service, canary)
    world = look.world(scene, record)
    assert target(look, scene).readiness == Ready()
    assert (target(look, scene).same_as_primary, world.apex_ready) == (True, True)
    assert not world.original, "a Service is never changed, so that there is nothing to give back"
    moved = changed(scene.target, spec={"selector": {"app": "podinfo", "version": "2.0.0"}})
    for behind in (
        replace(scene, target=moved),
        replace(scene, services={**scene.services, "podinfo-canary": Absent("gone")}),
    ):
        found = target(look, behind).readiness
        assert isinstance(found, Waiting)
        assert "podinfo-canary does not have the new spec yet" in found.text
    assert not look.world(replace(scene, target=Absent("gone")), record).apex_ready


@looks()
async def test_the_apex_service_is_ready_when_it_leads_to_the_primary_alone(look: Look) -> None:
    scene, record = await look.initialized(*setting())

    def ready(apex: Observed[Any], **parts: Any) -> bool:
        services = {**scene.services, "podinfo": apex}
        return look.world(replace(scene, services=services, **parts), record).apex_ready

    apex = scene.services["podinfo"]
    assert ready(apex)
    assert not ready(apex, label=None)
    for selector in ({"app": "podinfo"}, {"app": "podinfo-primary", "zone": "a"}, {}, None):
        assert not ready(changed(apex, spec={"selector": selector})), selector
    assert not ready(Absent("gone"))
    assert not ready(Unknown("away"))


@looks()
async def test_a_template_is_given_back_as_it_was_or_not_at_all(look: Look) -> None:
    scene, record = await look.initialized(*setting())
    assert record.promoted is not None
    pin = scene.pins[record.promoted.template]
    assert look.world(scene, record).original
    rewritten = {pin.digest: replace(pin, rewritten=True)}
    assert not look.world(replace(scene, pins=rewritten), record).original
    assert not look.world(replace(scene, pins={}), record).original
    assert not look.world(scene, replace(record, promoted=None)).original
