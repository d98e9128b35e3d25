"""The Canaries that the measurements run on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NAMESPACE = "bench"


@dataclass(frozen=True, slots=True)
class Plan:
    """How each Canary progresses: ``steps`` equal steps to 50 %, times in seconds."""

    steps: int = 5
    interval: float = 10.0
    settle: float = 2.0
    drain: float = 5.0

    @property
    def width(self) -> int:
        """Percent of each step."""
        return 50 // self.steps

    @property
    def top(self) -> int:
        """Percent of the last step."""
        return self.width * self.steps


def name_of(number: int) -> str:
    """Name of the Canary with this number, and of its target."""
    return f"app-{number:04d}"


def manifests(number: int, plan: Plan) -> list[dict[str, Any]]:
    """ConfigMap, Deployment and Canary of one application."""
    name = name_of(number)
    meta = {"name": name, "namespace": NAMESPACE}
    container = {
        "name": "app",
        "image": "app:1",
        "ports": [{"name": "http", "containerPort": 9898}],
        "envFrom": [{"configMapRef": {"name": name}}],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": 9898}},
    }
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    selector = {"matchLabels": {"app": name}}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"color": "blue"}}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": {"replicas": 1, "selector": selector, "template": template},
    }
    return [config, deployment, _canary(meta, plan)]


def _canary(meta: dict[str, str], plan: Plan) -> dict[str, Any]:
    metrics = [
        {"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}},
        {"name": "request-duration", "interval": "1m", "thresholdRange": {"max": 500}},
    ]
    analysis = {
        "interval": f"{plan.interval:g}s",
        "threshold": 5,
        "stepWeight": plan.width,
        "maxWeight": plan.top,
        "metrics": metrics,
    }
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": meta,
        "spec": {
            "provider": "istio",
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": meta["name"]},
            "service": {"port": 9898},
            "analysis": analysis,
            "engine": {"settle": f"{plan.settle:g}s", "drain": f"{plan.drain:g}s"},
        },
    }
