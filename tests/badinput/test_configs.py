"""ConfigMaps and Secrets of a target: every place, every way to come, change and go."""

from __future__ import annotations

from typing import Any

import pytest

from canary import virtualtime
from canary.kube.resources import CONFIG_MAPS, DEPLOYMENTS, SECRETS, Resource
from tests.badinput.test_specs import condition, warned
from tests.rig.manifests import setting
from tests.rig.stage import Stage
from tests.rig.staged import staged
from tests.transcripts.script import Script

VALUE = {"configMapKeyRef": {"name": "extra", "key": "a"}}
SECRET_VALUE = {"secretKeyRef": {"name": "extra", "key": "a"}}
MOUNT = {"name": "extra", "mountPath": "/extra"}


def _container(**fields: Any) -> dict[str, Any]:
    return {"name": "app", "image": "podinfo:1.0.0", **fields}


def _volume(**source: Any) -> dict[str, Any]:
    volume = {"name": "extra", **source}
    return {"containers": [_container(volumeMounts=[MOUNT])], "volumes": [volume]}


def _init(**fields: Any) -> dict[str, Any]:
    first = {"name": "first", "image": "tool:1", **fields}
    return {"containers": [_container()], "initContainers": [first]}


PLACES: dict[str, tuple[Resource, dict[str, Any]]] = {
    "env": (CONFIG_MAPS, {"containers": [_container(env=[{"name": "A", "valueFrom": VALUE}])]}),
    "env-secret": (
        SECRETS,
        {"containers": [_container(env=[{"name": "A", "valueFrom": SECRET_VALUE}])]},
    ),
    "envFrom": (
        CONFIG_MAPS,
        {"containers": [_container(envFrom=[{"configMapRef": {"name": "extra"}}])]},
    ),
    "envFrom-secret": (
        SECRETS,
        {"containers": [_container(envFrom=[{"secretRef": {"name": "extra"}}])]},
    ),
    "volume": (CONFIG_MAPS, _volume(configMap={"name": "extra"})),
    "volume-secret": (SECRETS, _volume(secret={"secretName": "extra"})),
    "projected": (
        CONFIG_MAPS,
        _volume(projected={"sources": [{"configMap": {"name": "extra"}}]}),
    ),
    "projected-secret": (
        SECRETS,
        _volume(projected={"sources": [{"secret": {"name": "extra"}}]}),
    ),
    "init-env": (CONFIG_MAPS, _init(env=[{"name": "A", "valueFrom": VALUE}])),
    "init-envFrom-secret": (SECRETS, _init(envFrom=[{"secretRef": {"name": "extra"}}])),
}


def data(resource: Resource, text: str = "YQ==", **more: Any) -> dict[str, Any]:
    """An object that some place refers to."""
    meta = {"name": "extra", "namespace": "test"}
    body = {"apiVersion": "v1", "kind": resource.kind, "metadata": meta, "data": {"a": text}}
    return {**body, **more}


def target(pods: dict[str, Any]) -> list[dict[str, Any]]:
    return setting(target={"template": {"spec": pods}})


@pytest.mark.parametrize("place", PLACES)
def test_data_of_every_place_is_copied_and_a_change_of_it_is_rolled_out(place: str) -> None:
    resource, pods = PLACES[place]

    async def play() -> None:
        stage = Stage()
        try:
            script = Script(stage)
            await script.begins([data(resource), *target(pods)])
            await script.reaches("Initialized")
            primary = stage.get(DEPLOYMENTS, "podinfo-primary")["spec"]["template"]["spec"]
            assert "'extra-primary'" in str(primary)
            assert stage.get(resource, "extra-primary")["data"] == {"a": "YQ=="}
            await stage.rest(30)
            await stage.patch(resource, "extra", {"data": {"a": "Yg=="}})
            await script.reaches("Progressing", 10)
            assert stage.get(resource, "extra-primary")["data"] == {"a": "YQ=="}
            await script.reaches("Promoting")
            await stage.rest(1)
            assert stage.get(resource, "extra-primary")["data"] == {"a": "Yg=="}
            unchanged = stage.get(DEPLOYMENTS, "podinfo")["spec"]["template"]
            assert unchanged["spec"]["containers"][0]["image"] == "podinfo:1.0.0"
        finally:
            await stage.down()

    virtualtime.run(play())


