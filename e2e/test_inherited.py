"""Objects that a real Flagger 1.44 made become ours: a later change reaches every field of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from canary.kube.client import Client
from canary.kube.resources import CANARIES, DEPLOYMENTS, PODS, SERVICES, Obj, Resource
from e2e.routes import HTTP_ROUTES, INGRESSES, VIRTUAL_SERVICES
from e2e.scene import Scene
from e2e.suite import scenario
from e2e.timeline import Timeline
from tests.transcripts import recorded

NAME = "app"
DESTINATION_RULES = Resource(
    "networking.istio.io", "v1beta1", "destinationrules", "DestinationRule"
)
_COMMON = (CANARIES, DEPLOYMENTS, SERVICES)
KINDS = {
    kind.kind: kind
    for kind in (*_COMMON, HTTP_ROUTES, VIRTUAL_SERVICES, DESTINATION_RULES, INGRESSES)
}


async def left(scene: Scene, name: str) -> None:
    """Make the objects as a recording has them at its end, each by whom it was made."""
    recording = recorded.load(name)
    text = json.dumps(recording["objectsFinal"]).replace(f'"{name}"', f'"{scene.namespace}"')
    objects: dict[str, Any] = json.loads(text)
    applied = {f"{m['kind']}/{m['metadata']['name']}" for m in recording["applied"]}
    for manifest in recording["applied"]:
        if f"{manifest['kind']}/{manifest['metadata']['name']}" not in objects:
            meta = {**manifest["metadata"], "namespace": scene.namespace}
            await scene.apply({**manifest, "metadata": meta})
    flagger = Client(scene.client.transport, manager="flagger")
    canary = objects.pop(f"Canary/{NAME}")
    made = await scene.client.create(CANARIES, {k: v for k, v in canary.items() if k != "status"})
    for key, obj in objects.items():
        kind = key.split("/")[0]
        for owner in obj["metadata"].get("ownerReferences") or ():
            owner["uid"] = made["metadata"]["uid"]
        author = scene.client if key in applied else flagger
        obj |= {"apiVersion": recorded.api_version(kind), "kind": kind}
        await author.create(KINDS[kind], obj)
    deployments = scene.timeline(DEPLOYMENTS)
    await deployments.until(
        lambda: all(_ready(deployment) for deployment in deployments), "ready pods", 120.0
    )
    # As after a word of Flagger's that came when these pods had started.
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    status = canary["status"] | {"lastTransitionTime": now}
    await flagger.update(CANARIES, {**made, "status": status}, subresource="status")


def _ready(deployment: Obj) -> bool:
    status = deployment.get("status") or {}
    return bool(status.get("readyReplicas", 0) == deployment["spec"].get("replicas", 1))


async def taken_over(scene: Scene, name: str, routes: Timeline, route: str) -> None:
    """Take over what was left, and see that nothing moves."""
    pods, canaries = scene.timeline(PODS), scene.timeline(CANARIES)
    await left(scene, name)
    engine = await scene.own_engine()
    await routes.until(lambda: routes.get(route) is not None, "route", 30.0)
    before = (canaries.get(NAME) or {})["status"]
    version = generation(routes, route)
    running = {pod["metadata"]["uid"] for pod in pods}
    assert running
    await engine.start(scene.client)

    def taken() -> bool:
        return "engine" in ((canaries.get(NAME) or {}).get("status") or {})

    await canaries.until(taken, "takeover", 120.0)
    await scene.sleep(10)
    after = (canaries.get(NAME) or {})["status"]
    assert (after["phase"], after["canaryWeight"]) == (before["phase"], 0)
    assert {pod["metadata"]["uid"] for pod in pods} == running, "no pod was restarted"
    assert generation(routes, route) == version, "no weight moved"
    assert not scene.events(), "there is nothing to tell"


def generation(timeline: Timeline, name: str) -> int:
    """How often the spec of an object was changed."""
    return int((timeline.get(name) or {})["metadata"]["generation"])


async def service_changed(scene: Scene, routes: Timeline, service: dict[str, Any]) -> Obj:
    """Change port, timeout and more of the Canary's service; the route when that has arrived."""
    services = scene.timeline(SERVICES)
    change = {"port": 8080, "timeout": "9s", **service}
    await scene.patch(CANARIES, NAME, {"spec": {"service": change}})

    def arrived() -> bool:
        names = (NAME, f"{NAME}-primary", f"{NAME}-canary")
        return all(_ports(services.get(name)) == [8080] for name in names)

    await services.until(arrived, "port 8080, and no other, in each Service", 60.0)
    await routes.until(lambda: "9s" in str((routes.get(NAME) or {}).get("spec")), "route", 60.0)
    return routes.get(NAME) or {}


def _ports(service: Obj | None) -> list[int]:
    return [port["port"] for port in service["spec"]["ports"]] if service else []


@scenario("contour", own_engine=True)
async def test_inherited_gateway(scene: Scene) -> None:
    """A rejected release and its HTTPRoute: it stays rejected, hosts and port follow the Canary."""
    routes, hosts = scene.timeline(HTTP_ROUTES), ["shop.example.com"]
    await taken_over(scene, "gw-fail", routes, NAME)
    route = await service_changed(scene, routes, {"hosts": hosts})
    assert route["spec"]["hostnames"] == hosts


@scenario("istiod", own_engine=True)
async def test_inherited_istio(scene: Scene) -> None:
    """A VirtualService and its DestinationRules: what the Canary no longer has goes from them."""
    routes = scene.timeline(VIRTUAL_SERVICES)
    await taken_over(scene, "istio-happy", routes, NAME)
    policy = {"tls": {"mode": "ISTIO_MUTUAL"}}
    route = await service_changed(scene, routes, {"headers": None, "trafficPolicy": policy})
    assert "headers" not in route["spec"]["http"][0]
    for part in ("primary", "canary"):
        rule = await scene.client.get(DESTINATION_RULES, scene.namespace, f"{NAME}-{part}")
        assert rule["spec"]["trafficPolicy"] == policy


@scenario(own_engine=True)
async def test_inherited_nginx(scene: Scene) -> None:
    """A canary Ingress: it follows the user's own."""
    routes, copy = scene.timeline(INGRESSES), f"{NAME}-canary"
    await taken_over(scene, "nginx-happy", routes, copy)
    await scene.patch(INGRESSES, NAME, {"metadata": {"labels": {"team": "b"}}})

    def followed() -> bool:
        labels = (routes.get(copy) or {})["metadata"].get("labels") or {}
        return bool(labels.get("team") == "b")

    await routes.until(followed, "label of the copy", 60.0)
