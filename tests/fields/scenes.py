"""The Canaries in whose rollouts fields are looked at, and what else is in their cluster."""

from __future__ import annotations

import base64
from typing import Any

from canary.kube.resources import SERVICES, Resource
from tests.enginefields.fleet import member
from tests.fields.entry import Entry, overlay, stripped
from tests.rig.manifests import autoscaled, daemon_setting, ingress, setting
from tests.rig.routes import VIRTUAL_SERVICES
from tests.rig.stage import Stage

_ITERATIONS = {"stepWeight": None, "maxWeight": None, "iterations": 5}
_MATCH = [{"headers": {"x-canary": {"exact": "1"}}}]
_GATEWAY = {"provider": "gatewayapi:v1", "service": {"gatewayRefs": [{"name": "gateway"}]}}
_HPA = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "name": "podinfo-hpa"}
_SCALED_OBJECT = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "podinfo-so"}
_INGRESS = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "podinfo"}
_FROM_TEMPLATE = {
    "name": "own",
    "templateRef": {"name": "template"},
    "thresholdRange": {"max": 1000},
}

SPECS: dict[str, dict[str, Any]] = {
    "istio": {},
    "dependent": {},
    "targets": {},
    "sticky": {"analysis": {"sessionAffinity": {"cookieName": "sticky"}}},
    "blue-green": {"analysis": _ITERATIONS},
    "mirrored": {"analysis": {**_ITERATIONS, "mirror": True}},
    "tested": {"analysis": {**_ITERATIONS, "match": _MATCH}},
    "told": {
        "analysis": {
            "stepWeight": None,
            "maxWeight": None,
            "engine": {"steps": [{"weight": 10}, {"weight": 60}]},
        }
    },
    "gatewayapi": _GATEWAY,
    "gateway-tested": {**_GATEWAY, "analysis": {**_ITERATIONS, "match": _MATCH}},
    "gateway-sticky": {**_GATEWAY, "analysis": {"sessionAffinity": {"cookieName": "sticky"}}},
    "gateway-mirrored": {**_GATEWAY, "analysis": {**_ITERATIONS, "mirror": True}},
    "nginx": {"provider": "nginx", "ingressRef": _INGRESS},
    "scaled": {"autoscalerRef": _HPA},
    "keda": {"autoscalerRef": _SCALED_OBJECT},
    "template": {"analysis": {"metrics": [_FROM_TEMPLATE]}},
    "hooked": {"analysis": {"webhooks": [{"name": "hook", "url": "http://a.test"}]}},
    "alerted": {"analysis": {"alerts": [{"name": "all", "providerRef": {"name": "chat"}}]}},
}
"""Parts of the spec, beside those of the setting."""

HTTP_ROUTES = Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")
INGRESSES = Resource("networking.k8s.io", "v1", "ingresses", "Ingress")
_RULES = Resource("networking.istio.io", "v1beta1", "destinationrules", "DestinationRule")
_KINDS = {kind.kind: kind for kind in (SERVICES, VIRTUAL_SERVICES, HTTP_ROUTES, _RULES)}


def canary(scene: str, spec: dict[str, Any]) -> dict[str, Any]:
    """The Canary of a scene, with ``spec`` laid over its own."""
    *_, obj = setting()
    # Checks that pass whatever they find, unless the field under test has a say.
    obj["spec"]["analysis"]["metrics"] = [{"name": "request-success-rate"}]
    obj["spec"] = stripped(overlay(overlay(obj["spec"], SPECS[scene]), spec))
    return obj


def manifests(entry: Entry, value: Any) -> list[dict[str, Any]]:
    """Everything in the cluster, with ``value`` in the field; the Canary last."""
    *others, _ = setting()
    others += _objects(entry.scene)
    if entry.kind == "Canary":
        return [*others, canary(entry.scene, entry.spec(value))]
    return [*others, holder(entry, value), canary(entry.scene, {})]


def holder(entry: Entry, value: Any) -> dict[str, Any]:
    """The object that has the field, with ``value`` in it."""
    if entry.kind == "Canary":
        return canary(entry.scene, entry.spec(value))
    obj = _template() if entry.kind == "MetricTemplate" else _chat()
    return {**obj, "spec": stripped(overlay(obj["spec"], entry.spec(value)))}


def _objects(scene: str) -> list[dict[str, Any]]:
    if scene in ("scaled", "keda"):
        hpa, scaled_object = autoscaled()[0], autoscaled("ScaledObject")[0]
        return [hpa, scaled_object, _called(hpa, "other"), _called(scaled_object, "podinfo-hpa")]
    return {
        "nginx": [ingress(), _called(ingress(), "other")],
        "template": [
            _template(),
            _template("other", query="other"),
            _template(namespace="base", query="base"),
            _template("variable", query="variable {{ variables.a }}"),
            _secret("credentials", token="first"),
            _secret("others", token="second"),
        ],
        "alerted": [
            _chat(),
            _chat("other", address="https://other.test"),
            _chat(namespace="base", address="https://base.test"),
            _secret("address", address="https://secret.test"),
            _secret("another", address="https://another.test"),
        ],
        "dependent": member("idle"),
        "targets": [member("other")[0], _with_image(daemon_setting()[2], "podinfo:3.0.0")],
    }.get(scene, [])


def _called(obj: dict[str, Any], name: str) -> dict[str, Any]:
    return {**obj, "metadata": {**obj["metadata"], "name": name}}


def _with_image(workload: dict[str, Any], image: str) -> dict[str, Any]:
    containers = [{"image": image}]
    return overlay(workload, {"spec": {"template": {"spec": {"containers": containers}}}})


def _own(kind: str, name: str, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "flagger.app/v1beta1", "kind": kind, "metadata": meta, "spec": spec}


def _template(
    name: str = "template", namespace: str = "test", query: str = "template"
) -> dict[str, Any]:
    provider = {"type": "prometheus", "address": "http://template.test"}
    return _own("MetricTemplate", name, namespace, {"provider": provider, "query": query})


def _chat(
    name: str = "chat", namespace: str = "test", address: str = "https://chat.test"
) -> dict[str, Any]:
    return _own("AlertProvider", name, namespace, {"type": "slack", "address": address})


def _secret(name: str, **data: str) -> dict[str, Any]:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    meta = {"name": name, "namespace": "test"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": encoded}


def found(stage: Stage, place: str) -> Any:
    """What stands at ``KIND/NAME PATH``; None where nothing does."""
    where, _, path = place.partition(" ")
    kind, _, name = where.partition("/")
    value = stage.get(_KINDS[kind], name)
    for part in path.split("."):
        if isinstance(value, list):
            index = int(part)
            value = value[index] if -len(value) <= index < len(value) else None
        else:
            value = (value or {}).get(part)
    return value