async def _idle(script: Script, obj: dict[str, Any], pods: dict[str, Any]) -> None:
    await script.begins([obj, *target(pods)])
    await script.reaches("Initialized")
    await script.stage.rest(30)


@staged()
async def test_an_object_that_opts_out_is_shared(script: Script) -> None:
    stage = script.stage
    out = data(CONFIG_MAPS)
    out["metadata"]["annotations"] = {"flagger.app/config-tracking": "disabled"}
    await _idle(script, out, PLACES["envFrom"][1])
    assert stage.get(CONFIG_MAPS, "extra-primary") is None
    primary = stage.get(DEPLOYMENTS, "podinfo-primary")["spec"]["template"]["spec"]
    assert primary["containers"][0]["envFrom"] == [{"configMapRef": {"name": "extra"}}]
    await stage.patch(CONFIG_MAPS, "extra", {"data": {"a": "Yg=="}})
    await stage.rest(60)
    assert stage.phase() == "Initialized"


@staged()
async def test_secrets_of_other_types_are_shared(script: Script) -> None:
    stage = script.stage
    kind = "kubernetes.io/dockerconfigjson"
    docker = data(SECRETS, type=kind) | {"data": {".dockerconfigjson": "e30="}}
    await _idle(script, docker, PLACES["volume-secret"][1])
    assert stage.get(SECRETS, "extra-primary") is None
    await stage.patch(SECRETS, "extra", {"data": {".dockerconfigjson": "e30K"}})
    await stage.rest(60)
    assert stage.phase() == "Initialized"


@staged()
async def test_binary_data_is_copied_and_followed(script: Script) -> None:
    """D30."""
    stage = script.stage
    await _idle(script, data(CONFIG_MAPS, binaryData={"b": "AAE="}), PLACES["volume"][1])
    assert stage.get(CONFIG_MAPS, "extra-primary")["binaryData"] == {"b": "AAE="}
    await stage.patch(CONFIG_MAPS, "extra", {"binaryData": {"b": "AAI="}})
    await script.reaches("Succeeded")
    assert stage.get(CONFIG_MAPS, "extra-primary")["binaryData"] == {"b": "AAI="}


OPTIONAL = {"envFrom": [{"configMapRef": {"name": "extra", "optional": True}}]}


@staged()
async def test_an_optional_object_may_come_later(script: Script) -> None:
    stage = script.stage
    await script.begins(target({"containers": [_container(**OPTIONAL)]}))
    await script.reaches("Initialized")
    await stage.rest(30)
    assert stage.get(CONFIG_MAPS, "extra-primary") is None
    await stage.apply(data(CONFIG_MAPS))
    await script.reaches("Progressing")
    await script.reaches("Succeeded")
    assert stage.get(CONFIG_MAPS, "extra-primary")["data"] == {"a": "YQ=="}
    primary = stage.get(DEPLOYMENTS, "podinfo-primary")["spec"]["template"]["spec"]
    assert primary["containers"][0]["envFrom"][0]["configMapRef"]["name"] == "extra-primary"


async def _vanish(script: Script, resource: Resource) -> None:
    await script.stage.delete(resource, "extra")


@staged()
async def test_an_optional_object_that_vanishes_is_another_revision(script: Script) -> None:
    await _idle(script, data(CONFIG_MAPS), {"containers": [_container(**OPTIONAL)]})
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await _vanish(script, CONFIG_MAPS)
    await script.reaches("Progressing", 0)
    await script.reaches("Succeeded")
    text = "New revision detected! Restarting analysis for podinfo.test"
    assert ("Normal", text) in script.stage.events()
    assert "configmap/extra" not in script.stage.status()["trackedConfigs"]


