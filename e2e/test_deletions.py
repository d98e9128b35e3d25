"""Canaries that are deleted in mid-rollout, while users go on."""

from __future__ import annotations

import time
from typing import Any

from canary.kube.resources import CANARIES, Obj
from e2e.app import PATIENCE, App
from e2e.farewell import REVERTING, deleted
from e2e.judgement import only_bad_images_fail
from e2e.manifests import NAME, application
from e2e.marked import WEIGHTLESS
from e2e.routes import HTTP_ROUTES, VIRTUAL_SERVICES
from e2e.scene import Scene
from e2e.suite import scenario
from e2e.test_cluster_ip import apex
from e2e.traffic import Traffic

RATE = 60.0
NEXT = "shop:1.1.0"


def http_route(host: str) -> Obj:
    """A route that users had before there was a Canary."""
    gateway = {"name": "contour", "namespace": "projectcontour"}
    rules = [{"backendRefs": [{"name": NAME, "port": 80}]}]
    return _route(HTTP_ROUTES, {"parentRefs": [gateway], "hostnames": [host], "rules": rules})


def virtual_service(host: str) -> Obj:
    """The same for istiod."""
    http = [{"route": [{"destination": {"host": NAME}}]}]
    spec = {"gateways": ["istio-system/gateway"], "hosts": [host], "http": http}
    return _route(VIRTUAL_SERVICES, spec)


def _route(resource: Any, spec: Obj) -> Obj:
    kind = {"apiVersion": resource.api_version, "kind": resource.kind}
    return {**kind, "metadata": {"name": NAME}, "spec": spec}


async def leaves(app: App, users: Traffic, weight: int = 20) -> None:
    """A rollout gets as far as this weight; then its Canary is deleted."""
    await app.set_image(NEXT)
    if weight:
        await users.meets(NEXT.partition(":")[2])
        assert app.routed == weight
    await deleted(app, [users], "1.0.0")
    assert app.image(NAME) == f"{NAME}:1.0.0", "what was promoted, not what was on trial"


async def made(scene: Scene, provider: str) -> None:
    """The Canary's own route and Service stay and lead to the target."""
    app = App(scene, provider)
    await app.start(spec=REVERTING)
    await leaves(app, await app.traffic(RATE))
    assert not (app.routes.get(NAME) or {})["metadata"].get("ownerReferences")


async def adopted(scene: Scene, provider: str, route: Obj) -> None:
    """Users of a route and a Service of their own notice neither the Canary's coming nor its going,
    and have their route as it was."""
    app = App(scene, provider)
    workload, canary = application(app.host, app.provider, spec=REVERTING)
    await scene.apply(apex(), workload, route)
    users = await scene.traffic(await app.entrance(), app.host, RATE)
    await users.reaches("1.0.0")
    before = (app.routes.get(NAME) or {})["spec"]
    first = time.time()
    await scene.apply(canary)
    await app.until("Initialized")
    await leaves(app, users)
    only_bad_images_fail(users.between(first, float("inf")))
    assert (app.routes.get(NAME) or {})["spec"] == before


@scenario("contour")
async def test_gatewayapi_deleted(scene: Scene) -> None:
    """An HTTPRoute that the engine made."""
    await made(scene, "gatewayapi:v1")


@scenario("contour")
async def test_gatewayapi_adopted(scene: Scene) -> None:
    """An HTTPRoute that the users made: no request meets a Service that Contour has yet to tell
    Envoy of."""
    await adopted(scene, "gatewayapi:v1", http_route(f"{scene.namespace}.example"))


@scenario("istiod")
async def test_istio_deleted(scene: Scene) -> None:
    """A VirtualService that the engine made."""
    await made(scene, "istio")


@scenario("istiod")
async def test_istio_adopted(scene: Scene) -> None:
    """A VirtualService that the users made."""
    await adopted(scene, "istio", virtual_service(f"{scene.namespace}.example"))


@scenario("proxy")
async def test_cluster_ip_deleted(scene: Scene) -> None:
    """By kube-proxy, while a release is on trial beside the users."""
    app = App(scene, "kubernetes")
    await app.start(spec={**REVERTING, "analysis": {**WEIGHTLESS, "iterations": 100}})
    users = await app.traffic(RATE, "Connection: close")
    began = await app.set_image(NEXT)
    await app.until("Progressing", since=began)
    await deleted(app, [users], "1.0.0")
    assert app.image(NAME) == f"{NAME}:1.0.0"


@scenario("contour")
async def test_plain_deletion(scene: Scene) -> None:
    """Without ``revertOnDeletion`` all that the engine made goes with the Canary, as with Flagger:
    what is on trial stays as it is, and nobody waits for anything."""
    app = App(scene)
    await app.start()
    users = await app.traffic(RATE)
    await app.set_image(NEXT)
    await users.meets("1.1.0")
    canary = app.canaries.get(NAME) or {}
    uid = canary["metadata"]["uid"]
    await scene.client.delete(CANARIES, scene.namespace, NAME, uid=uid)
    await app.canaries.until(lambda: app.canaries.get(NAME) is None, "end of the Canary", PATIENCE)
    await app.routes.until(lambda: app.routes.get(NAME) is None, "end of the route", PATIENCE)
    primary = f"{NAME}-primary"
    await app.workloads.until(lambda: app.workloads.get(primary) is None, "its end", PATIENCE)
    target = app.workloads.get(NAME) or {}
    assert app.image(NAME) == NEXT
    assert target["spec"]["replicas"] == 2
