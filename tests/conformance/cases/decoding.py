"""What becomes of bodies that aren't as they should be."""

from __future__ import annotations

from typing import Any

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.manifests import config_map, deployment

_UNREADABLE = 'Deployment in version "v1" cannot be handled as a Deployment: '


@case
async def values_of_the_wrong_type_are_named_as_the_decoder_does(api: Api) -> None:
    async def refused(body: Any, text: str) -> None:
        answer = await api.post(api.deployments(), body)
        assert (answer.code, answer.reason) == (400, "BadRequest")
        assert answer.message == f"{_UNREADABLE}json: cannot unmarshal {text}"

    field = "Go struct field"
    await refused(
        deployment(replicas="x"), f"string into {field} DeploymentSpec.spec.replicas of type int32"
    )
    await refused(
        {**deployment(), "spec": 7},
        f"number into {field} Deployment.spec of type v1.DeploymentSpec",
    )
    body = deployment()
    pod = body["spec"]["template"]["spec"]
    pod["containers"][0]["image"] = 7
    where = "spec.template.spec.containers"
    await refused(body, f"number into {field} Container.{where}.image of type string")
    pod["containers"] = [{"name": "a", "image": "b", "ports": [{"containerPort": "x"}]}]
    port = f"ContainerPort.{where}.ports.containerPort"
    await refused(body, f"string into {field} {port} of type int32")
    pod["containers"] = {"a": 1}
    await refused(body, f"object into {field} PodSpec.{where} of type []v1.Container")


@case
async def values_of_maps_are_checked_too(api: Api) -> None:
    prefix = 'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal'
    answer = await api.post(api.maps(), {**config_map(), "data": {"a": 1}})
    assert answer.message == f"{prefix} number into Go struct field ConfigMap.data of type string"
    answer = await api.post(api.maps(), {**config_map(), "data": [1]})
    field = "Go struct field ConfigMap.data of type map[string]string"
    assert answer.message == f"{prefix} array into {field}"
    answer = await api.post(api.maps(), {**config_map(), "metadata": "x"})
    field = "Go struct field ConfigMap.metadata of type v1.ObjectMeta"
    assert answer.message == f"{prefix} string into {field}"


@case
async def unknown_fields_are_dropped_or_refused_as_the_client_wants(api: Api) -> None:
    body = deployment()
    body["spec"]["template"]["spec"]["containers"][0]["bar"] = 1
    body["spec"]["foo"] = 1
    answer = await api.post(api.deployments(), body, fieldValidation="Strict")
    container = 'unknown field "spec.template.spec.containers[0].bar"'
    problem = f'strict decoding error: {container}, unknown field "spec.foo"'
    assert (answer.code, answer.message) == (400, _UNREADABLE + problem)
    body["metadata"]["zzz"] = 1
    answer = await api.post(api.deployments(), body, fieldValidation="Ignore")
    assert answer.code == 201
    assert "foo" not in answer.body["spec"] and "zzz" not in answer.meta
    assert "bar" not in answer.body["spec"]["template"]["spec"]["containers"][0]


@case
async def patches_are_held_to_the_same(api: Api) -> None:
    await api.made(api.deployments(), deployment())
    path = api.deployments("web")
    answer = await api.patch("merge", path, {"spec": {"nope": 1}}, fieldValidation="Strict")
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert answer.message.startswith(' "" is invalid: patch: Invalid value: "{')
    assert answer.message.endswith('strict decoding error: unknown field "spec.nope"')
    assert [cause["field"] for cause in answer.body["details"]["causes"]] == ["patch"]
    answer = await api.patch("merge", path, {"spec": {"nope": 1}}, fieldValidation="Ignore")
    assert (answer.code, "nope" in answer.body["spec"]) == (200, False)
    answer = await api.patch("merge", path, {"spec": {"replicas": "x"}})
    text = "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas"
    assert answer.code == 422 and answer.message.endswith(f"{text} of type int32")


