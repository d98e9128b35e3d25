"""Whole rollouts need exactly what the table of permissions says: no less, and no more."""

from __future__ import annotations

from typing import Any, TypeAlias

from canary import virtualtime
from canary.kube.resources import (
    AUTOSCALERS,
    CANARIES,
    CONFIG_MAPS,
    DAEMON_SETS,
    DEPLOYMENTS,
    SCALED_OBJECTS,
    SECRETS,
    SERVICES,
    Resource,
)
from canary.server.permissions import Scope, permissions
from providers.registry import installed
from tests.rig.manifests import autoscaled, daemon_setting, service_setting, setting
from tests.rig.stage import Stage, resource_of
from tests.transcripts.test_takeover import Left

Calls: TypeAlias = set[tuple[str, str]]

INGRESS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"name": "podinfo", "namespace": "test"},
    "spec": {
        "rules": [
            {
                "http": {
                    "paths": [
                        {
                            "path": "/",
                            "pathType": "Prefix",
                            "backend": {"service": {"name": "podinfo", "port": {"number": 9898}}},
                        }
                    ]
                }
            }
        ]
    },
}
INGRESSES = resource_of(INGRESS)

ONLY_AT_THE_START = {
    ("get", "customresourcedefinitions.apiextensions.k8s.io"),
    # Asked by the API server of whoever owns an object in the Canary's name,
    ("update", "canaries.flagger.app/finalizers"),
    # and of whoever takes an owner away.
    ("delete", "services"),
    ("delete", "httproutes.gateway.networking.k8s.io"),
    ("delete", "virtualservices.networking.istio.io"),
}
"""Used by the start-up checks, or by the API server itself."""


def granted() -> set[tuple[str, str]]:
    return {
        (verb, permission.target)
        for permission in permissions(installed())
        if permission.scope is not Scope.ELECTION
        for verb in permission.verbs
    } - ONLY_AT_THE_START


async def takeover(name: str, when: str) -> set[tuple[str, str]]:
    """Objects of Flagger's, and then a change of the route's spec: fields are taken over."""
    left = Left(name, when)
    await left.set_up()
    stage = left.stage
    stage.start()
    await stage.rest(60)
    policy = {"connectionPool": {"http": {"maxRetries": 9}}}
    service = {"port": 8080, "timeout": "9s", "trafficPolicy": policy}
    await stage.patch(CANARIES, "app", {"spec": {"service": service}}, name)
    if name == "nginx-happy":
        await stage.patch(INGRESSES, "app", {"metadata": {"labels": {"team": "a"}}}, name)
    await stage.rest(60)
    await stage.down()
    return stage.calls


async def rollout() -> set[tuple[str, str]]:
    """A rollout with changed data, and copies of immutable objects that have to be made anew."""
    stage = Stage()
    await stage.up()
    await stage.apply(*setting({"revertOnDeletion": True}))
    stage.start()
    await stage.until(lambda: stage.phase() == "Initialized")
    names = {CONFIG_MAPS: "podinfo-config", SECRETS: "podinfo-secret"}
    for resource, name in names.items():
        await stage.patch(resource, name, {"immutable": True})
    for data in ({"color": "red"}, {"token": "bmV3"}, {"color": "green"}, {"token": "b2xk"}):
        resource = CONFIG_MAPS if "color" in data else SECRETS
        live = stage.get(resource, names[resource])
        await stage.user.delete(resource, "test", names[resource], uid=live["metadata"]["uid"])
        kind = {"apiVersion": "v1", "kind": resource.kind}
        meta = {"name": names[resource], "namespace": "test"}
        await stage.apply({**kind, "metadata": meta, "data": data, "immutable": True})
        await stage.rest(30)
        await stage.until(lambda: stage.phase() == "Succeeded")
        await stage.rest(30)
    await stage.set_image("podinfo:2.0.0")
    await stage.rest(30)
    await stage.until(lambda: stage.phase() == "Succeeded")
    await stage.rest(30)
    await stage.down()
    return stage.calls


async def first(provider: str) -> set[tuple[str, str]]:
    """A first initialisation with this provider."""
    stage = Stage()
    await stage.up()
    service = {"port": 9898, "gatewayRefs": [{"name": "gw"}]}
    ingress = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "podinfo"}
    spec = {"provider": provider, "service": service, "ingressRef": ingress}
    await stage.apply(*setting(spec=spec), INGRESS)
    stage.start()
    await stage.until(lambda: stage.phase() == "Initialized")
    await stage.down()
    return stage.calls


async def varied(manifests: list[dict[str, Any]], resource: Resource, patch: Any) -> Calls:
    """A rollout with another target, or with an autoscaler."""
    stage = Stage()
    await stage.up()
    await stage.keda()
    await stage.apply(*manifests)
    stage.start()
    await stage.until(lambda: stage.phase() == "Initialized")
    await stage.rest(30)
    for scaler in (AUTOSCALERS, SCALED_OBJECTS):
        if stage.get(scaler, manifests[0]["metadata"]["name"]):
            change = {"metadata": {"labels": {"team": "b"}}}
            await stage.patch(scaler, manifests[0]["metadata"]["name"], change)
    await stage.patch(resource, "podinfo", {"spec": patch})
    await stage.rest(30)
    await stage.until(lambda: stage.phase() == "Succeeded")
    await stage.rest(30)
    await stage.down()
    return stage.calls


RESTARTED = {"metadata": {"annotations": {"a": "b"}}}
OTHERS: tuple[tuple[list[dict[str, Any]], Resource, Any], ...] = (
    (daemon_setting(), DAEMON_SETS, {"template": RESTARTED}),
    (service_setting(), SERVICES, {"selector": {"version": "2.0.0"}}),
    (autoscaled(), DEPLOYMENTS, {"template": RESTARTED}),
    (autoscaled("ScaledObject"), DEPLOYMENTS, {"minReadySeconds": 1, "template": RESTARTED}),
)


def test_the_table_is_what_is_used() -> None:
    used = virtualtime.run(rollout())
    used |= virtualtime.run(first("gatewayapi:v1")) | virtualtime.run(first("nginx"))
    for manifests, resource, patch in OTHERS:
        used |= virtualtime.run(varied(manifests, resource, patch))
    for name in ("gw-fail", "istio-happy", "config-change", "nginx-happy"):
        used |= virtualtime.run(takeover(name, "objectsFinal"))
    assert used - granted() == set(), "used but not granted"
    assert granted() - used == set(), "granted but not used"
