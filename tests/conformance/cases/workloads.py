"""What controllers make of workloads, as far as nothing has to run."""

from __future__ import annotations

from typing import Any

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.manifests import deployment, service


async def _settled(api: Api, path: str, name: str, generation: int) -> dict[str, Any]:
    """The object once its controller has seen that generation."""
    query = {"fieldSelector": f"metadata.name={name}"}
    async with api.watch(path, **query) as watch:
        event = await watch.until(
            lambda event: (
                (event["object"].get("status") or {}).get("observedGeneration") == generation
            )
        )
    return event["object"]


@case
async def an_empty_deployment_is_complete(api: Api) -> None:
    await api.made(api.deployments(), deployment())
    path = api.deployments()
    async with api.watch(path, fieldSelector="metadata.name=web") as watch:
        event = await watch.until(
            lambda event: any(
                one["reason"] == "NewReplicaSetAvailable"
                for one in (event["object"].get("status") or {}).get("conditions") or ()
            )
        )
    found = event["object"]
    assert found["metadata"]["annotations"] == {"deployment.kubernetes.io/revision": "1"}
    status = found["status"]
    assert status["observedGeneration"] == 1 and not status.get("replicas")
    conditions = {one["type"]: (one["status"], one["reason"]) for one in status["conditions"]}
    assert conditions == {
        "Available": ("True", "MinimumReplicasAvailable"),
        "Progressing": ("True", "NewReplicaSetAvailable"),
    }
    texts = {one["type"]: one["message"] for one in status["conditions"]}
    assert texts["Available"] == "Deployment has minimum availability."
    (owned,) = (await api.get(api.path("replicasets", group="apps"))).body["items"]
    hash_ = owned["metadata"]["labels"]["pod-template-hash"]
    assert owned["metadata"]["name"] == f"web-{hash_}"
    assert texts["Progressing"] == f'ReplicaSet "web-{hash_}" has successfully progressed.'
    assert owned["metadata"]["annotations"] == {
        "deployment.kubernetes.io/desired-replicas": "0",
        "deployment.kubernetes.io/max-replicas": "0",
        "deployment.kubernetes.io/revision": "1",
    }
    assert owned["spec"]["selector"]["matchLabels"] == {"app": "web", "pod-template-hash": hash_}
    (owner,) = owned["metadata"]["ownerReferences"]
    assert owner == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "web",
        "uid": found["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


@case
async def a_new_template_is_a_new_revision(api: Api) -> None:
    await api.made(api.deployments(), deployment())
    await _settled(api, api.deployments(), "web", 1)
    patch = {"spec": {"template": {"metadata": {"annotations": {"a": "b"}}}}}
    await api.patch("merge", api.deployments("web"), patch)
    async with api.watch(api.deployments(), fieldSelector="metadata.name=web") as watch:
        key = "deployment.kubernetes.io/revision"
        await watch.until(
            lambda event: event["object"]["metadata"].get("annotations", {}).get(key) == "2"
        )
    found = (await api.get(api.path("replicasets", group="apps"))).body["items"]
    revisions = sorted(one["metadata"]["annotations"][key] for one in found)
    assert revisions == ["1", "2"]


@case
async def a_deployment_takes_its_sets_along(api: Api) -> None:
    await api.made(api.deployments(), deployment())
    await _settled(api, api.deployments(), "web", 1)
    sets = api.path("replicasets", group="apps")
    (one,) = (await api.get(sets)).body["items"]
    answer = await api.delete(api.deployments("web"), {"propagationPolicy": "Foreground"})
    assert answer.code == 200
    await api.gone(sets, one["metadata"]["name"])
    await api.gone(api.deployments(), "web")


@case
async def a_set_of_its_own(api: Api) -> None:
    path = api.path("replicasets", group="apps")
    await api.made(path, {**deployment(), "kind": "ReplicaSet"})
    found = await _settled(api, path, "web", 1)
    assert found["status"]["replicas"] == 0


@case
async def a_daemon_that_fits_no_node(api: Api) -> None:
    body = {**deployment(), "kind": "DaemonSet"}
    del body["spec"]["replicas"]
    body["spec"]["template"]["spec"]["nodeSelector"] = {"nowhere": "yes"}
    path = api.path("daemonsets", group="apps")
    await api.made(path, body)
    found = await _settled(api, path, "web", 1)
    assert found["status"] == {
        "currentNumberScheduled": 0,
        "desiredNumberScheduled": 0,
        "numberMisscheduled": 0,
        "numberReady": 0,
        "observedGeneration": 1,
    }


@case
async def a_service_has_a_slice(api: Api) -> None:
    made = await api.made(api.path("services"), service())
    path = api.path("endpointslices", group="discovery.k8s.io")
    query = {"labelSelector": "kubernetes.io/service-name=web"}
    async with api.watch(path, **query) as watch:
        found = (await watch.next())["object"]
    assert found["addressType"] == "IPv4" and not found.get("endpoints")
    (owner,) = found["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"]) == ("Service", made["metadata"]["uid"])
    name = found["metadata"]["name"]
    await api.delete(api.path("services", "web"))
    await api.gone(path, name)


@case
async def a_service_by_another_name(api: Api) -> None:
    """It has neither address nor slices."""
    spec = {"type": "ExternalName", "externalName": "web.example.com"}
    body = {**service(), "spec": spec}
    made = await api.made(api.path("services"), body)
    assert made["spec"] == {**spec, "sessionAffinity": "None"}
