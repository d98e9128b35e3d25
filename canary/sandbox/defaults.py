"""The API server's defaults of the built-in kinds, as far as workloads of the sandbox use them."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable
from typing import Any

from canary.sandbox.jsonvalue import JsonObj

Fill = Callable[[JsonObj], None]
"""Fills defaults into an object of its own, in place."""

_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_MODES = {"configMap": 420, "secret": 420, "projected": 420, "downwardAPI": 420}
ALLOCATED = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
"""What a Service gets from the server, and keeps."""
_NETWORK = ipaddress.ip_network("10.96.0.0/12")


def pod_spec(spec: JsonObj) -> None:
    """Defaults of a pod's spec."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")
    for group in ("containers", "initContainers"):
        for container in spec.get(group) or ():
            _container(container)
    for volume in spec.get("volumes") or ():
        for kind, mode in _MODES.items():
            if isinstance(volume.get(kind), dict):
                volume[kind].setdefault("defaultMode", mode)
        if isinstance(volume.get("hostPath"), dict):
            volume["hostPath"].setdefault("type", "")


def _container(container: JsonObj) -> None:
    image = container.get("image", "")
    latest = image.endswith(":latest") or ":" not in image.rsplit("/", 1)[-1]
    container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    container.setdefault("resources", {})
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    for port in container.get("ports") or ():
        port.setdefault("protocol", "TCP")
    for variable in container.get("env") or ():
        field = (variable.get("valueFrom") or {}).get("fieldRef")
        if field:
            field.setdefault("apiVersion", "v1")
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if isinstance(probe, dict):
            for key, value in _PROBE.items():
                probe.setdefault(key, value)
            if isinstance(probe.get("httpGet"), dict):
                probe["httpGet"].setdefault("scheme", "HTTP")
                probe["httpGet"].setdefault("path", "/")


def deployment(obj: JsonObj) -> None:
    """Defaults of a Deployment."""
    spec = obj["spec"]
    if spec.get("replicas") is None:
        spec["replicas"] = 1
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    _template(spec)


def replica_set(obj: JsonObj) -> None:
    """Defaults of a ReplicaSet."""
    if obj["spec"].get("replicas") is None:
        obj["spec"]["replicas"] = 1
    _template(obj["spec"])


def daemon_set(obj: JsonObj) -> None:
    """Defaults of a DaemonSet."""
    spec = obj["spec"]
    strategy = spec.setdefault("updateStrategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    _template(spec)


def autoscaler(obj: JsonObj) -> None:
    """Defaults of a HorizontalPodAutoscaler: at least one pod, 80 % of the CPU."""
    spec = obj["spec"]
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    if spec.get("behavior") is not None:
        up = {"stabilizationWindowSeconds": 0, **_scaling(("Pods", 4), ("Percent", 100))}
        spec["behavior"]["scaleUp"] = up | (spec["behavior"].get("scaleUp") or {})
        down = _scaling(("Percent", 100))
        spec["behavior"]["scaleDown"] = down | (spec["behavior"].get("scaleDown") or {})


def _scaling(*policies: tuple[str, int]) -> JsonObj:
    """How far an autoscaler goes at once, unless it is told: whatever policy allows most."""
    every = [{"type": kind, "value": value, "periodSeconds": 15} for kind, value in policies]
    return {"selectPolicy": "Max", "policies": every}


def _template(spec: JsonObj) -> None:
    template = spec.get("template")
    if isinstance(template, dict):
        template.setdefault("metadata", {})
        pod_spec(template.setdefault("spec", {}))


def pod(obj: JsonObj) -> None:
    """Defaults of a Pod."""
    pod_spec(obj["spec"])
    obj["spec"].setdefault("enableServiceLinks", True)


def namespace(obj: JsonObj) -> None:
    """Defaults of a Namespace: its own label, and the finalizer of its content."""
    labels = obj["metadata"].setdefault("labels", {})
    labels["kubernetes.io/metadata.name"] = obj["metadata"]["name"]
    obj.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])


def definition(obj: JsonObj) -> None:
    """Defaults of a CustomResourceDefinition."""
    spec = obj["spec"]
    names = spec["names"]
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", f"{names['kind']}List")
    spec.setdefault("conversion", {"strategy": "None"})


def endpoint_slice(obj: JsonObj) -> None:
    """Defaults of an EndpointSlice's ports."""
    for port in obj.get("ports") or ():
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")


def event(obj: JsonObj) -> None:
    """What an Event shows even where nobody set it."""
    for name in ("firstTimestamp", "lastTimestamp", "eventTime"):
        obj.setdefault(name, None)
    obj.setdefault("source", {})
    obj.setdefault("reportingComponent", "")
    obj.setdefault("reportingInstance", "")


def service(obj: JsonObj) -> None:
    """Defaults of a Service, less its address."""
    spec = obj["spec"]
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    if spec["type"] != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
    for port in spec.get("ports") or ():
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port.get("port"))


def allocate(spec: JsonObj, number: int) -> None:
    """Give a new Service its address: the ``number``-th one, unless it asks for another."""
    if spec["type"] != "ExternalName":
        spec.setdefault("clusterIP", cluster_address(number))
        spec.setdefault("clusterIPs", [spec["clusterIP"]])
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")


def cluster_address(number: int) -> str:
    """The ``number``-th address of the Service network."""
    return str(_NETWORK[number % (_NETWORK.num_addresses - 2) + 1])


def secret(obj: JsonObj) -> None:
    """Defaults of a Secret: ``stringData`` goes into ``data``, encoded."""
    obj.setdefault("type", "Opaque")
    plain: dict[str, Any] = obj.pop("stringData", None) or {}
    if plain:
        encoded = {k: base64.b64encode(v.encode()).decode() for k, v in plain.items()}
        obj["data"] = {**(obj.get("data") or {}), **encoded}


def nothing(obj: JsonObj) -> None:
    """No defaults."""
