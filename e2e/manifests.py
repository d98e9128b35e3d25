"""The application that the scenarios roll out, and its Canary for each traffic provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from tests.rig.manifests import ingress_to, merge

_APP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: app
          image: shop:1.0.0
          ports: [{name: http, containerPort: 8080}]
          readinessProbe:
            httpGet: {path: /healthz, port: http}
            periodSeconds: 1
            timeoutSeconds: 5
          # The gateway has to have let go of a pod before it stops.
          lifecycle: {preStop: {sleep: {seconds: 4}}}
---
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: shop}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  progressDeadlineSeconds: 300
  service: {port: 80, targetPort: http, portDiscovery: false}
  analysis:
    interval: 10s
    threshold: 3
    stepWeight: 20
    maxWeight: 60
    metrics:
      - {name: request-success-rate, interval: 10s, thresholdRange: {min: 99}}
"""

NAME = "shop"
STEPS = (20, 40, 60)
"""Weights that a good revision of it walks through."""

_SERVICE: Mapping[str, Mapping[str, Any]] = {
    "gatewayapi:v1": {"gatewayRefs": [{"name": "contour", "namespace": "projectcontour"}]},
    "istio": {"gateways": ["istio-system/gateway"]},
}
_INGRESS = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": NAME}


def application(
    host: str,
    provider: str,
    *,
    image: str = "shop:1.0.0",
    kind: str = "Deployment",
    spec: Mapping[str, Any] | None = None,
    container: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Workload of this ``kind`` and Canary; ``spec`` is laid over the Canary's, ``container`` over
    the pods'."""
    workload, canary = yaml.safe_load_all(_APP)
    workload["kind"] = canary["spec"]["targetRef"]["kind"] = kind
    if kind == "DaemonSet":
        del workload["spec"]["replicas"]
    containers = workload["spec"]["template"]["spec"]["containers"]
    containers[0] = merge(containers[0], {"image": image, **(container or {})})
    way = {"provider": provider, "service": {"hosts": [host], **_SERVICE.get(provider, {})}}
    if provider == "nginx":
        way |= {"ingressRef": _INGRESS}
    canary["spec"] = merge(merge(canary["spec"], way), dict(spec or {}))
    return [workload, canary]


def ingress(host: str) -> dict[str, Any]:
    """The user's own Ingress, which a Canary of the provider nginx refers to."""
    return ingress_to(NAME, 80, host)
