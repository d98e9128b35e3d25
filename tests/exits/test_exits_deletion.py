"""Deletion with ``revertOnDeletion`` in every phase: nothing is stuck, nobody without a pod."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from canary import virtualtime
from canary.kube.resources import (
    CANARIES,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    SERVICES,
    Key,
    Resource,
)
from tests.rig.manifests import setting
from tests.rig.receiver import Receivers
from tests.rig.stage import Stage

Play = Callable[[Stage], Awaitable[None]]

APEX = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "podinfo", "namespace": "test"},
    "spec": {"selector": {"app": "podinfo"}, "ports": [{"name": "http", "port": 9898}]},
}
FINALIZER = "finalizer.flagger.app"


def scene(play: Play, *, apex: bool = True, closed: tuple[str, ...] = (), **parts: Any) -> Stage:
    """An idle Canary over a user's own Service, and what happens then."""
    receivers = Receivers()
    receivers.answers = dict.fromkeys(closed, (403, "no"))

    async def run() -> Stage:
        stage = Stage(receivers=receivers)
        await stage.up()
        hooks = [{"name": h, "type": h, "url": f"http://hooks.test/{h}"} for h in closed]
        analysis = {"webhooks": hooks} if hooks else {}
        canary = {"revertOnDeletion": True, "progressDeadlineSeconds": 120, **parts}
        manifests = setting(canary, analysis)
        await stage.apply(*([APEX] if apex else []), *manifests)
        stage.start()
        await stage.until(lambda: stage.phase() == "Initialized")
        await stage.rest(30)
        await play(stage)
        await stage.rest(60)
        await stage.down()
        return stage

    return virtualtime.run(run())


async def delete(stage: Stage, *, limit: float = 300.0) -> None:
    """Delete the Canary and wait until it is gone; somebody serves all the while."""
    await stage.delete(CANARIES, "podinfo")

    def gone() -> bool:
        serves = endpoints(stage)
        assert serves > 0, stage.story()
        return stage.get(CANARIES, "podinfo") is None

    await stage.until(gone, limit)


def endpoints(stage: Stage) -> int:
    """Ready pods behind the Service that users know."""
    found = stage.cluster.server.storage
    slices = [
        obj
        for key, obj in found.all(ENDPOINT_SLICES)
        if key.namespace == "test"
        and obj["metadata"].get("labels", {}).get("kubernetes.io/service-name") == "podinfo"
    ]
    return sum(
        1
        for obj in slices
        for endpoint in obj.get("endpoints") or ()
        if (endpoint.get("conditions") or {}).get("ready")
    )