@case
async def unknown_options_are_refused(api: Api) -> None:
    answer = await api.post(api.maps(), config_map(), fieldValidation="Bogus")
    assert answer.code == 422
    assert answer.message == (
        'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Bogus": '
        'supported values: "", "Ignore", "Strict", "Warn"'
    )
    answer = await api.post(api.maps(), config_map(), dryRun="Some")
    assert answer.code == 422
    assert answer.message == (
        'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: '
        'supported values: "All"'
    )


@case
async def an_object_has_to_be_of_the_kind_that_its_url_says(api: Api) -> None:
    answer = await api.post(api.deployments(), {**deployment(), "kind": "Frob"})
    text = 'Frob in version "v1" cannot be handled as a Deployment: no kind "Frob" is registered'
    assert answer.code == 400 and answer.message.startswith(text)
    answer = await api.post(api.deployments(), {**deployment(), "apiVersion": "apps/v2"})
    text = 'Deployment in version "v2" cannot be handled as a Deployment: no kind "Deployment"'
    assert answer.code == 400 and answer.message.startswith(text)
    body = deployment()
    del body["kind"], body["apiVersion"]
    assert (await api.post(api.deployments(), body)).code == 201
    body = {**deployment(foo=1)}
    answer = await api.put(api.deployments("web"), body, fieldValidation="Strict")
    assert answer.code == 400 and answer.message.endswith('unknown field "spec.foo"')


@case
async def bodies_that_are_no_objects_are_bad_requests(api: Api) -> None:
    for body in (b"{", b"[]"):
        answer = await api.post(api.maps(), body)
        assert (answer.code, answer.reason) == (400, "BadRequest"), body
        assert "couldn't get version/kind; json parse error" in answer.message
    answer = await api.send("POST", api.maps(), b"{}", content_type="text/plain")
    assert (answer.code, answer.reason) == (415, "UnsupportedMediaType")


@case
async def names_and_namespaces_have_to_agree_with_the_url(api: Api) -> None:
    body = {**config_map(), "metadata": {"name": "settings", "namespace": "other"}}
    answer = await api.post(api.maps(), body)
    text = "the namespace of the provided object does not match the namespace sent on the request"
    assert (answer.code, answer.message) == (400, text)
    await api.made(api.maps(), config_map())
    answer = await api.put(api.maps("settings"), body)
    assert (answer.code, answer.message) == (400, text)
    answer = await api.put(api.maps("settings"), config_map("other"))
    text = "the name of the object (other) does not match the name on the URL (settings)"
    assert (answer.code, answer.message) == (400, text)
    answer = await api.put(api.maps("settings"), {**config_map(), "metadata": {}})
    text = (
        "the name of the object (settings based on URL) was undeterminable: name must be provided"
    )
    assert (answer.code, answer.message) == (400, text)


def _field(number: int, value: bytes | str) -> bytes:
    """A field with a length, below 128 bytes, as protobuf encodes it."""
    data = value.encode() if isinstance(value, str) else value
    return bytes([number << 3 | 2, len(data)]) + data


@case
async def typed_clients_send_protobuf(api: Api) -> None:
    """As ``kubectl create`` does; numbers are those of generated.proto."""
    content_type = "application/vnd.kubernetes.protobuf"
    meta = _field(1, "settings") + _field(11, _field(1, "x") + _field(2, "y"))
    # Unset structs and strings are written all the same.
    meta += _field(2, "") + _field(8, b"")
    body = _field(1, meta) + _field(2, _field(1, "a") + _field(2, "b"))
    kind = _field(1, "v1") + _field(2, "ConfigMap")
    data = b"k8s\x00" + _field(1, kind) + _field(2, body) + _field(3, "") + _field(4, "")
    answer = await api.send("POST", api.maps(), data, content_type=content_type)
    assert (answer.code, answer.body["data"]) == (201, {"a": "b"})
    assert answer.meta["labels"] == {"x": "y"} and "generateName" not in answer.meta
    answer = await api.send("POST", api.maps(), b"no", content_type=content_type)
    assert (answer.code, answer.reason) == (400, "BadRequest")
