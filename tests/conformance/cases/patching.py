"""JSON patch and merge patch."""

from __future__ import annotations

from typing import Any

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.cases.updating import MODIFIED
from tests.conformance.manifests import config_map, deployment

_REJECTED = "the server rejected our request due to an error in our request"


@case
async def json_patch_operations(api: Api) -> None:
    await api.made(api.maps(), config_map(a="1", b="2"))

    async def becomes(operations: list[Any], data: dict[str, str]) -> None:
        answer = await api.patch("json", api.maps("settings"), operations, dryRun="All")
        assert (answer.code, answer.body["data"]) == (200, data), operations

    await becomes([{"op": "add", "path": "/data/c", "value": "3"}], {"a": "1", "b": "2", "c": "3"})
    await becomes([{"op": "replace", "path": "/data/a", "value": "9"}], {"a": "9", "b": "2"})
    # The server's library takes an absent member for one that can be replaced.
    await becomes(
        [{"op": "replace", "path": "/data/c", "value": "9"}], {"a": "1", "b": "2", "c": "9"}
    )
    await becomes([{"op": "remove", "path": "/data/a"}], {"b": "2"})
    await becomes([{"op": "move", "from": "/data/a", "path": "/data/c"}], {"b": "2", "c": "1"})
    await becomes([{"op": "copy", "from": "/data/a", "path": "/data/b"}], {"a": "1", "b": "1"})
    await becomes(
        [
            {"op": "test", "path": "/data/a", "value": "1"},
            {"op": "test", "path": "/data/nope", "value": None},
        ],
        {"a": "1", "b": "2"},
    )


@case
async def operations_that_do_not_apply_are_not_explained(api: Api) -> None:
    await api.made(api.deployments(), deployment())
    for operation in (
        {"op": "test", "path": "/spec/replicas", "value": 7},
        {"op": "test", "path": "/spec/nope", "value": 7},
        {"op": "remove", "path": "/spec/nope"},
        {"op": "add", "path": "/spec/nope/deeper", "value": 1},
        {"op": "replace", "path": "/spec/template/spec/containers/9", "value": {}},
        {"op": "frob", "path": "/spec/replicas"},
        {"op": "add", "path": "spec", "value": 1},
    ):
        answer = await api.patch("json", api.deployments("web"), [operation])
        found = answer.code, answer.reason, answer.message
        assert found == (422, "Invalid", _REJECTED), operation


@case
async def a_patch_that_is_none(api: Api) -> None:
    await api.made(api.maps(), config_map())
    answer = await api.patch("json", api.maps("settings"), {"a": 1})
    text = "error decoding patch: json: cannot unmarshal object into Go value of type"
    assert (answer.code, answer.message) == (400, f"{text} []handlers.jsonPatchOp")
    answer = await api.send("PATCH", api.maps("settings"), {}, content_type="application/json")
    assert (answer.code, answer.reason) == (415, "UnsupportedMediaType")
    assert answer.message == "415: Unsupported Media Type"
    answer = await api.patch("merge", api.maps("settings"), {}, force="true")
    text = "force: Forbidden: may not be specified for non-apply patch"
    assert (answer.code, answer.message) == (422, f'PatchOptions.meta.k8s.io "" is invalid: {text}')


@case
async def merge_patch_removes_with_null_and_replaces_lists(api: Api) -> None:
    await api.made(api.maps(), config_map(a="1", b="2"))
    answer = await api.patch("merge", api.maps("settings"), {"data": {"a": None, "c": "3"}})
    assert (answer.code, answer.body["data"]) == (200, {"b": "2", "c": "3"})
    await api.made(api.deployments(), deployment())
    containers = [{"name": "other", "image": "other:1"}]
    patch = {"spec": {"template": {"spec": {"containers": containers}}}}
    answer = await api.patch("merge", api.deployments("web"), patch)
    found = answer.body["spec"]["template"]["spec"]["containers"]
    assert [one["name"] for one in found] == ["other"]


@case
async def guarded_json_patch(api: Api) -> None:
    """As the engine sends it: the uid tested, the version replaced by the one that was seen."""
    made = await api.made(api.maps(), config_map(a="1"))
    meta = made["metadata"]

    def guarded(uid: str, version: str, value: str) -> list[Any]:
        return [
            {"op": "test", "path": "/metadata/uid", "value": uid},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
            {"op": "replace", "path": "/data/a", "value": value},
        ]

    path = api.maps("settings")
    seen = meta["resourceVersion"]
    answer = await api.patch("json", path, guarded(meta["uid"], seen, "2"))
    assert (answer.code, answer.body["data"]) == (200, {"a": "2"})
    answer = await api.patch("json", path, guarded(meta["uid"], seen, "3"))
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message.endswith(MODIFIED)
    answer = await api.patch("json", path, guarded("other", seen, "3"))
    assert (answer.code, answer.message) == (422, _REJECTED)


@case
async def guarded_merge_patch(api: Api) -> None:
    made = await api.made(api.maps(), config_map(a="1"))
    path, uid = api.maps("settings"), made["metadata"]["uid"]
    version = made["metadata"]["resourceVersion"]
    patch = {"metadata": {"uid": uid, "resourceVersion": version}, "data": {"a": "2"}}
    assert (await api.patch("merge", path, patch)).code == 200
    for guards in ({"resourceVersion": "1"}, {"resourceVersion": "1", "uid": "other"}):
        answer = await api.patch("merge", path, {"metadata": guards, "data": {"a": "3"}})
        assert (answer.code, answer.reason) == (409, "Conflict"), guards
    answer = await api.patch("merge", path, {"metadata": {"uid": "other"}, "data": {"a": "3"}})
    text = 'metadata.uid: Invalid value: "other": field is immutable'
    assert (answer.code, answer.message) == (422, f'ConfigMap "settings" is invalid: {text}')


@case
async def absent_objects_are_not_patched(api: Api) -> None:
    for kind, body in (("merge", {}), ("strategic", {}), ("json", [])):
        answer = await api.patch(kind, api.maps("nope"), body)
        assert (answer.code, answer.message) == (404, 'configmaps "nope" not found')
