"""What ``managedFields`` say after creations, updates and writes to subresources."""

from __future__ import annotations

from typing import Any

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.manifests import config_map, deployment, service


def _rows(meta: dict[str, Any], manager: str) -> list[tuple[str, str, Any]]:
    return [
        (row["operation"], row.get("subresource", ""), row["fieldsV1"])
        for row in meta["managedFields"]
        if row["manager"] == manager
    ]


@case
async def a_creator_owns_what_is_there_then_with_defaults(api: Api) -> None:
    made = await api.made(api.deployments(), deployment(), fieldManager="creator")
    container = {
        ".": {},
        "f:image": {},
        "f:imagePullPolicy": {},
        "f:name": {},
        "f:resources": {},
        "f:terminationMessagePath": {},
        "f:terminationMessagePolicy": {},
    }
    spec = {
        "f:containers": {'k:{"name":"app"}': container},
        "f:dnsPolicy": {},
        "f:restartPolicy": {},
        "f:schedulerName": {},
        "f:securityContext": {},
        "f:terminationGracePeriodSeconds": {},
    }
    rolling = {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}}
    fields = {
        "f:spec": {
            "f:progressDeadlineSeconds": {},
            "f:replicas": {},
            "f:revisionHistoryLimit": {},
            "f:selector": {},
            "f:strategy": {"f:rollingUpdate": rolling, "f:type": {}},
            "f:template": {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": spec},
        }
    }
    assert _rows(made["metadata"], "creator") == [("Update", "", fields)]


@case
async def what_the_server_allocates_belongs_to_nobody(api: Api) -> None:
    made = await api.made(api.path("services"), service(), fieldManager="creator")
    (row,) = _rows(made["metadata"], "creator")
    port = {".": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {}}
    assert row[2]["f:spec"] == {
        "f:internalTrafficPolicy": {},
        "f:ports": {".": {}, 'k:{"port":80,"protocol":"TCP"}': port},
        "f:selector": {},
        "f:sessionAffinity": {},
        "f:type": {},
    }


@case
async def an_updater_takes_what_it_changes(api: Api) -> None:
    await api.made(api.maps(), config_map(a="1", b="2"), fieldManager="creator")
    patch = {"metadata": {"labels": {"x": "y"}}, "data": {"a": "9"}}
    changed = await api.patch("merge", api.maps("settings"), patch, fieldManager="edit")
    creator = {"f:data": {".": {}, "f:b": {}}}
    assert _rows(changed.meta, "creator") == [("Update", "", creator)]
    labels = {"f:metadata": {"f:labels": {".": {}, "f:x": {}}}}
    assert _rows(changed.meta, "edit") == [("Update", "", {"f:data": {"f:a": {}}, **labels})]


@case
async def subresources_are_told_apart(api: Api) -> None:
    await api.made(api.deployments(), deployment(), fieldManager="one")
    path = api.deployments("web")
    patch = {"status": {"collisionCount": 1}}
    await api.patch("merge", f"{path}/status", patch, fieldManager="one")
    scale = {"metadata": {"name": "web"}, "spec": {"replicas": 2}}
    await api.put(f"{path}/scale", scale, fieldManager="one")
    found = (await api.get(path)).meta
    rows = {subresource: fields for _, subresource, fields in _rows(found, "one")}
    assert rows["status"] == {"f:status": {"f:collisionCount": {}}}
    assert rows["scale"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in rows[""]["f:spec"]


@case
async def opaque_data_is_owned_as_a_whole(api: Api) -> None:
    body = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": "r"},
        "revision": 1,
        "data": {"spec": {"a": {"b": 1}}},
    }
    path = api.path("controllerrevisions", group="apps")
    made = await api.made(path, body, fieldManager="one")
    fields = {"f:data": {}, "f:revision": {}}
    assert _rows(made["metadata"], "one") == [("Update", "", fields)]
    answer = await api.apply(f"{path}/s", {**body, "metadata": {"name": "s"}}, "one")
    assert _rows(answer.meta, "one") == [("Apply", "", fields)]
