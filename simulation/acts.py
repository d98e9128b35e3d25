"""Users at work: what people and their tools do to the cluster while a rollout is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from canary.api.annotations import INTENT
from canary.kube.resources import (
    CANARIES,
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    DEPLOYMENTS,
    PODS,
    SERVICES,
    Resource,
)
from simulation.requests import apply, drop, patch, set_image

if TYPE_CHECKING:
    from simulation.world import World

TARGET, PRIMARY = "podinfo", "podinfo-primary"
CONFIG, COPY = "podinfo-config", "podinfo-config-primary"
VIRTUAL_SERVICES = Resource("networking.istio.io", "v1beta1", "virtualservices", "VirtualService")
HTTP_ROUTES = Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")
BACK = 30.0
"""Seconds until a person undoes what was meant to be temporary."""


def image(tag: str) -> Callable[[World], None]:
    """Another image for the target."""

    def act(world: World) -> None:
        if world.get(world.workloads, TARGET) is not None:
            set_image(world, TARGET, tag)

    return act


def scaled(name: str, replicas: int) -> Callable[[World], None]:
    """Another size of a workload."""

    def act(world: World) -> None:
        if world.workloads == DEPLOYMENTS:  # nothing else has a size that somebody could change
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


def ask(action: str) -> Callable[[World], None]:
    """A request by hand, by annotation; a pause ends after a while."""

    def act(world: World) -> None:
        body = {"metadata": {"annotations": {INTENT: action}}}
        patch(world, CANARIES, TARGET, body)
        if action == "pause":
            resume = {"metadata": {"annotations": {INTENT: "resume"}}}
            asyncio.get_running_loop().call_later(BACK, patch, world, CANARIES, TARGET, resume)

    return act


def by_hand(world: World) -> None:
    """Somebody moves all traffic to the canary, past the engine."""
    world.touched.add("route")
    route = world.get(VIRTUAL_SERVICES, TARGET)
    if route is not None:
        http = [dict(rule) for rule in route["spec"]["http"]]
        for rule in http:
            if len(rule["route"]) == 2:
                both = zip(rule["route"], (0, 100), strict=True)
                rule["route"] = [{**b, "weight": w} for b, w in both]
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
    set_image(world, PRIMARY, "9.9.9-hand")


def drop_pins(world: World) -> None:
    """Somebody deletes all pinned templates."""
    for key, _ in list(world.cluster.server.storage.all(CONTROLLER_REVISIONS)):
        drop(world, CONTROLLER_REVISIONS, key.name)


def label(world: World) -> None:
    """Somebody puts labels and annotations of their own on what the engine made."""
    body = {"metadata": {"labels": {"team": "red"}, "annotations": {"note": "keep"}}}
    for resource, name in (
        (world.workloads, PRIMARY),
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
        if manifest["kind"] == world.workloads.kind and world.image():
            manifest["spec"]["template"]["spec"]["containers"][0]["image"] = world.image()
        apply(world, manifest)


def pods_fail(world: World) -> None:
    """All pods of the target stop being ready for a while."""
    world.touched.add(TARGET)
    for pod in list(world.cluster.kubelet.pods.values()):
        owner = str(pod.owner.get("name", ""))
        if not owner.startswith(PRIMARY):
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
    "drop-primary": lambda world: drop(world, world.workloads, PRIMARY),
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
    **{action: ask(action) for action in ("abort", "promote", "pause", "resume", "retry")},
}
