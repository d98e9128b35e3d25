"""Discovery and what else is no object."""

from __future__ import annotations

from canary.controller.schemas import declares
from canary.kube.transport import Request
from tests.conformance.api import Api
from tests.conformance.cases.registry import case


@case
async def the_version(api: Api) -> None:
    answer = await api.get("/version")
    assert answer.code == 200
    assert answer.body["major"] == "1" and answer.body["gitVersion"].startswith("v1.")


@case
async def groups_and_their_versions(api: Api) -> None:
    answer = await api.get("/api")
    assert (answer.body["kind"], answer.body["versions"]) == ("APIVersions", ["v1"])
    answer = await api.get("/apis")
    assert answer.body["kind"] == "APIGroupList"
    groups = {group["name"]: group for group in answer.body["groups"]}
    row = {"groupVersion": "apps/v1", "version": "v1"}
    assert groups["apps"] == {"name": "apps", "versions": [row], "preferredVersion": row}
    assert groups["flagger.app"]["preferredVersion"]["groupVersion"] == "flagger.app/v1beta1"
    answer = await api.get("/apis/apps")
    assert answer.body == {"kind": "APIGroup", "apiVersion": "v1", **groups["apps"]}
    answer = await api.get("/apis/nobody.example")
    assert answer.code == 404


@case
async def resources_of_a_version(api: Api) -> None:
    answer = await api.get("/apis/apps/v1")
    assert (answer.body["kind"], answer.body["groupVersion"]) == ("APIResourceList", "apps/v1")
    rows = {row["name"]: row for row in answer.body["resources"]}
    found = rows["deployments"]
    assert (found["singularName"], found["shortNames"]) == ("deployment", ["deploy"])
    assert (found["namespaced"], found["kind"]) == (True, "Deployment")
    assert found["categories"] == ["all"]
    verbs = {"create", "delete", "get", "list", "patch", "update", "watch"}
    assert verbs <= set(found["verbs"])
    scale = rows["deployments/scale"]
    assert (scale["group"], scale["version"], scale["kind"]) == ("autoscaling", "v1", "Scale")
    assert rows["deployments/status"]["verbs"] == ["get", "patch", "update"]
    core = {row["name"]: row for row in (await api.get("/api/v1")).body["resources"]}
    assert (core["namespaces"]["namespaced"], core["namespaces"]["shortNames"]) == (False, ["ns"])


@case
async def an_object_of_no_known_kind(api: Api) -> None:
    answer = await api.get(api.path("nonsense", "web"))
    text = "the server could not find the requested resource"
    assert (answer.code, answer.reason, answer.message) == (404, "NotFound", text)


@case
async def resources_of_custom_kinds(api: Api) -> None:
    answer = await api.get("/apis/flagger.app/v1beta1")
    rows = {row["name"]: row for row in answer.body["resources"]}
    found = rows["canaries"]
    assert (found["singularName"], found["kind"]) == ("canary", "Canary")
    assert found["categories"] == ["all"]
    assert set(rows["canaries/status"]["verbs"]) == {"get", "patch", "update"}


@case
async def access_reviews(api: Api) -> None:
    attributes = {"verb": "list", "group": "apps", "resource": "deployments"}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = await api.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
    assert (answer.code, answer.body["status"]["allowed"]) == (201, True)


@case
async def openapi_says_that_fields_are_validated(api: Api) -> None:
    """By this kubectl decides to leave validation to the server."""
    index = (await api.get("/openapi/v3")).body["paths"]
    for name, kind in (
        ("api/v1", "ConfigMap"),
        ("apis/apps/v1", "Deployment"),
        ("apis/flagger.app/v1beta1", "Canary"),
    ):
        path, _, query = index[name]["serverRelativeURL"].partition("?")
        key, _, value = query.partition("=")
        document = (await api.get(path, **{key: value})).body
        patches = [
            operations["patch"]
            for operations in document["paths"].values()
            if "patch" in operations
            and operations["patch"]["x-kubernetes-group-version-kind"]["kind"] == kind
        ]
        assert patches
        for operation in patches:
            parameters = operation.get("parameters") or ()
            assert "fieldValidation" in {one["name"] for one in parameters}


@case
async def openapi_version_2_is_there_for_old_clients(api: Api) -> None:
    """A kubectl before 1.29 asks for it in protobuf, and applies nothing without it."""
    accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
    # A real API server makes it when it is asked, of hundreds of kinds.
    answer = await api.transport.request(Request("GET", "/openapi/v2", accept=accept, timeout=90))
    assert answer.status == 200
    assert answer.headers["content-type"].endswith("+protobuf")
    # Field 1, a text of three bytes: the version of the format. Field 2: about the API.
    assert answer.body.startswith(b"\x0a\x032.0\x12")
    assert b"Kubernetes" in answer.body[:40]


@case
async def openapi_has_what_merging_needs(api: Api) -> None:
    index = (await api.get("/openapi/v3")).body["paths"]
    path, _, query = index["apis/apps/v1"]["serverRelativeURL"].partition("?")
    key, _, value = query.partition("=")
    schemas = (await api.get(path, **{key: value})).body["components"]["schemas"]
    containers = schemas["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"]
    assert containers["x-kubernetes-patch-merge-key"] == "name"
    assert containers["x-kubernetes-patch-strategy"] == "merge"
    assert containers["x-kubernetes-list-map-keys"] == ["name"]


@case
async def openapi_has_the_fields_of_a_custom_kind(api: Api) -> None:
    """By these the engine knows what an older CRD lacks."""
    document = (await api.get("/openapi/v3/apis/flagger.app/v1beta1")).body
    row = {"group": "flagger.app", "version": "v1beta1", "kind": "Canary"}
    schemas = document["components"]["schemas"].values()
    (schema,) = [s for s in schemas if row in s.get("x-kubernetes-group-version-kind", ())]
    assert declares(schema, "spec.analysis.webhooks[].url")
    assert not declares(schema, "spec.analysis.webhooks[].other")
    assert not declares(schema, "spec.analysis.other.url")
    assert declares(schema, "status.engine.whatever")
