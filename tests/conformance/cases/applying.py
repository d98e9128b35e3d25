"""Server-side apply: ownership, conflicts, pruning."""

from __future__ import annotations

from typing import Any

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.cases.updating import MODIFIED
from tests.conformance.manifests import config_map, deployment

_TYPED = "failed to create typed patch object "


def _owners(meta: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{row['manager']}/{row['operation']}": row["fieldsV1"] for row in meta["managedFields"]
    }


@case
async def apply_creates_then_changes_nothing(api: Api) -> None:
    first = await api.apply(api.maps("settings"), config_map(a="1", b="2"), "one")
    assert first.code == 201
    assert _owners(first.meta) == {"one/Apply": {"f:data": {"f:a": {}, "f:b": {}}}}
    again = await api.apply(api.maps("settings"), config_map(a="1", b="2"), "one")
    assert again.code == 200
    assert again.meta["resourceVersion"] == first.meta["resourceVersion"]


@case
async def what_is_applied_no_more_is_pruned(api: Api) -> None:
    await api.apply(api.maps("settings"), config_map(a="1", b="2"), "one")
    answer = await api.apply(api.maps("settings"), config_map(a="1"), "one")
    assert (answer.code, answer.body["data"]) == (200, {"a": "1"})
    await api.patch("merge", api.maps("settings"), {"data": {"c": "3"}}, fieldManager="edit")
    answer = await api.apply(api.maps("settings"), config_map(a="1"), "one")
    assert answer.body["data"] == {"a": "1", "c": "3"}


@case
async def others_values_are_conflicts(api: Api) -> None:
    path = api.maps("settings")
    await api.apply(path, config_map(a="1", b="2"), "one")
    answer = await api.apply(path, config_map(a="2"), "two")
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message == 'Apply failed with 1 conflict: conflict with "one": .data.a'
    cause = {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "one"',
        "field": ".data.a",
    }
    assert answer.body["details"] == {"causes": [cause]}
    answer = await api.apply(path, config_map(a="2", b="3"), "two")
    text = 'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b'
    assert answer.message == text
    same = await api.apply(path, config_map(a="1"), "two")
    assert same.code == 200
    fields = {"f:data": {"f:a": {}, "f:b": {}}}
    assert _owners(same.meta) == {"one/Apply": fields, "two/Apply": {"f:data": {"f:a": {}}}}


@case
async def updaters_are_named_with_their_version(api: Api) -> None:
    await api.made(api.deployments(), deployment(), fieldManager="creator")
    answer = await api.apply(api.deployments("web"), deployment(replicas=2), "one")
    assert answer.code == 409
    text = 'Apply failed with 1 conflict: conflict with "creator" using apps/v1: .spec.replicas'
    assert answer.message == text


@case
async def force_takes_fields_over(api: Api) -> None:
    path = api.maps("settings")
    await api.apply(path, config_map(a="1", b="2"), "one")
    answer = await api.apply(path, config_map(a="2"), "two", force="true")
    assert (answer.code, answer.body["data"]) == (200, {"a": "2", "b": "2"})
    assert _owners(answer.meta) == {
        "one/Apply": {"f:data": {"f:b": {}}},
        "two/Apply": {"f:data": {"f:a": {}}},
    }


@case
async def updates_take_fields_without_asking(api: Api) -> None:
    path = api.maps("settings")
    await api.apply(path, config_map(a="1"), "one")
    answer = await api.patch("merge", path, {"data": {"a": "9"}}, fieldManager="edit")
    assert answer.code == 200
    assert _owners(answer.meta)["edit/Update"] == {"f:data": {"f:a": {}}}
    answer = await api.apply(path, config_map(a="1"), "one")
    text = 'Apply failed with 1 conflict: conflict with "edit" using v1: .data.a'
    assert (answer.code, answer.message) == (409, text)


