"""Requests of users and their tools, past the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from canary.kube.resources import SERVICES, Resource
from canary.kube.transport import APPLY_PATCH, JSON, JSON_PATCH, MERGE_PATCH, Request
from tests.rig.manifests import merge

if TYPE_CHECKING:
    from simulation.world import World

PERSON, ROBOT = "kubectl", "gitops"
MARKER = "kustomize.toolkit.fluxcd.io/reconcile"
"""By this annotation Flux leaves an object alone."""


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
    world.touched.add(f"{resource.plural}/{name}")
    body = {"kind": "DeleteOptions", "apiVersion": "v1"}
    send(world, "DELETE", resource.path("test", name), body, JSON)


def set_image(world: World, name: str, tag: str) -> None:
    """Another image for a workload; for a Service, pods of that version."""
    if world.workloads == SERVICES:
        patch(world, SERVICES, name, {"spec": {"selector": {"version": tag}}})
        return
    operation = {"op": "replace", "value": f"podinfo:{tag}"}
    operation["path"] = "/spec/template/spec/containers/0/image"
    send(world, "PATCH", world.workloads.path("test", name), [operation], JSON_PATCH)


def apply(world: World, manifest: dict[str, Any]) -> None:
    """Server-side apply of one manifest by a GitOps tool, unless a marker tells it to leave it."""
    found = next(
        k.resource
        for k in world.cluster.server.kinds
        if (k.resource.api_version, k.resource.kind) == (manifest["apiVersion"], manifest["kind"])
    )
    path = found.path("test", manifest["metadata"]["name"])
    live = world.get(found, manifest["metadata"]["name"]) or {"metadata": {}}
    if (live["metadata"].get("annotations") or {}).get(MARKER) == "disabled":
        return
    send(world, "PATCH", path, manifest, APPLY_PATCH, ROBOT)


def edit(world: World, change: dict[str, Any]) -> None:
    """Another spec of the first Canary, by Git."""
    manifest = next(m for m in world.manifests if m["kind"] == "Canary")
    manifest["spec"] = merge(manifest["spec"], change)
    apply(world, manifest)


def release(world: World, tag: str) -> None:
    """Apply the scenario's manifests, with another image or version of the targets."""
    for manifest in world.manifests:
        if manifest["kind"] == world.workloads.kind:
            if world.workloads == SERVICES:
                manifest["spec"]["selector"]["version"] = tag
            else:
                container = manifest["spec"]["template"]["spec"]["containers"][0]
                container["image"] = f"podinfo:{tag}"
        apply(world, manifest)
