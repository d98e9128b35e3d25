"""What the server adds to new objects, and what it refuses to take."""

from __future__ import annotations

from typing import Any

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.manifests import config_map, deployment, event, pod, service

_CONTAINER = {
    "name": "app",
    "image": "web:1.0.0",
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "imagePullPolicy": "IfNotPresent",
}
_POD = {
    "containers": [_CONTAINER],
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "securityContext": {},
    "schedulerName": "default-scheduler",
}


@case
async def a_deployment(api: Api) -> None:
    body = deployment()
    del body["spec"]["replicas"]
    made = await api.made(api.deployments(), body, dryRun="All")
    assert made["spec"] == {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": _POD},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
        },
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }
    assert made["status"] == {}
    assert made["metadata"]["generation"] == 1
    assert "resourceVersion" not in made["metadata"]
    assert (await api.get(api.deployments("web"))).code == 404


@case
async def what_containers_have(api: Api) -> None:
    body = deployment()
    body["spec"]["template"]["spec"] = {
        "containers": [
            {
                "name": "app",
                "image": "web",
                "ports": [{"containerPort": 80}],
                "env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                "readinessProbe": {"httpGet": {"port": 80}},
            }
        ],
        "volumes": [
            {"name": "c", "configMap": {"name": "c"}},
            {"name": "h", "hostPath": {"path": "/x"}},
        ],
    }
    made = await api.made(api.deployments(), body, dryRun="All")
    spec = made["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["imagePullPolicy"] == "Always"
    assert container["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    assert container["env"][0]["valueFrom"]["fieldRef"]["apiVersion"] == "v1"
    assert container["readinessProbe"] == {
        "httpGet": {"path": "/", "port": 80, "scheme": "HTTP"},
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }
    assert spec["volumes"] == [
        {"name": "c", "configMap": {"name": "c", "defaultMode": 420}},
        {"name": "h", "hostPath": {"path": "/x", "type": ""}},
    ]


@case
async def other_workloads(api: Api) -> None:
    body = {**deployment(), "kind": "ReplicaSet"}
    made = await api.made(api.path("replicasets", group="apps"), body, dryRun="All")
    assert set(made["spec"]) == {"replicas", "selector", "template"}
    assert made["status"] == {"replicas": 0}
    body = {**deployment(), "kind": "DaemonSet"}
    del body["spec"]["replicas"]
    made = await api.made(api.path("daemonsets", group="apps"), body, dryRun="All")
    assert made["spec"]["updateStrategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0},
    }
    assert made["status"] == {
        "currentNumberScheduled": 0,
        "desiredNumberScheduled": 0,
        "numberMisscheduled": 0,
        "numberReady": 0,
    }
    made = await api.made(api.path("pods"), pod(), dryRun="All")
    assert {key: made["spec"][key] for key in _POD} == _POD
    assert made["spec"]["enableServiceLinks"] is True
    assert made["status"] == {"phase": "Pending", "qosClass": "BestEffort"}


@case
async def services(api: Api) -> None:
    made = await api.made(api.path("services"), service())
    address = made["spec"].pop("clusterIP")
    assert made["spec"] == {
        "ports": [{"protocol": "TCP", "port": 80, "targetPort": 80}],
        "selector": {"app": "web"},
        "clusterIPs": [address],
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "internalTrafficPolicy": "Cluster",
    }
    assert made["status"] == {"loadBalancer": {}}
    made = await api.made(api.path("services"), service("headless", clusterIP="None"))
    assert (made["spec"]["clusterIP"], made["spec"]["clusterIPs"]) == ("None", ["None"])
    body = service("named", type="ExternalName", externalName="x.example")
    made = await api.made(api.path("services"), body)
    assert "clusterIP" not in made["spec"] and "ipFamilies" not in made["spec"]


@case
async def secrets_slices_events_and_namespaces(api: Api) -> None:
    body: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
    made = await api.made(api.path("secrets"), {**body, "stringData": {"a": "b"}})
    assert (made["data"], made["type"], "stringData" in made) == ({"a": "Yg=="}, "Opaque", False)
    body = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "s"},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.1.2.3"]}],
        "ports": [{"port": 80}],
    }
    made = await api.made(api.path("endpointslices", group="discovery.k8s.io"), body)
    assert made["ports"] == [{"name": "", "protocol": "TCP", "port": 80}]
    one = await api.made(api.maps(), config_map())
    made = await api.made(api.path("events"), event("e", one))
    assert made["firstTimestamp"] is None and made["eventTime"] is None
    assert (made["source"], made["reportingComponent"]) == ({}, "")
    found = (await api.get(f"/api/v1/namespaces/{api.namespace}")).body
    assert found["metadata"]["labels"] == {"kubernetes.io/metadata.name": api.namespace}
    assert found["spec"] == {"finalizers": ["kubernetes"]}
    assert found["status"] == {"phase": "Active"}


