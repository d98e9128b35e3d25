"""Users at work: what people and their tools do to the cluster while a rollout is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from canary.kube.resources import (
    CANARIES,
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    DEPLOYMENTS,
    PODS,
    SERVICES,
    Resource,
)
from canary.kube.transport import APPLY_PATCH, JSON, JSON_PATCH, MERGE_PATCH, Request

if TYPE_CHECKING:
    from simulation.world import World

TARGET, PRIMARY = "podinfo", "podinfo-primary"
CONFIG, COPY = "podinfo-config", "podinfo-config-primary"
VIRTUAL_SERVICES = Resource("networking.istio.io", "v1beta1", "virtualservices", "VirtualService")
HTTP_ROUTES = Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")
PERSON, ROBOT = "kubectl", "gitops"
BACK = 30.0
"""Seconds until a person undoes what was meant to be temporary."""


def send(world: World, method: str, path: str, body: Any, kind: str, user: str = PERSON) -> int:
    """One request of a user; gives the status of the answer."""
    query = {"fieldManager": user} if method != "DELETE" else {}
    query |= {"force": "true"} if kind == APPLY_PATCH else {}
    raw = orjson.dumps(body) if body is not None else None
    request = Request(method, path, query, raw, kind)
    response = world.cluster.server.handle(user, request)
    world.note(f"{user}: {method} {path}: {response.status}")
    return response.status


def patch(world: World, resource: Resource, name: str, body: Any) -> None:
    """Merge ``body`` into an object, if it is there."""
    send(world, "PATCH", resource.path("test", name), body, MERGE_PATCH)


def drop(world: World, resource: Resource, name: str) -> None:
    """Delete an object, if it is there."""
    world.touched.add(name)
    body = {"kind": "DeleteOptions", "apiVersion": "v1"}
    send(world, "DELETE", resource.path("test", name), body, JSON)


def image(tag: str) -> Callable[[World], None]:
    """Another image for the target."""

    def act(world: World) -> None:
        if world.get(DEPLOYMENTS, TARGET) is not None:
            operation = {"op": "replace", "value": f"podinfo:{tag}"}
            operation["path"] = "/spec/template/spec/containers/0/image"
            send(world, "PATCH", DEPLOYMENTS.path("test", TARGET), [operation], JSON_PATCH)

    return act


def scaled(name: str, replicas: int) -> Callable[[World], None]:
    """Another size of a workload."""

    def act(world: World) -> None:
        world.touched.add(name)
        patch(world, DEPLOYMENTS, name, {"spec": {"replicas": replicas}})

    return act


def spec(
    change: Mapping[str, Any], back: Mapping[str, Any] | None = None
) -> Callable[[World], None]:
    """An edit of the Canary, undone after a while with ``back``."""

    def act(world: World) -> None:
        patch(world, CANARIES, TARGET, {"spec": change})
        if back is not None:
            undo = {"spec": back}
            asyncio.get_running_loop().call_later(BACK, patch, world, CANARIES, TARGET, undo)

    return act


def by_hand(world: World) -> None:
    """Somebody moves all traffic to the canary, past the engine."""
    world.touched.add("route")
    route = world.get(VIRTUAL_SERVICES, TARGET)
    if route is not None:
        http = [dict(rule) for rule in route["spec"]["http"]]
        for rule in http:
            rule["route"] = [
                {**b, "weight": w} for b, w in zip(rule["route"], (0, 100), strict=True)
            ]
        patch(world, VIRTUAL_SERVICES, TARGET, {"spec": {"http": http}})
    route = world.get(HTTP_ROUTES, TARGET)
    if route is not None:
        rules = [dict(rule) for rule in route["spec"]["rules"]]
        for rule in rules:
            both = zip(rule["backendRefs"], (0, 100), strict=True)
            rule["backendRefs"] = [{**b, "weight": w} for b, w in both]
        patch(world, HTTP_ROUTES, TARGET, {"spec": {"rules": rules}})


def drop_route(world: World) -> None:
    """Somebody deletes the route."""
    world.touched.add("route")
    drop(world, VIRTUAL_SERVICES, TARGET)
    if any(kind.resource == HTTP_ROUTES for kind in world.cluster.server.kinds):
        drop(world, HTTP_ROUTES, TARGET)


def edit_primary(world: World) -> None:
    """Somebody patches the primary's template by hand."""
    operation = {"op": "replace", "value": "podinfo:9.9.9-hand"}
    operation["path"] = "/spec/template/spec/containers/0/image"
    send(world, "PATCH", DEPLOYMENTS.path("test", PRIMARY), [operation], JSON_PATCH)


