"""Users who change by hand what the engine made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canary.kube.resources import CONTROLLER_REVISIONS, SERVICES, Resource
from simulation.requests import drop, patch, set_image

if TYPE_CHECKING:
    from simulation.world import World

TARGET, PRIMARY, CANARY = "podinfo", "podinfo-primary", "podinfo-canary"
CONFIG, COPY = "podinfo-config", "podinfo-config-primary"
SECRET = "podinfo-secret"
VIRTUAL_SERVICES = Resource("networking.istio.io", "v1beta1", "virtualservices", "VirtualService")
HTTP_ROUTES = Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")
INGRESSES = Resource("networking.k8s.io", "v1", "ingresses", "Ingress")


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
            refs = rule["backendRefs"]
            if any(ref["name"] == CANARY for ref in refs):
                rule["backendRefs"] = [{**r, "weight": 100 * (r["name"] == CANARY)} for r in refs]
        patch(world, HTTP_ROUTES, TARGET, {"spec": {"rules": rules}})
    if world.get(INGRESSES, CANARY) is not None:
        weight = {"nginx.ingress.kubernetes.io/canary-weight": "100"}
        patch(world, INGRESSES, CANARY, {"metadata": {"annotations": weight}})


def drop_route(world: World) -> None:
    """Somebody deletes the route."""
    world.touched.add("route")
    drop(world, VIRTUAL_SERVICES, TARGET)
    drop(world, INGRESSES, CANARY)
    if any(kind.resource == HTTP_ROUTES for kind in world.cluster.server.kinds):
        drop(world, HTTP_ROUTES, TARGET)


def edit_primary(world: World) -> None:
    """Somebody patches the primary's template by hand; of a Service, whom it selects."""
    if world.workloads == SERVICES:
        world.touched.add(f"{SERVICES.plural}/{PRIMARY}")
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
