"""Getting and listing."""

from __future__ import annotations

from canary.kube.transport import METADATA_ONLY, METADATA_ONLY_LIST
from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.manifests import canary, config_map, deployment, event, pod


@case
async def an_object_says_its_kind_but_items_of_typed_lists_do_not(api: Api) -> None:
    await api.made(api.maps(), config_map(a="1"))
    one = await api.get(api.maps("settings"))
    assert (one.code, one.body["kind"], one.body["apiVersion"]) == (200, "ConfigMap", "v1")
    found = await api.get(api.maps())
    assert (found.body["kind"], found.body["apiVersion"]) == ("ConfigMapList", "v1")
    assert [item["data"] for item in found.body["items"]] == [{"a": "1"}]
    assert not {"kind", "apiVersion"} & set(found.body["items"][0])
    assert int(found.meta["resourceVersion"]) >= int(one.meta["resourceVersion"])


@case
async def items_of_custom_lists_say_their_kind(api: Api) -> None:
    spec = {"analysis": {"interval": "1m", "threshold": 1, "iterations": 1}}
    await api.made(api.canaries(), canary(**spec))
    found = await api.get(api.canaries())
    assert found.body["kind"] == "CanaryList"
    assert [item["kind"] for item in found.body["items"]] == ["Canary"]


@case
async def absent_objects_are_named_with_group_and_plural(api: Api) -> None:
    answer = await api.get(api.deployments("nope"))
    assert answer.code == 404
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'deployments.apps "nope" not found',
        "reason": "NotFound",
        "details": {"name": "nope", "group": "apps", "kind": "deployments"},
        "code": 404,
    }
    answer = await api.get(api.maps("nope"))
    assert answer.body["details"] == {"name": "nope", "kind": "configmaps"}


@case
async def collections_of_absent_namespaces_are_empty(api: Api) -> None:
    answer = await api.get("/apis/apps/v1/namespaces/nowhere/deployments")
    assert (answer.code, answer.body["items"]) == (200, [])


@case
async def unknown_resources_and_groups_differ(api: Api) -> None:
    answer = await api.get("/apis/apps/v1/frobs")
    text = "the server could not find the requested resource"
    assert (answer.code, answer.reason, answer.message) == (404, "NotFound", text)
    for path in ("frobs", "namespaces/default/frobs", "namespaces/default/frobs/one"):
        answer = await api.get(f"/apis/nobody.example/v1/{path}")
        assert (answer.code, answer.body) == (404, {"text": "404 page not found\n"})
    answer = await api.get(api.maps("settings/scale"))
    assert (answer.code, answer.message) == (404, text)
    answer = await api.get(api.deployments("a/b/c"))
    assert (answer.code, answer.message) == (404, text)


@case
async def lists_come_in_pages_of_one_version(api: Api) -> None:
    for name in ("a", "b", "c"):
        await api.made(api.maps(), config_map(name))
    first = await api.get(api.maps(), limit="2")
    assert [item["metadata"]["name"] for item in first.body["items"]] == ["a", "b"]
    assert first.meta["remainingItemCount"] == 1
    rest = await api.get(api.maps(), limit="2", **{"continue": first.meta["continue"]})
    assert [item["metadata"]["name"] for item in rest.body["items"]] == ["c"]
    assert "continue" not in rest.meta
    assert rest.meta["resourceVersion"] == first.meta["resourceVersion"]


@case
async def a_broken_continue_token_is_a_bad_request(api: Api) -> None:
    answer = await api.get(api.maps(), limit="1", **{"continue": "zz"})
    assert (answer.code, answer.reason) == (400, "BadRequest")
    assert answer.message.startswith("invalid continue token: continue key is not valid")


@case
async def labels_select(api: Api) -> None:
    for name, labels in (("a", {"x": "1"}), ("b", {"x": "2"}), ("c", {})):
        body = config_map(name)
        await api.made(api.maps(), {**body, "metadata": {"name": name, "labels": labels}})
    expected = {
        "x=1": ["a"],
        "x==2": ["b"],
        "x!=1": ["b", "c"],
        "x": ["a", "b"],
        "!x": ["c"],
        "x in (1,2)": ["a", "b"],
        "x notin (1)": ["b", "c"],
        "x,x!=2": ["a"],
    }
    for selector, names in expected.items():
        found = await api.get(api.maps(), labelSelector=selector)
        got = [item["metadata"]["name"] for item in found.body["items"]]
        assert got == names, selector


