"""HorizontalPodAutoscalers: defaults, rules, and the bounds that they keep."""

from __future__ import annotations

from typing import Any

from tests.conformance.api import Api
from tests.conformance.cases.registry import case
from tests.conformance.manifests import deployment

GROUP, VERSION = "autoscaling", "v2"


def _path(api: Api, name: str = "") -> str:
    return api.path("horizontalpodautoscalers", name, GROUP, VERSION)


def _autoscaler(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "maxReplicas": 4,
            **spec,
        },
    }


@case
async def an_autoscaler_of_few_words(api: Api) -> None:
    made = await api.made(_path(api), _autoscaler())
    assert made["spec"] == {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "minReplicas": 1,
        "maxReplicas": 4,
        "metrics": [
            {
                "type": "Resource",
                "resource": {
                    "name": "cpu",
                    "target": {"type": "Utilization", "averageUtilization": 80},
                },
            }
        ],
    }
    assert made["status"] == {"desiredReplicas": 0, "currentMetrics": None}
    assert "generation" not in made["metadata"]


@case
async def how_fast_an_autoscaler_goes(api: Api) -> None:
    """What is said of one direction is filled in for both."""
    slow = {"scaleDown": {"stabilizationWindowSeconds": 300}}
    made = await api.made(_path(api), _autoscaler(behavior=slow))
    percent = {"type": "Percent", "value": 100, "periodSeconds": 15}
    pods = {"type": "Pods", "value": 4, "periodSeconds": 15}
    assert made["spec"]["behavior"] == {
        "scaleUp": {
            "stabilizationWindowSeconds": 0,
            "selectPolicy": "Max",
            "policies": [pods, percent],
        },
        "scaleDown": {
            "stabilizationWindowSeconds": 300,
            "selectPolicy": "Max",
            "policies": [percent],
        },
    }


@case
async def bounds_that_cannot_be(api: Api) -> None:
    answer = await api.post(_path(api), _autoscaler(minReplicas=5))
    text = "spec.maxReplicas: Invalid value: 4: must be greater than or equal to `minReplicas`"
    assert answer.code == 422 and text in answer.message
    body = _autoscaler()
    del body["spec"]["maxReplicas"]
    answer = await api.post(_path(api), body)
    assert answer.code == 422 and "spec.maxReplicas: Required value" in answer.message


@case
async def a_replaced_spec_of_an_autoscaler(api: Api) -> None:
    """As the engine sends it: with the uid and the version that it saw."""
    made = await api.made(_path(api), _autoscaler())
    meta = made["metadata"]
    spec = {**_autoscaler()["spec"], "minReplicas": 2, "metrics": made["spec"]["metrics"]}
    guards = [
        {"op": "test", "path": "/metadata/uid", "value": meta["uid"]},
        {"op": "replace", "path": "/spec", "value": spec},
    ]
    answer = await api.patch("json", _path(api, "web"), guards)
    assert (answer.code, answer.body["spec"]) == (200, spec)


@case
async def a_target_below_the_minimum_is_scaled_up(api: Api) -> None:
    await api.made(api.deployments(), deployment(replicas=1))
    await api.made(_path(api), _autoscaler(minReplicas=2))
    async with api.watch(api.deployments(), fieldSelector="metadata.name=web") as watch:
        event = await watch.until(lambda event: event["object"]["spec"]["replicas"] != 1)
    assert event["object"]["spec"]["replicas"] == 2
    found = (await api.get(_path(api, "web"))).body
    assert found["spec"]["minReplicas"] == 2


@case
async def a_target_above_the_maximum_is_scaled_down(api: Api) -> None:
    await api.made(api.deployments(), deployment(replicas=6))
    await api.made(_path(api), _autoscaler())
    async with api.watch(api.deployments(), fieldSelector="metadata.name=web") as watch:
        event = await watch.until(lambda event: event["object"]["spec"]["replicas"] != 6)
    assert event["object"]["spec"]["replicas"] == 4


@case
async def a_target_at_zero_is_left_alone(api: Api) -> None:
    """The autoscaler says that it looked."""
    await api.made(api.deployments(), deployment())
    await api.made(_path(api), _autoscaler(minReplicas=2))
    other = {**deployment("other", replicas=1)}
    await api.made(api.deployments(), other)
    scaler = _autoscaler(minReplicas=2)
    scaler["metadata"]["name"] = scaler["spec"]["scaleTargetRef"]["name"] = "other"
    await api.made(_path(api), scaler)
    async with api.watch(api.deployments(), fieldSelector="metadata.name=other") as watch:
        await watch.until(lambda event: event["object"]["spec"]["replicas"] == 2)
    found = (await api.get(api.deployments("web"))).body
    assert found["spec"]["replicas"] == 0
