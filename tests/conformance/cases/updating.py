"""Replacing objects: versions, identities, what doesn't change."""

from __future__ import annotations

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.manifests import config_map, deployment, service

MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


@case
async def an_update_gives_a_new_version_and_the_same_update_none(api: Api) -> None:
    made = await api.made(api.maps(), config_map(a="1"))
    body = {**made, "data": {"a": "2"}}
    changed = await api.put(api.maps("settings"), body, fieldManager="editor")
    assert (changed.code, changed.body["data"]) == (200, {"a": "2"})
    version = changed.meta["resourceVersion"]
    assert int(version) > int(made["metadata"]["resourceVersion"])
    assert changed.meta["uid"] == made["metadata"]["uid"]
    assert changed.meta["managedFields"][-1]["manager"] == "editor"
    again = await api.put(api.maps("settings"), changed.body)
    assert (again.code, again.meta["resourceVersion"]) == (200, version)


@case
async def an_old_version_is_a_conflict(api: Api) -> None:
    made = await api.made(api.maps(), config_map(a="1"))
    await api.put(api.maps("settings"), {**made, "data": {"a": "2"}})
    answer = await api.put(api.maps("settings"), {**made, "data": {"a": "3"}})
    assert (answer.code, answer.reason) == (409, "Conflict")
    prefix = 'Operation cannot be fulfilled on configmaps "settings": '
    assert answer.message == prefix + MODIFIED
    assert answer.body["details"] == {"name": "settings", "kind": "configmaps"}


@case
async def no_version_is_last_write_wins_for_typed_kinds(api: Api) -> None:
    await api.made(api.maps(), config_map(a="1"))
    answer = await api.put(api.maps("settings"), config_map(a="2"))
    assert (answer.code, answer.body["data"]) == (200, {"a": "2"})


@case
async def another_uid_is_a_conflict(api: Api) -> None:
    made = await api.made(api.maps(), config_map())
    uid = made["metadata"]["uid"]
    body = {**made, "metadata": {**made["metadata"], "uid": "other"}}
    answer = await api.put(api.maps("settings"), body)
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message == (
        'Operation cannot be fulfilled on configmaps "settings": StorageError: invalid object, '
        f"Code: 4, Key: /registry/configmaps/{api.namespace}/settings, ResourceVersion: 0, "
        "AdditionalErrorMsg: Precondition failed: UID in precondition: other, "
        f"UID in object meta: {uid}"
    )


@case
async def absent_objects_are_not_made_by_updates(api: Api) -> None:
    answer = await api.put(api.maps("settings"), config_map())
    assert (answer.code, answer.message) == (404, 'configmaps "settings" not found')


@case
async def generation_counts_changes_of_the_spec_alone(api: Api) -> None:
    made = await api.made(api.deployments(), deployment())
    path = api.deployments("web")
    one = await api.patch("merge", path, {"metadata": {"labels": {"a": "b"}}})
    assert (one.code, one.meta["generation"]) == (200, 1)
    two = await api.patch("merge", path, {"spec": {"minReadySeconds": 1}})
    assert two.meta["generation"] == 2
    three = await api.patch("merge", f"{path}/status", {"status": {"collisionCount": 3}})
    assert (three.code, three.meta["generation"]) == (200, 2)
    assert made["metadata"]["generation"] == 1


@case
async def status_and_the_rest_are_written_apart(api: Api) -> None:
    await api.made(api.deployments(), {**deployment(), "status": {"collisionCount": 7}})
    path = api.deployments("web")
    patch = {"spec": {"minReadySeconds": 5}, "status": {"collisionCount": 3}}
    answer = await api.patch("merge", f"{path}/status", patch)
    assert answer.body["spec"].get("minReadySeconds", 0) == 0
    assert answer.body["status"]["collisionCount"] == 3
    answer = await api.patch("merge", path, {"status": {"collisionCount": 4}})
    assert answer.body["status"]["collisionCount"] == 3
    patch = {"metadata": {"annotations": {"a": "b"}}, "status": {"collisionCount": 5}}
    answer = await api.patch("merge", f"{path}/status", patch)
    assert answer.meta["annotations"]["a"] == "b"


@case
async def what_the_server_sets_cannot_be_set(api: Api) -> None:
    meta = {"name": "settings", "uid": "mine", "creationTimestamp": "2001-01-01T00:00:00Z"}
    made = await api.made(api.maps(), {**config_map(), "metadata": {**meta, "generation": 7}})
    found = made["metadata"]
    assert found["uid"] != "mine" and not found["creationTimestamp"].startswith("2001")
    body = {**made, "metadata": {**found, "creationTimestamp": "2001-01-01T00:00:00Z"}}
    answer = await api.put(api.maps("settings"), body)
    assert answer.meta["creationTimestamp"] == found["creationTimestamp"]


@case
async def selectors_and_addresses_stay(api: Api) -> None:
    await api.made(api.deployments(), deployment())
    patch = {"spec": {"selector": {"matchLabels": {"app": "other"}}}}
    answer = await api.patch("merge", api.deployments("web"), patch)
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert "spec.selector: Invalid value: " in answer.message
    assert answer.message.endswith("field is immutable]")
    made = await api.made(api.path("services"), service())
    answer = await api.patch(
        "merge", api.path("services", "web"), {"spec": {"clusterIP": "10.96.255.254"}}
    )
    text = 'spec.clusterIPs[0]: Invalid value: ["10.96.255.254"]: may not change once set'
    assert (answer.code, answer.message) == (422, f'Service "web" is invalid: {text}')
    answer = await api.put(api.path("services", "web"), service())
    assert (answer.code, answer.body["spec"]["clusterIP"]) == (200, made["spec"]["clusterIP"])


@case
async def immutable_data_stays(api: Api) -> None:
    await api.made(api.maps(), {**config_map(a="1"), "immutable": True})
    answer = await api.patch("merge", api.maps("settings"), {"data": {"a": "2"}})
    text = "data: Forbidden: field is immutable when `immutable` is set"
    assert (answer.code, answer.message) == (422, f'ConfigMap "settings" is invalid: {text}')
    revision = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": "r"},
        "revision": 1,
        "data": {"spec": {"a": 1}},
    }
    path = api.path("controllerrevisions", group="apps")
    await api.made(path, revision)
    answer = await api.patch("merge", f"{path}/r", {"data": {"spec": {"a": 2}}})
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert "data: Invalid value: " in answer.message and "field is immutable" in answer.message


@case
async def a_dry_run_answers_and_stores_nothing(api: Api) -> None:
    made = await api.made(api.maps(), config_map(a="1"))
    path = api.maps("settings")
    answer = await api.put(path, {**made, "data": {"a": "2"}}, dryRun="All")
    assert (answer.code, answer.body["data"]) == (200, {"a": "2"})
    answer = await api.patch("merge", path, {"data": {"a": "3"}}, dryRun="All")
    assert answer.body["data"] == {"a": "3"}
    answer = await api.apply(path, config_map(b="1"), "m", dryRun="All")
    assert answer.body["data"] == {"a": "1", "b": "1"}
    assert (await api.delete(path, dryRun="All")).code == 200
    found = await api.get(path)
    assert found.body["data"] == {"a": "1"}
    assert found.meta["resourceVersion"] == made["metadata"]["resourceVersion"]
