"""Other targets and autoscalers on the real API: each of them through one good release."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import AUTOSCALERS, DAEMON_SETS, SCALED_OBJECTS, Obj, Resource
from canary.sandbox.cluster import keda_crds
from e2e.app import App
from e2e.judgement import promoted
from e2e.manifests import NAME
from e2e.scene import Scene
from e2e.suite import scenario


@scenario("contour")
async def test_daemon_set(scene: Scene) -> None:
    """A DaemonSet under traffic: its pods go by a node selector instead of replicas."""
    app = App(scene, target=DAEMON_SETS)
    await app.start()
    users = await app.traffic()
    good = await app.roll("shop:1.1.0")
    promoted(app, users, good, before="1.0.0", few=0)


async def scaled(scene: Scene, resource: Resource, manifest: dict[str, Any]) -> Obj:
    """A release with an autoscaler; the primary's autoscaler in the end."""
    app = App(scene)
    name = manifest["metadata"]["name"]
    await scene.apply(manifest)
    reference = {"apiVersion": resource.api_version, "kind": resource.kind, "name": name}
    await app.start(spec={"autoscalerRef": reference})
    users = await app.traffic()
    scalers = scene.timeline(resource)
    await scalers.until(lambda: scalers.get(f"{name}-primary") is not None, "copy", 60.0)
    await scene.patch(resource, name, {"metadata": {"labels": {"team": "b"}}})
    good = await app.roll("shop:1.1.0")
    promoted(app, users, good, before="1.0.0", few=0)
    return scalers.get(f"{name}-primary") or {}


@scenario("contour")
async def test_horizontal_autoscaler(scene: Scene) -> None:
    """A HorizontalPodAutoscaler: the primary has its own."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME}
    manifest = {
        "apiVersion": AUTOSCALERS.api_version,
        "kind": AUTOSCALERS.kind,
        "metadata": {"name": NAME},
        "spec": {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 4},
    }
    copy = await scaled(scene, AUTOSCALERS, manifest)
    assert copy["spec"]["scaleTargetRef"]["name"] == f"{NAME}-primary"
    assert (copy["spec"]["minReplicas"], copy["spec"]["maxReplicas"]) == (2, 4)


@scenario("contour")
async def test_scaled_object(scene: Scene) -> None:
    """A ScaledObject, without KEDA itself: the primary has its own, the target's is paused."""
    await scene.apply(*keda_crds())
    query = f'sum(rate(http_requests_total{{app="{NAME}"}}[1m]))'
    metadata = {"serverAddress": "http://prometheus:9090", "query": query, "threshold": "5"}
    manifest = {
        "apiVersion": SCALED_OBJECTS.api_version,
        "kind": SCALED_OBJECTS.kind,
        "metadata": {"name": NAME},
        "spec": {
            "scaleTargetRef": {"name": NAME},
            "minReplicaCount": 2,
            "triggers": [{"type": "prometheus", "name": "load", "metadata": metadata}],
        },
    }
    copy = await scaled(scene, SCALED_OBJECTS, manifest)
    assert copy["spec"]["scaleTargetRef"]["name"] == f"{NAME}-primary"
    scalers = scene.timeline(SCALED_OBJECTS)

    def paused() -> bool:
        """It comes when the target has drained."""
        meta = (scalers.get(NAME) or {"metadata": {}})["metadata"]
        annotations = meta.get("annotations") or {}
        return annotations.get("autoscaling.keda.sh/paused-replicas") == "0"

    await scalers.until(paused, "pause", 60.0)
