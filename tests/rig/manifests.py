"""The manifests of the setting that the scenarios share."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import yaml

_SETTING = """
apiVersion: v1
kind: ConfigMap
metadata: {name: podinfo-config, namespace: test}
data: {color: blue}
---
apiVersion: v1
kind: Secret
metadata: {name: podinfo-secret, namespace: test}
data: {token: c2VjcmV0}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: podinfo, namespace: test}
spec:
  replicas: 2
  selector: {matchLabels: {app: podinfo}}
  template:
    metadata: {labels: {app: podinfo}}
    spec:
      containers:
        - name: app
          image: podinfo:1.0.0
          ports: [{name: http, containerPort: 9898}]
          envFrom: [{configMapRef: {name: podinfo-config}}]
          env:
            - name: TOKEN
              valueFrom: {secretKeyRef: {name: podinfo-secret, key: token}}
---
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: podinfo, namespace: test}
spec:
  provider: istio
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
  service: {port: 9898}
  analysis:
    interval: 1m
    threshold: 3
    stepWeight: 10
    maxWeight: 50
    metrics:
      - name: request-success-rate
        interval: 1m
        thresholdRange: {min: 99}
"""


@cache
def _manifests() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(_SETTING))


def merge(base: Any, patch: Any) -> Any:
    """``base`` with ``patch`` laid over it; None removes."""
    if not isinstance(patch, dict) or not isinstance(base, dict):
        return copy.deepcopy(patch)
    out = dict(base)
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merge(out.get(key), value)
    return out


def setting(
    spec: dict[str, Any] | None = None,
    analysis: dict[str, Any] | None = None,
    target: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """ConfigMap, Secret, Deployment and Canary, with parts of them replaced."""
    config, secret, deployment, canary = copy.deepcopy(_manifests())
    deployment["spec"] = merge(deployment["spec"], target or {})
    canary["spec"] = merge(canary["spec"], spec or {})
    canary["spec"]["analysis"] = merge(canary["spec"]["analysis"], analysis or {})
    return [config, secret, deployment, canary]


def daemon_setting(
    spec: dict[str, Any] | None = None,
    analysis: dict[str, Any] | None = None,
    target: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The setting with a DaemonSet as target."""
    config, secret, workload, canary = setting(spec, analysis, target)
    workload["kind"] = canary["spec"]["targetRef"]["kind"] = "DaemonSet"
    del workload["spec"]["replicas"]
    return [config, secret, workload, canary]


def service_setting(
    spec: dict[str, Any] | None = None, analysis: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """A Service as target, and two Deployments of which it selects the first."""
    *_, deployment, canary = setting(spec, analysis)
    canary["spec"]["targetRef"] = {"apiVersion": "v1", "kind": "Service", "name": "podinfo"}
    found = []
    for version in ("1.0.0", "2.0.0"):
        labels = {"app": "podinfo", "version": version}
        pods = {"containers": [{"name": "app", "image": f"podinfo:{version}"}]}
        one = copy.deepcopy(deployment)
        one["metadata"]["name"] = f"podinfo-{version[0]}"
        one["spec"] |= {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pods},
        }
        found.append(one)
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "podinfo", "namespace": "test"},
        "spec": {
            "selector": {"app": "podinfo", "version": "1.0.0"},
            "ports": [{"name": "http", "port": 9898}],
        },
    }
    return [*found, service, canary]


_HPA = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: podinfo-hpa, namespace: test, labels: {team: a}}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
  minReplicas: 3
  maxReplicas: 6
"""
_SCALED_OBJECT = """
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: podinfo-so, namespace: test, annotations: {owner: a}}
spec:
  scaleTargetRef: {name: podinfo}
  minReplicaCount: 2
  triggers:
    - type: prometheus
      name: load
      metadata: {query: 'sum(rate(x{app="podinfo"}[1m]))', threshold: "5"}
"""


def autoscaled(
    scaler: str = "HorizontalPodAutoscaler",
    reference: dict[str, Any] | None = None,
    **parts: Any,
) -> list[dict[str, Any]]:
    """The setting with an autoscaler of this kind; ``reference`` is laid over its reference."""
    manifest = yaml.safe_load(_HPA if scaler == "HorizontalPodAutoscaler" else _SCALED_OBJECT)
    ref = {"apiVersion": manifest["apiVersion"], "kind": scaler}
    ref |= {"name": manifest["metadata"]["name"], **(reference or {})}
    *others, canary = setting(**parts)
    canary["spec"]["autoscalerRef"] = ref
    return [manifest, *others, canary]


def ingress() -> dict[str, Any]:
    """The users' Ingress, as provider nginx finds it."""
    found = ingress_to("podinfo", 9898, "podinfo.test")
    found["metadata"]["namespace"] = "test"
    return found


def ingress_to(service: str, port: int, host: str) -> dict[str, Any]:
    """An Ingress of the Service's name that leads all paths of ``host`` to it."""
    backend = {"service": {"name": service, "port": {"number": port}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": service},
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{"host": host, "http": {"paths": [path]}}],
        },
    }