def target(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = stage.get(DEPLOYMENTS, "podinfo")["spec"]
    return found


def image(stage: Stage) -> str:
    return str(target(stage)["template"]["spec"]["containers"][0]["image"])


def texts(stage: Stage) -> list[str]:
    return [text for _, text in stage.events()]


def test_the_finalizer_follows_the_field() -> None:
    async def play(stage: Stage) -> None:
        def have() -> list[str]:
            return list(stage.get(CANARIES, "podinfo")["metadata"].get("finalizers") or ())

        assert have() == [FINALIZER]
        await stage.patch(CANARIES, "podinfo", {"spec": {"revertOnDeletion": False}})
        await stage.rest(1)
        assert have() == []

    scene(play)


def test_an_idle_canary_gives_its_service_back_before_the_primary_goes() -> None:
    """S72."""

    async def play(stage: Stage) -> None:
        await delete(stage)

    stage = scene(play)
    assert target(stage)["replicas"] == 2
    assert stage.get(SERVICES, "podinfo")["spec"]["selector"] == {"app": "podinfo"}
    assert stage.get(DEPLOYMENTS, "podinfo-primary") is None
    assert texts(stage)[-2:] == [
        "Terminating canary podinfo.test",
        "Terminated canary podinfo.test",
    ]


def test_a_run_ends_with_the_promoted_revision_not_the_unproved_one() -> None:
    """S74 the other way round (D35)."""

    async def play(stage: Stage) -> None:
        await stage.set_image("podinfo:2.0.0")
        await stage.until(lambda: stage.status().get("canaryWeight") == 20)
        await delete(stage)

    stage = scene(play)
    assert image(stage) == "podinfo:1.0.0"
    assert target(stage)["replicas"] == 2


@pytest.mark.parametrize(
    ("phase", "closed"),
    [
        ("Waiting", ("confirm-rollout",)),
        ("WaitingPromotion", ("confirm-promotion",)),
        ("Promoting", ()),
        ("Finalising", ()),
        ("Succeeded", ()),
    ],
)
def test_deletion_completes_in_every_phase(phase: str, closed: tuple[str, ...]) -> None:
    async def play(stage: Stage) -> None:
        stage.starts_in = 5.0
        await stage.set_image("podinfo:2.0.0")
        await stage.until(lambda: stage.phase() == phase)
        await delete(stage)

    stage = scene(play, closed=closed)
    assert stage.get(SERVICES, "podinfo")["spec"]["selector"] == {"app": "podinfo"}
    assert target(stage)["replicas"] == 2


def test_a_rejected_revision_is_not_what_deletion_leaves_behind() -> None:
    async def play(stage: Stage) -> None:
        stage.prometheus.value = 90.0
        await stage.set_image("podinfo:2.0.0")
        await stage.until(lambda: stage.phase() == "Failed")
        await stage.rest(30)
        await delete(stage)

    assert image(scene(play)) == "podinfo:1.0.0"


def test_a_suspended_canary_can_be_deleted() -> None:
    async def play(stage: Stage) -> None:
        await stage.patch(CANARIES, "podinfo", {"spec": {"suspend": True}})
        await stage.rest(5)
        await delete(stage)

    assert target(scene(play))["replicas"] == 2


def test_an_unready_target_is_waited_for_and_said_so() -> None:
    async def play(stage: Stage) -> None:
        stage.starts_in = None
        await stage.delete(CANARIES, "podinfo")
        await stage.rest(300)
        assert stage.phase() == "Terminating"
        assert endpoints(stage) == 2
        assert any("Deletion of podinfo.test waits: " in text for text in texts(stage))
        stage.starts_in = 0.0
        stage.cluster.deployments.set_ready(Key("test", "podinfo"), 2)
        await stage.until(lambda: stage.get(CANARIES, "podinfo") is None, 300)

    scene(play)


def test_a_service_that_shows_who_serves_is_made_again() -> None:
    async def play(stage: Stage) -> None:
        stage.starts_in = 30.0
        await stage.delete(CANARIES, "podinfo")
        await stage.rest(5)
        await stage.delete(SERVICES, "podinfo-canary")
        await stage.until(lambda: stage.get(CANARIES, "podinfo") is None, 90)
        assert endpoints(stage) > 0

    assert target(scene(play))["replicas"] == 2


def test_a_target_that_is_gone_is_waited_for_no_longer() -> None:
    async def play(stage: Stage) -> None:
        uid = stage.get(DEPLOYMENTS, "podinfo")["metadata"]["uid"]
        await stage.user.delete(DEPLOYMENTS, "test", "podinfo", uid=uid)
        await stage.rest(5)
        await stage.delete(CANARIES, "podinfo")
        await stage.until(lambda: stage.get(CANARIES, "podinfo") is None, 60)

    scene(play)


def test_a_restart_of_the_engine_in_between_changes_nothing() -> None:
    async def play(stage: Stage) -> None:
        await stage.delete(CANARIES, "podinfo")
        await stage.until(lambda: stage.phase() == "Terminating")
        await stage.stop()
        await stage.rest(30)
        stage.start()
        await stage.until(lambda: stage.get(CANARIES, "podinfo") is None, 300)

    assert target(scene(play))["replicas"] == 2


def test_a_service_that_the_engine_made_stays_for_those_who_use_it() -> None:
    """Providers D34: it carries traffic."""

    async def play(stage: Stage) -> None:
        await delete(stage)

    stage = scene(play, apex=False)
    assert target(stage)["replicas"] == 2
    service = stage.get(SERVICES, "podinfo")
    assert service["spec"]["selector"] == {"app": "podinfo"}
    assert not service["metadata"].get("ownerReferences")
    assert stage.get(SERVICES, "podinfo-primary") is None


def test_a_canary_that_could_never_be_read_can_be_deleted() -> None:
    """A fractional number passes the schema, and is no whole number (D39)."""

    async def run() -> None:
        stage = Stage()
        await stage.up()
        *rest, canary = setting({"revertOnDeletion": True}, {"threshold": 1.5})
        canary["metadata"]["finalizers"] = [FINALIZER]
        await stage.apply(*rest, canary)
        stage.start()
        await stage.rest(5)
        await stage.delete(CANARIES, "podinfo")
        await stage.until(lambda: stage.get(CANARIES, "podinfo") is None, 60)
        assert target(stage)["replicas"] == 2
        await stage.down()

    virtualtime.run(run())


def test_a_route_that_the_engine_made_stays_and_leads_to_the_service() -> None:
    """Providers D34: users come through it."""

    async def play(stage: Stage) -> None:
        await stage.set_image("podinfo:2.0.0")
        await stage.until(lambda: stage.status().get("canaryWeight") == 20)
        await delete(stage)

    stage = scene(play)
    kind = Resource("networking.istio.io", "v1beta1", "virtualservices", "VirtualService")
    route = stage.get(kind, "podinfo")
    assert not route["metadata"].get("ownerReferences")
    (rule,) = route["spec"]["http"]
    assert [each["destination"]["host"] for each in rule["route"]] == ["podinfo"]