def drop_pins(world: World) -> None:
    """Somebody deletes all pinned templates."""
    for key, _ in list(world.cluster.server.storage.all(CONTROLLER_REVISIONS)):
        drop(world, CONTROLLER_REVISIONS, key.name)


def label(world: World) -> None:
    """Somebody puts labels and annotations of their own on what the engine made."""
    body = {"metadata": {"labels": {"team": "red"}, "annotations": {"note": "keep"}}}
    for resource, name in (
        (DEPLOYMENTS, PRIMARY),
        (SERVICES, TARGET),
        (SERVICES, PRIMARY),
        (VIRTUAL_SERVICES, TARGET),
    ):
        if world.get(resource, name) is not None:
            patch(world, resource, name, body)


def gitops(world: World) -> None:
    """A GitOps tool applies what Git says, replicas and all, again and again."""
    loop = asyncio.get_running_loop()
    for number in range(6):
        loop.call_later(5.0 * number, apply_all, world)


def apply_all(world: World) -> None:
    """Apply the scenario's manifests once; the image in the cluster is what Git says now."""
    for manifest in world.manifests:
        if manifest["kind"] == "Deployment" and world.image():
            manifest["spec"]["template"]["spec"]["containers"][0]["image"] = world.image()
        apply(world, manifest)


def apply(world: World, manifest: dict[str, Any]) -> None:
    """Server-side apply of one manifest by a GitOps tool."""
    found = next(
        k.resource
        for k in world.cluster.server.kinds
        if (k.resource.api_version, k.resource.kind) == (manifest["apiVersion"], manifest["kind"])
    )
    path = found.path("test", manifest["metadata"]["name"])
    send(world, "PATCH", path, manifest, APPLY_PATCH, ROBOT)


def pods_fail(world: World) -> None:
    """All pods of the target stop being ready for a while."""
    world.touched.add(TARGET)
    for pod in list(world.cluster.kubelet.pods.values()):
        owner = str(pod.owner.get("name", ""))
        if owner.startswith(f"{TARGET}-") and not owner.startswith(f"{PRIMARY}-"):
            world.cluster.kubelet.ready(pod, False)
            pod.changed()
    asyncio.get_running_loop().call_later(BACK, recover, world)


def recover(world: World) -> None:
    """Pods that stopped being ready are ready again."""
    for pod in list(world.cluster.kubelet.pods.values()):
        starts = world.cluster.kubelet._behaves(pod.template).starts_in is not None
        if not pod.ending and starts and world.get(PODS, pod.name) is not None:
            world.cluster.kubelet.ready(pod, True)
            pod.changed()


ACTS: Mapping[str, Callable[[World], None]] = {
    "image": image("3.0.0"),
    "bad-image": image("3.0.0-bad"),
    "old-image": image("1.0.0"),
    "broken-image": image("3.0.0-broken"),
    "config": lambda world: patch(world, CONFIG_MAPS, CONFIG, {"data": {"color": "green"}}),
    "to-zero": scaled(TARGET, 0),
    "replicas": scaled(TARGET, 3),
    "suspend": spec({"suspend": True}, {"suspend": None}),
    "spec": spec({"analysis": {"stepWeights": [20, 40], "threshold": 1}}),
    "skip": spec({"skipAnalysis": True}, {"skipAnalysis": None}),
    "drop-primary": lambda world: drop(world, DEPLOYMENTS, PRIMARY),
    "drop-apex": lambda world: drop(world, SERVICES, TARGET),
    "drop-route": drop_route,
    "drop-service": lambda world: drop(world, SERVICES, f"{TARGET}-canary"),
    "drop-pin": drop_pins,
    "drop-copy": lambda world: drop(world, CONFIG_MAPS, COPY),
    "route-by-hand": by_hand,
    "primary-by-hand": edit_primary,
    "scale-primary": scaled(PRIMARY, 1),
    "label": label,
    "gitops": gitops,
    "delete": lambda world: drop(world, CANARIES, TARGET),
    "pods-fail": pods_fail,
}
