"""Users at work: what people and their tools do to the cluster while a rollout is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from canary.api.annotations import INTENT
from canary.kube.resources import (
    AUTOSCALERS,
    CANARIES,
    CONFIG_MAPS,
    DEPLOYMENTS,
    PODS,
    SECRETS,
    SERVICES,
)
from canary.kube.transport import JSON
from simulation.meddling import (
    CONFIG,
    COPY,
    PRIMARY,
    SECRET,
    TARGET,
    by_hand,
    drop_pins,
    drop_route,
    edit_primary,
    label,
)
from simulation.oracles.people import paused
from simulation.requests import drop, patch, release, send, set_image

if TYPE_CHECKING:
    from simulation.world import World

FIRST = "1.0.0"
"""The tag of what is there before any release."""
BACK = 30.0
"""Seconds until a person undoes what was meant to be temporary."""


def later(world: World, seconds: float, act: Callable[..., None], *args: Any) -> None:
    """Let somebody ``act`` after a while; nothing has healed before."""
    world.undone = max(world.undone, world.time + seconds)
    asyncio.get_running_loop().call_later(seconds, act, *args)


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
            world.touched.add(f"{DEPLOYMENTS.plural}/{name}")
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
            later(world, BACK, patch, world, CANARIES, TARGET, undo)

    return act


def ask(action: str) -> Callable[[World], None]:
    """A request by hand, by annotation; a pause ends after a while."""

    def act(world: World) -> None:
        request(world, action)
        if action == "pause":
            later(world, BACK, resume, world)

    return act


def resume(world: World, again: bool = True) -> None:
    """A pause ends; a request that another one overwrote before it was seen is made again."""
    request(world, "resume")
    if again:
        later(world, BACK, _still_paused, world)


def _still_paused(world: World) -> None:
    if paused(world.get(CANARIES, TARGET) or {}):
        resume(world, again=False)


def request(world: World, action: str) -> None:
    """What ``canary promote`` and its like write: each has an identity of its own."""
    world.requests += 1
    text = f'{{"action": "{action}", "by": "somebody", "id": "{world.requests}"}}'
    patch(world, CANARIES, TARGET, {"metadata": {"annotations": {INTENT: text}}})


def drop_target(world: World) -> None:
    """Somebody deletes the target, and Git brings it back after a while."""
    tag = (world.image() or FIRST).removeprefix("podinfo:")
    drop(world, world.workloads, TARGET)
    later(world, BACK, release, world, tag)


def drop_apex(world: World) -> None:
    """Somebody deletes the Service that users call; a target that is one comes back from Git."""
    if world.workloads == SERVICES:
        drop_target(world)
    else:
        drop(world, SERVICES, TARGET)


def gitops(world: World) -> None:
    """A GitOps tool applies what Git says, replicas and all, again and again."""
    for number in range(6):
        later(world, 5.0 * number, apply_all, world)


def autoscaler(world: World) -> None:
    """Somebody lets an autoscaler of their own fight for the size of target and primary."""
    if world.workloads != DEPLOYMENTS:
        return
    for name in (TARGET, PRIMARY):
        reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        bounds = {"scaleTargetRef": reference, "minReplicas": 3, "maxReplicas": 3}
        body = {"apiVersion": "autoscaling/v2", "kind": AUTOSCALERS.kind, "spec": bounds}
        body["metadata"] = {"name": f"their-{name}", "namespace": "test"}
        send(world, "POST", AUTOSCALERS.path("test"), body, JSON)
        later(world, 2 * BACK, drop, world, AUTOSCALERS, f"their-{name}")


def apply_all(world: World) -> None:
    """Apply the scenario's manifests once; the image in the cluster is what Git says now."""
    release(world, (world.image() or FIRST).removeprefix("podinfo:"))


def pods_fail(world: World) -> None:
    """All pods of the target stop being ready for a while."""
    world.touched.add(f"{world.workloads.plural}/{TARGET}")
    if world.workloads == SERVICES:
        # Target and primary select the same pods but for the time of a rollout.
        world.touched.add(f"{SERVICES.plural}/{PRIMARY}")
    for pod in list(world.cluster.kubelet.pods.values()):
        owner = str(pod.owner.get("name", ""))
        ours = owner.startswith(TARGET) or world.workloads == SERVICES
        if ours and not owner.startswith(PRIMARY):
            world.cluster.kubelet.ready(pod, False)
            pod.changed()
    later(world, BACK, recover, world)


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
    "secret": lambda world: patch(world, SECRETS, SECRET, {"data": {"token": "bmV3"}}),
    "to-zero": scaled(TARGET, 0),
    "replicas": scaled(TARGET, 3),
    "suspend": spec({"suspend": True}, {"suspend": None}),
    "spec": spec({"analysis": {"stepWeights": [20, 40], "threshold": 1}}),
    "skip": spec({"skipAnalysis": True}, {"skipAnalysis": None}),
    "drop-target": drop_target,
    "drop-primary": lambda world: drop(world, world.workloads, PRIMARY),
    "drop-apex": drop_apex,
    "drop-route": drop_route,
    "drop-service": lambda world: drop(world, SERVICES, f"{TARGET}-canary"),
    "drop-pin": drop_pins,
    "drop-copy": lambda world: drop(world, CONFIG_MAPS, COPY),
    "route-by-hand": by_hand,
    "primary-by-hand": edit_primary,
    "scale-primary": scaled(PRIMARY, 1),
    "label": label,
    "gitops": gitops,
    "autoscaler": autoscaler,
    "delete": lambda world: drop(world, CANARIES, TARGET),
    "pods-fail": pods_fail,
    **{
        action: ask(action)
        for action in ("abort", "promote", "pause", "resume", "retry", "approve")
    },
}
