"""Deletion, finalizers, dependents."""

from __future__ import annotations

from typing import Any

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.manifests import canary, config_map, deployment, pod


def _owned(name: str, owner: dict[str, Any], **more: bool) -> dict[str, Any]:
    reference = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        **more,
    }
    return {**config_map(name), "metadata": {"name": name, "ownerReferences": [reference]}}


@case
async def a_deleted_object_is_named(api: Api) -> None:
    made = await api.made(api.deployments(), deployment())
    answer = await api.delete(api.deployments("web"), {"propagationPolicy": "Background"})
    assert answer.code == 200
    uid = made["metadata"]["uid"]
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {"name": "web", "group": "apps", "kind": "deployments", "uid": uid},
    }
    answer = await api.delete(api.deployments("web"))
    assert (answer.code, answer.message) == (404, 'deployments.apps "web" not found')


@case
async def a_custom_object_is_deleted_in_the_same_way(api: Api) -> None:
    analysis = {"interval": "1m", "threshold": 1, "iterations": 1}
    made = await api.made(api.canaries(), canary(analysis=analysis))
    uid = made["metadata"]["uid"]
    options = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": uid},
        "propagationPolicy": "Background",
    }
    answer = await api.delete(api.canaries("web"), options)
    assert (answer.code, answer.body["status"]) == (200, "Success")
    details = {"name": "web", "group": "flagger.app", "kind": "canaries", "uid": uid}
    assert answer.body["details"] == details
    assert (await api.get(api.canaries("web"))).code == 404


@case
async def deletion_has_preconditions(api: Api) -> None:
    made = await api.made(api.maps(), config_map())
    meta, path = made["metadata"], api.maps("settings")
    prefix = 'Operation cannot be fulfilled on ConfigMap "settings": '
    answer = await api.delete(path, {"preconditions": {"uid": "other"}})
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message == (
        f"{prefix}the UID in the precondition (other) does not match the UID in record "
        f"({meta['uid']}). The object might have been deleted and then recreated"
    )
    answer = await api.delete(path, {"preconditions": {"resourceVersion": "1"}})
    assert answer.message == (
        f"{prefix}the ResourceVersion in the precondition (1) does not match the ResourceVersion "
        f"in record ({meta['resourceVersion']}). The object might have been modified"
    )
    preconditions = {"uid": meta["uid"], "resourceVersion": meta["resourceVersion"]}
    assert (await api.delete(path, {"preconditions": preconditions})).code == 200


@case
async def unknown_policies_are_refused(api: Api) -> None:
    await api.made(api.maps(), config_map())
    answer = await api.delete(api.maps("settings"), {"propagationPolicy": "Sideways"})
    assert answer.code == 422
    assert answer.message == (
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: '
        '"Sideways": supported values: "Foreground", "Background", "Orphan", "nil"'
    )


@case
async def finalizers_hold_an_object(api: Api) -> None:
    body = {**config_map(), "metadata": {"name": "settings", "finalizers": ["x.example/wait"]}}
    made = await api.made(api.maps(), body)
    path = api.maps("settings")
    answer = await api.delete(path)
    assert (answer.code, answer.body["kind"]) == (200, "ConfigMap")
    assert answer.meta["deletionGracePeriodSeconds"] == 0
    assert answer.meta["deletionTimestamp"]
    again = await api.delete(path)
    assert again.meta["resourceVersion"] == answer.meta["resourceVersion"]
    refused = await api.patch("merge", path, {"metadata": {"finalizers": ["x.example/more"]}})
    assert (refused.code, refused.reason) == (422, "Invalid")
    assert refused.message == (
        'ConfigMap "settings" is invalid: metadata.finalizers: Forbidden: no new finalizers can be '
        'added if the object is being deleted, found new finalizers []string{"x.example/more"}'
    )
    answer = await api.patch("merge", path, {"metadata": {"finalizers": None}})
    assert (answer.code, answer.meta["uid"]) == (200, made["metadata"]["uid"])
    assert (await api.get(path)).code == 404


@case
async def dependents_follow_in_the_background(api: Api) -> None:
    owner = await api.made(api.maps(), config_map("owner"))
    await api.made(api.maps(), _owned("child", owner))
    assert (await api.delete(api.maps("owner"), {"propagationPolicy": "Background"})).code == 200
    assert (await api.get(api.maps("owner"))).code == 404
    await api.gone(api.maps(), "child")


