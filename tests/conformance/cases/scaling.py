"""The scale subresource."""

from __future__ import annotations

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.cases.updating import MODIFIED
from tests.conformance.manifests import deployment


@case
async def a_scale_leaves_out_what_is_zero(api: Api) -> None:
    made = await api.made(api.deployments(), deployment())
    meta = made["metadata"]
    found = await api.get(api.deployments("web/scale"))
    assert (found.code, found.body["kind"]) == (200, "Scale")
    assert found.body["apiVersion"] == "autoscaling/v1"
    kept = ("name", "namespace", "uid", "creationTimestamp")
    assert {key: found.meta[key] for key in kept} == {key: meta[key] for key in kept}
    assert found.body["spec"] == {}
    assert found.body["status"]["selector"] == "app=web"


@case
async def scaling_counts_a_generation(api: Api) -> None:
    made = await api.made(api.deployments(), deployment(minReadySeconds=1))
    patch = {"spec": {"replicas": 1}}
    answer = await api.patch("merge", api.deployments("web/scale"), patch, dryRun="All")
    assert (answer.code, answer.body["spec"]) == (200, {"replicas": 1})
    found = await api.get(api.deployments("web"))
    assert found.body["spec"]["replicas"] == 0
    body = {"metadata": {"name": "web"}, "spec": {"replicas": 1}}
    answer = await api.put(api.deployments("web/scale"), body)
    assert (answer.code, answer.body["spec"]) == (200, {"replicas": 1})
    found = await api.get(api.deployments("web"))
    assert found.body["spec"]["replicas"] == 1
    assert found.meta["generation"] == made["metadata"]["generation"] + 1


@case
async def guarded_scaling(api: Api) -> None:
    """As the engine sends it: with the uid and the version that it saw."""
    made = await api.made(api.deployments(), deployment())

    def scale(uid: str, version: str) -> dict[str, object]:
        meta = {"name": "web", "namespace": api.namespace, "uid": uid, "resourceVersion": version}
        spec = {"replicas": 1}
        return {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": meta, "spec": spec}

    path, uid = api.deployments("web/scale"), made["metadata"]["uid"]
    answer = await api.put(path, scale(uid, "1"))
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message.endswith(MODIFIED)
    live = (await api.get(api.deployments("web"))).meta["resourceVersion"]
    answer = await api.put(path, scale("other", live))
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert "Precondition failed: UID in precondition: other" in answer.message


@case
async def scales_that_cannot_be(api: Api) -> None:
    await api.made(api.deployments(), deployment())
    path = api.deployments("web/scale")
    answer = await api.patch("merge", path, {"spec": {"replicas": -1}})
    text = "spec.replicas: Invalid value: -1: must be greater than or equal to 0"
    assert (answer.code, answer.message) == (422, f'Scale.autoscaling "web" is invalid: {text}')
    answer = await api.patch("merge", path, {"spec": {"replicas": "x"}})
    text = "json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas"
    assert answer.code == 422 and answer.message.endswith(f"{text} of type int32")
    answer = await api.put(path, {"spec": {"replicas": 1}})
    text = "the name of the object (web based on URL) was undeterminable: name must be provided"
    assert (answer.code, answer.message) == (400, text)
    answer = await api.get(api.deployments("nope/scale"))
    assert (answer.code, answer.message) == (404, 'deployments.apps "nope" not found')