@pytest.mark.parametrize("resource", [CONFIG_MAPS, SECRETS], ids=["configmap", "secret"])
def test_an_object_that_vanishes_in_mid_rollout(resource: Resource) -> None:
    """Named and held, uncounted; the run goes on when the same data is back."""
    place = "envFrom" if resource == CONFIG_MAPS else "envFrom-secret"

    async def play() -> None:
        stage = Stage()
        try:
            script = Script(stage)
            await _idle(script, data(resource), PLACES[place][1])
            await script.image("2.0.0")
            await script.reaches("Progressing", 20)
            await _vanish(script, resource)
            await stage.rest(200)
            assert (stage.phase(), stage.status()["canaryWeight"]) == ("Progressing", 20)
            assert stage.status()["failedChecks"] == 0
            assert warned(script, f"{resource.kind.lower()} extra.test get query error")
            assert condition(script)["reason"] == "ConfigMissing"
            assert stage.get(resource, "extra-primary")["data"] == {"a": "YQ=="}
            await stage.apply(data(resource))
            await script.reaches("Progressing", 30)
            await script.reaches("Succeeded")
        finally:
            await stage.down()

    virtualtime.run(play())


@staged()
async def test_an_object_that_comes_back_with_other_data_starts_over(script: Script) -> None:
    await _idle(script, data(CONFIG_MAPS), PLACES["envFrom"][1])
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await _vanish(script, CONFIG_MAPS)
    await script.stage.rest(60)
    await script.stage.apply(data(CONFIG_MAPS, "Yg=="))
    await script.reaches("Progressing", 0)
    await script.reaches("Succeeded")
    assert script.stage.get(CONFIG_MAPS, "extra-primary")["data"] == {"a": "Yg=="}


@staged()
async def test_a_dead_canary_loses_its_traffic_while_data_is_missing(script: Script) -> None:
    await _idle(script, data(CONFIG_MAPS), PLACES["envFrom"][1])
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    await _vanish(script, CONFIG_MAPS)
    await script.stage.rest(60)
    script.ready(0)
    await script.reaches("Progressing", 0)


@staged()
async def test_pods_are_replaced_through_zero_at_no_traffic(script: Script) -> None:
    """A change of data alone: the template stays as Git has it, running pods don't see it."""
    stage = script.stage
    await _idle(script, data(CONFIG_MAPS), PLACES["envFrom"][1])
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    template = stage.get(DEPLOYMENTS, "podinfo")["spec"]["template"]
    feed = stage.cluster.server.storage.feed(DEPLOYMENTS)
    old = {pod for pod in stage.cluster.deployments.pods if "primary" not in pod.name}
    await stage.patch(CONFIG_MAPS, "extra", {"data": {"a": "Yg=="}})
    await script.reaches("Progressing", 0)
    await script.reaches("Progressing", 10)
    sizes = []
    while not feed.empty():
        change = feed.get_nowait()
        if change and change.key.name == "podinfo":
            sizes.append(change.obj["spec"]["replicas"])
            assert change.obj["spec"]["template"] == template
    assert list(dict.fromkeys(sizes)) == [0, 2]
    assert not old & set(stage.cluster.deployments.pods)


@staged()
async def test_two_canaries_share_an_object(script: Script) -> None:
    """lifecycle 2.5: its copy belongs to both, and is under the control of who wrote it last."""
    stage = script.stage
    await _idle(script, data(CONFIG_MAPS), PLACES["envFrom"][1])
    other, canary = setting()[2:]
    for one in (other, canary):
        one["metadata"]["name"] = "web"
    labels = {"app": "web"}
    pods = {"metadata": {"labels": labels}, "spec": PLACES["envFrom"][1]}
    other["spec"] |= {"selector": {"matchLabels": labels}, "template": pods}
    canary["spec"]["targetRef"]["name"] = "web"
    await stage.apply(other, canary)
    await stage.until(lambda: stage.phase("web") == "Initialized")
    await stage.patch(CONFIG_MAPS, "extra", {"data": {"a": "Yg=="}})
    await stage.rest(30)
    for name in ("podinfo", "web"):
        await stage.until(lambda name=name: stage.phase(name) == "Succeeded")
    await stage.rest(60)
    copy = stage.get(CONFIG_MAPS, "extra-primary")
    assert copy["data"] == {"a": "Yg=="}
    owners = {ref["name"]: ref["controller"] for ref in copy["metadata"]["ownerReferences"]}
    assert sorted(owners) == ["podinfo", "web"]
    assert sorted(owners.values()) == [False, True]