@case
async def fields_select_by_name_and_by_what_a_kind_offers(api: Api) -> None:
    one = await api.made(api.maps(), config_map("a"))
    await api.made(api.maps(), config_map("b"))
    about = {**one, "kind": "ConfigMap", "apiVersion": "v1"}
    await api.made(api.path("events"), event("e1", about))
    await api.made(api.path("pods"), pod("p1", nodeName="n1"))
    await api.made(api.path("pods"), pod("p2", schedulerName="nobody"))
    uid = one["metadata"]["uid"]
    expected = [
        (api.maps(), "metadata.name=a", ["a"]),
        (api.maps(), "metadata.name!=a,metadata.name!=kube-root-ca.crt", ["b"]),
        (api.path("events"), f"involvedObject.uid={uid},type=Normal", ["e1"]),
        (api.path("events"), "involvedObject.name=a,involvedObject.kind=ConfigMap", ["e1"]),
        (api.path("events"), "involvedObject.name=b", []),
        (api.path("pods"), "spec.nodeName=n1", ["p1"]),
        (api.path("pods"), "status.phase=Pending,spec.nodeName=", ["p2"]),
    ]
    for path, selector, names in expected:
        found = await api.get(path, fieldSelector=selector)
        assert [item["metadata"]["name"] for item in found.body["items"]] == names, selector


@case
async def unknown_fields_do_not_select(api: Api) -> None:
    answer = await api.get(api.deployments(), fieldSelector="spec.replicas=1")
    known = 'only "metadata.name", "metadata.namespace"'
    assert answer.code == 400
    assert answer.message == f'"spec.replicas" is not a known field selector: {known}'
    for path in (api.canaries(), api.path("events")):
        answer = await api.get(path, fieldSelector="spec.x=1")
        assert (answer.code, answer.message) == (400, "field label not supported: spec.x")
    answer = await api.get(api.maps(), fieldSelector="nonsense")
    text = "invalid selector: 'nonsense'; can't understand 'nonsense'"
    assert (answer.code, answer.message) == (400, text)


@case
async def metadata_alone_can_be_asked_for(api: Api) -> None:
    await api.made(api.deployments(), deployment())
    one = await api.send("GET", api.deployments("web"), accept=METADATA_ONLY)
    assert set(one.body) == {"kind", "apiVersion", "metadata"}
    assert (one.body["kind"], one.body["apiVersion"]) == ("PartialObjectMetadata", "meta.k8s.io/v1")
    found = await api.send("GET", api.deployments(), accept=METADATA_ONLY_LIST)
    assert found.body["kind"] == "PartialObjectMetadataList"
    assert [set(item) for item in found.body["items"]] == [{"kind", "apiVersion", "metadata"}]


@case
async def nothing_but_known_representations_is_served(api: Api) -> None:
    answer = await api.send("GET", api.maps(), accept="text/html")
    assert (answer.code, answer.reason) == (406, "NotAcceptable")
    answer = await api.send("GET", api.maps(), accept="text/html,application/json")
    assert answer.code == 200


@case
async def lists_may_be_as_old_as_the_server_likes(api: Api) -> None:
    await api.made(api.maps(), config_map())
    latest = await api.get(api.maps(), fieldSelector="metadata.name=settings")
    found = await api.get(
        api.maps(),
        fieldSelector="metadata.name=settings",
        resourceVersion=latest.meta["resourceVersion"],
        resourceVersionMatch="NotOlderThan",
    )
    assert [item["metadata"]["name"] for item in found.body["items"]] == ["settings"]
    assert (await api.get(api.maps(), resourceVersion="0")).code == 200


@case
async def the_status_of_an_object_is_the_object(api: Api) -> None:
    made = await api.made(api.deployments(), deployment())
    found = await api.get(api.deployments("web/status"))
    assert (found.code, found.body["kind"]) == (200, "Deployment")
    assert found.meta["uid"] == made["metadata"]["uid"]
    assert found.body["spec"] == made["spec"]