@case
async def invalid_workloads_are_refused_field_by_field(api: Api) -> None:
    async def refused(body: Any, *errors: tuple[str, str]) -> None:
        answer = await api.post(api.deployments(), body)
        assert (answer.code, answer.reason) == (422, "Invalid")
        causes = answer.body["details"]["causes"]
        assert [(cause["field"], cause["message"]) for cause in causes] == list(errors)
        texts = [f"{field}: {text}" for field, text in errors]
        joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
        name = body["metadata"]["name"]
        assert answer.message == f'Deployment.apps "{name}" is invalid: {joined}'

    low = "Invalid value: -1: must be greater than or equal to 0"
    await refused(deployment(replicas=-1), ("spec.replicas", low))
    body = deployment()
    mismatch = "`selector` does not match template `labels`"
    labels = ("spec.template.metadata.labels", f'Invalid value: {{"app":"web"}}: {mismatch}')
    body["spec"]["selector"] = {"matchLabels": {"a": "b"}}
    await refused(body, labels)
    del body["spec"]["selector"]
    await refused(body, ("spec.selector", "Required value"), labels)
    body = deployment()
    container = "spec.template.spec.containers[0]"
    body["spec"]["template"]["spec"]["containers"] = [{"name": "a"}]
    await refused(body, (f"{container}.image", "Required value"))
    body["spec"]["template"]["spec"]["containers"] = [{"image": "a"}]
    await refused(body, (f"{container}.name", "Required value"))


@case
async def names_are_checked(api: Api) -> None:
    answer = await api.post(api.maps(), config_map("No_Name"))
    assert (answer.code, answer.reason) == (422, "Invalid")
    text = 'metadata.name: Invalid value: "No_Name": a lowercase RFC 1123 subdomain must consist'
    assert text in answer.message
    answer = await api.post(api.maps(), {**config_map(), "metadata": {}})
    text = "metadata.name: Required value: name or generateName is required"
    assert (answer.code, answer.message) == (422, f'ConfigMap "" is invalid: {text}')
    body = {**config_map(), "metadata": {"generateName": "some-"}}
    one, two = await api.made(api.maps(), body), await api.made(api.maps(), body)
    names = {one["metadata"]["name"], two["metadata"]["name"]}
    assert len(names) == 2
    assert all(name.startswith("some-") and len(name) == 10 for name in names)


@case
async def creation_needs_a_free_name_and_a_namespace(api: Api) -> None:
    await api.made(api.maps(), config_map())
    answer = await api.post(api.maps(), config_map())
    assert (answer.code, answer.reason) == (409, "AlreadyExists")
    assert answer.message == 'configmaps "settings" already exists'
    answer = await api.post("/api/v1/namespaces/nowhere/configmaps", config_map())
    assert (answer.code, answer.message) == (404, 'namespaces "nowhere" not found')
    assert answer.body["details"] == {"name": "nowhere", "kind": "namespaces"}
    answer = await api.post(api.maps("settings"), config_map())
    assert (answer.code, answer.reason) == (405, "MethodNotAllowed")