@case
async def items_of_lists_are_owned_by_their_keys(api: Api) -> None:
    body = deployment()
    applied = await api.apply(api.deployments("web"), body, "one")
    assert applied.code == 201
    other = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": [{"name": "side", "image": "side:1"}]}}},
    }
    answer = await api.apply(api.deployments("web"), other, "two")
    assert answer.code == 200, answer.body
    names = [one["name"] for one in answer.body["spec"]["template"]["spec"]["containers"]]
    assert names == ["app", "side"]
    path = 'spec.template.spec.containers[name="app"].image'
    body["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2.0.0"
    answer = await api.apply(api.deployments("web"), body, "two")
    assert answer.code == 409 and f'"one": .{path}' in answer.message.replace(":\n- ", ": ")


@case
async def guarded_apply(api: Api) -> None:
    """As the engine sends it: with the uid and the version that it saw."""
    path = api.maps("settings")
    made = await api.made(api.maps(), config_map(a="1"))
    uid, version = made["metadata"]["uid"], made["metadata"]["resourceVersion"]

    async def applied(value: str, **guards: str) -> Any:
        body = {**config_map(b=value), "metadata": {"name": "settings", **guards}}
        return await api.apply(path, body, "engine", force="true")

    answer = await applied("1", uid=uid, resourceVersion=version)
    assert (answer.code, answer.body["data"]) == (200, {"a": "1", "b": "1"})
    for guards in ({"uid": uid}, {"uid": "other"}):
        answer = await applied("2", resourceVersion=version, **guards)
        assert (answer.code, answer.reason) == (409, "Conflict"), guards
        assert answer.message.endswith(MODIFIED)
    answer = await applied("2", uid="other")
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert 'metadata.uid: Invalid value: "other": field is immutable' in answer.message


@case
async def apply_does_not_bring_back_what_is_gone(api: Api) -> None:
    body = {**config_map(), "metadata": {"name": "settings", "uid": "gone"}}
    answer = await api.apply(api.maps("settings"), body, "engine")
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message == (
        'Operation cannot be fulfilled on configmaps "settings": uid mismatch: the provided '
        "object specified uid gone, and no existing object was found"
    )


@case
async def configurations_have_to_fit_their_type(api: Api) -> None:
    async def refused(path: str, body: dict[str, Any], text: str) -> None:
        answer = await api.apply(path, body, "one")
        assert (answer.code, answer.message) == (500, text)

    path, what = api.deployments("web"), f"{_TYPED}(/web; apps/v1, Kind=Deployment): "
    await refused(path, deployment(foo=1), f"{what}.spec.foo: field not declared in schema")
    text = f"{what}.spec.replicas: expected numeric (int or float), got string"
    await refused(path, deployment(replicas="x"), text)
    body = deployment()
    body["spec"]["template"]["spec"]["containers"][0]["bar"] = 1
    container = '.spec.template.spec.containers[name="app"]'
    await refused(path, body, f"{what}{container}.bar: field not declared in schema")


@case
async def apply_needs_a_manager_a_kind_and_the_right_name(api: Api) -> None:
    path = api.maps("settings")
    answer = await api.patch("apply", path, config_map())
    text = "fieldManager: Required value: is required for apply patch"
    assert (answer.code, answer.message) == (422, f'PatchOptions.meta.k8s.io "" is invalid: {text}')
    answer = await api.apply(path, {"metadata": {"name": "settings"}}, "one")
    assert (answer.code, answer.message) == (400, "invalid object type: /, Kind=")
    answer = await api.apply(path, {**config_map(), "kind": "Frob"}, "one")
    assert answer.code == 400 and answer.message.endswith("v1, Kind=Frob")
    answer = await api.apply(path, config_map("other"), "one")
    text = "the name of the object (other) does not match the name on the URL (settings)"
    assert (answer.code, answer.message) == (400, text)
    body = {**config_map(), "metadata": {"name": "settings", "managedFields": [{}]}}
    answer = await api.apply(path, body, "one")
    assert (answer.code, answer.message) == (400, "metadata.managedFields must be nil")


@case
async def apply_takes_yaml(api: Api) -> None:
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: 'yes'}\n"
    answer = await api.apply(api.maps("settings"), body, "one")
    assert (answer.code, answer.body["data"]) == (201, {"a": "yes"})
    answer = await api.apply(api.maps("settings"), b"a: [", "one")
    assert answer.code == 400 and answer.message.startswith("error decoding YAML: ")