@case
async def owners_wait_for_dependents_in_the_foreground(api: Api) -> None:
    owner = await api.made(api.maps(), config_map("owner"))
    held = _owned("child", owner, blockOwnerDeletion=True)
    held["metadata"]["finalizers"] = ["x.example/wait"]
    await api.made(api.maps(), held)
    answer = await api.delete(api.maps("owner"), {"propagationPolicy": "Foreground"})
    assert answer.meta["finalizers"] == ["foregroundDeletion"]
    assert answer.meta["deletionGracePeriodSeconds"] == 0
    query = {"fieldSelector": "metadata.name=child"}
    async with api.watch(api.maps(), **query) as watch:
        await watch.until(lambda event: "deletionTimestamp" in event["object"]["metadata"])
    assert (await api.get(api.maps("owner"))).code == 200
    await api.patch("merge", api.maps("child"), {"metadata": {"finalizers": None}})
    await api.gone(api.maps(), "child")
    await api.gone(api.maps(), "owner")


@case
async def orphans_stay_without_an_owner(api: Api) -> None:
    owner = await api.made(api.maps(), config_map("owner"))
    made = await api.made(api.maps(), _owned("child", owner))
    answer = await api.delete(api.maps("owner"), {"propagationPolicy": "Orphan"})
    assert answer.meta["finalizers"] == ["orphan"]
    await api.gone(api.maps(), "owner")
    found = await api.get(api.maps("child"))
    assert found.meta["uid"] == made["metadata"]["uid"]
    assert "ownerReferences" not in found.meta


@case
async def pods_on_a_node_get_time_to_end(api: Api) -> None:
    await api.made(api.path("pods"), pod("placed", nodeName="nowhere"))
    path = api.path("pods", "placed")
    answer = await api.delete(path)
    assert (answer.code, answer.body["kind"]) == (200, "Pod")
    assert answer.meta["deletionGracePeriodSeconds"] == 30
    answer = await api.delete(path, {"gracePeriodSeconds": 0})
    assert (answer.code, answer.meta["deletionGracePeriodSeconds"]) == (200, 0)
    assert (await api.get(path)).code == 404
    await api.made(api.path("pods"), pod("unplaced", schedulerName="nobody"))
    answer = await api.delete(api.path("pods", "unplaced"))
    assert (answer.code, answer.body["kind"]) == (200, "Pod")
    assert (await api.get(api.path("pods", "unplaced"))).code == 404


@case
async def namespaces_go_with_their_content(api: Api) -> None:
    name = f"doomed-{api.suffix}"
    path = f"/api/v1/namespaces/{name}"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    await api.made("/api/v1/namespaces", body)
    held = {**config_map(), "metadata": {"name": "held", "finalizers": ["x.example/wait"]}}
    await api.made(f"{path}/configmaps", held)
    answer = await api.delete(path)
    assert (answer.code, answer.body["status"]["phase"]) == (200, "Terminating")
    assert "deletionTimestamp" in answer.meta
    assert answer.body["spec"] == {"finalizers": ["kubernetes"]}
    answer = await api.post(f"{path}/configmaps", config_map("late"))
    assert (answer.code, answer.reason) == (403, "Forbidden")
    assert answer.message == (
        f'configmaps "late" is forbidden: unable to create new content in namespace {name} '
        "because it is being terminated"
    )
    causes = answer.body["details"]["causes"]
    assert [cause["reason"] for cause in causes] == ["NamespaceTerminating"]
    await api.patch("merge", f"{path}/configmaps/held", {"metadata": {"finalizers": None}})
    await api.gone("/api/v1/namespaces", name)


@case
async def dependents_that_let_go_of_their_owner_stay(api: Api) -> None:
    """The second owner's dependent stays with the first; the third has none any more."""
    first = await api.made(api.maps(), config_map("first"))
    owner = await api.made(api.maps(), config_map("owner"))
    shared = _owned("shared", owner)
    shared["metadata"]["ownerReferences"] += _owned("x", first)["metadata"]["ownerReferences"]
    await api.made(api.maps(), shared)
    await api.made(api.maps(), _owned("free", owner))
    operations = [{"op": "add", "path": "/metadata/ownerReferences", "value": []}]
    assert (await api.patch("json", api.maps("free"), operations)).code == 200
    await api.made(api.maps(), _owned("child", owner))
    assert (await api.delete(api.maps("owner"), {"propagationPolicy": "Background"})).code == 200
    await api.gone(api.maps(), "child")
    assert (await api.get(api.maps("free"))).code == 200
    assert (await api.get(api.maps("shared"))).code == 200
