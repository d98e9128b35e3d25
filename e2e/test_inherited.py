"""Objects that a real Flagger 1.44 made become ours: a later change reaches every field of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from canary.kube.client import Client
from canary.kube.resources import CANARIES, DEPLOYMENTS, PODS, SERVICES, Obj, Resource
from e2e.routes import HTTP_ROUTES, VIRTUAL_SERVICES
from e2e.scene import Scene
from e2e.suite import scenario
from tests.transcripts import recorded

NAME = "app"
DESTINATION_RULES = Resource(
    "networking.istio.io", "v1beta1", "destinationrules", "DestinationRule"
)
KINDS = {
    kind.kind: kind
    for kind in (CANARIES, DEPLOYMENTS, SERVICES, HTTP_ROUTES, VIRTUAL_SERVICES, DESTINATION_RULES)
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


async def inherited(scene: Scene, name: str, service: dict[str, Any], route: Resource) -> Obj:
    """Take over what was left, see that nothing moves, then change the service; the route as it
    is when the change has arrived."""
    await left(scene, name)
    engine = await scene.own_engine()
    pods, canaries = scene.timeline(PODS), scene.timeline(CANARIES)
    services, routes = scene.timeline(SERVICES), scene.timeline(route)
    await routes.until(lambda: routes.get(NAME) is not None, "route", 30.0)
    before = (canaries.get(NAME) or {})["status"]
    generation = (routes.get(NAME) or {})["metadata"]["generation"]
    running = {pod["metadata"]["uid"] for pod in pods}
    await engine.start(scene.client)

    def taken() -> bool:
        return "engine" in ((canaries.get(NAME) or {}).get("status") or {})

    await canaries.until(taken, "takeover", 120.0)
    await scene.sleep(10)
    after = (canaries.get(NAME) or {})["status"]
    assert (after["phase"], after["canaryWeight"]) == (before["phase"], 0)
    assert {pod["metadata"]["uid"] for pod in pods} == running, "no pod was restarted"
    assert (routes.get(NAME) or {})["metadata"]["generation"] == generation, "no weight moved"
    assert not scene.events(), "there is nothing to tell"

    await scene.patch(CANARIES, NAME, {"spec": {"service": {"port": 8080, **service}}})

    def arrived() -> bool:
        return all(_ports(services.get(f"{NAME}{part}")) == [8080] for part in _PARTS)

    await services.until(arrived, "port 8080, and no other, in each Service", 60.0)
    await routes.until(lambda: "8080" in str((routes.get(NAME) or {}).get("spec")), "route", 60.0)
    assert (canaries.get(NAME) or {})["status"]["phase"] == before["phase"]
    return routes.get(NAME) or {}


_PARTS = ("", "-primary", "-canary")


def _ports(service: Obj | None) -> list[int]:
    return [port["port"] for port in service["spec"]["ports"]] if service else []


@scenario("contour", own_engine=True)
async def test_inherited_gateway(scene: Scene) -> None:
    """A rejected release and its HTTPRoute: it stays rejected, host and port follow the Canary."""
    hosts = ["shop.example.com"]
    route = await inherited(scene, "gw-fail", {"hosts": hosts}, HTTP_ROUTES)
    assert route["spec"]["hostnames"] == hosts


@scenario("istiod", own_engine=True)
async def test_inherited_istio(scene: Scene) -> None:
    """A VirtualService and its DestinationRules: what the Canary no longer has goes from them."""
    gone: dict[str, Any] = {"headers": None, "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}}}
    route = await inherited(scene, "istio-happy", gone, VIRTUAL_SERVICES)
    assert "headers" not in route["spec"]["http"][0]
    for part in ("-primary", "-canary"):
        rule = await scene.client.get(DESTINATION_RULES, scene.namespace, f"{NAME}{part}")
        assert rule["spec"]["trafficPolicy"]["tls"] == {"mode": "ISTIO_MUTUAL"}
