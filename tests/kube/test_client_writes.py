"""Writes meet the object that was seen, or none."""

from __future__ import annotations

import pytest
from wiretap import ONE, Rig, played

from canary.kube.errors import Conflict, Invalid
from canary.kube.resources import CONFIG_MAPS, DEPLOYMENTS
from canary.kube.transport import Response

ANOTHER_UID, OLD = {"uid": "another"}, {"resource_version": "1"}
LABELS = {"app": "one"}
SPEC = {
    "replicas": 1,
    "selector": {"matchLabels": LABELS},
    "template": {
        "metadata": {"labels": LABELS},
        "spec": {"containers": [{"name": "a", "image": "a:1"}]},
    },
}


@played
async def test_a_patch_meets_the_object_that_was_seen_or_none(rig: Rig) -> None:
    seen = await rig.made(data={"a": "1"})
    replace = [{"op": "replace", "path": "/data/a", "value": "2"}]
    for other in (ANOTHER_UID, OLD):
        with pytest.raises(Conflict):
            await rig.client.json_patch(CONFIG_MAPS, *ONE, replace, **{**seen, **other})
    assert rig.live()["data"] == {"a": "1"}
    await rig.client.json_patch(CONFIG_MAPS, *ONE, replace, **seen)
    assert rig.live()["data"] == {"a": "2"}


@played
async def test_a_patched_object_that_is_refused_is_no_conflict(rig: Rig) -> None:
    """Who tries again after a conflict would do so for ever."""
    seen = await rig.made(DEPLOYMENTS, spec=SPEC)
    fewer = [{"op": "replace", "path": "/spec/replicas", "value": -1}]
    with pytest.raises(Invalid, match="is invalid"):
        await rig.client.json_patch(DEPLOYMENTS, *ONE, fewer, **seen)
    rig.wire.answers = [Response(400, {}, b'{"message": "cannot unmarshal"}')]
    with pytest.raises(Invalid, match="cannot unmarshal"):
        await rig.client.json_patch(DEPLOYMENTS, *ONE, fewer, **seen)


@played
async def test_a_size_is_set_on_the_workload_that_was_seen_or_none(rig: Rig) -> None:
    seen = await rig.made(DEPLOYMENTS, spec=SPEC)
    for other in (ANOTHER_UID, OLD):
        with pytest.raises(Conflict):
            await rig.client.scale(DEPLOYMENTS, *ONE, 3, **{**seen, **other})
    assert rig.live(DEPLOYMENTS)["spec"]["replicas"] == 1
    await rig.client.scale(DEPLOYMENTS, *ONE, 3, **seen)
    assert rig.live(DEPLOYMENTS)["spec"]["replicas"] == 3
    assert rig.calls[0] == ("create", "deployments.apps")
    assert set(rig.calls[1:]) == {("update", "deployments.apps/scale")}


@played
async def test_an_object_of_the_same_name_is_not_deleted_for_another(rig: Rig) -> None:
    seen = await rig.made()
    with pytest.raises(Conflict):
        await rig.client.delete(CONFIG_MAPS, *ONE, uid="another")
    assert rig.live() is not None
    await rig.client.delete(CONFIG_MAPS, *ONE, uid=seen["uid"])
    assert rig.live() is None


@played
async def test_fields_of_other_managers_are_taken_over(rig: Rig) -> None:
    user = rig.cluster.client("kubectl")
    meta = {"name": "one", "namespace": "default"}
    one = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}
    await user.apply(CONFIG_MAPS, {**one, "data": {"a": "1"}})
    await rig.client.apply(CONFIG_MAPS, {**one, "data": {"a": "2"}})
    assert rig.live()["data"] == {"a": "2"}
