"""The manifests of the scenarios, laid over one application and one Canary for each provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from e2e.record.scenario import Obj
from e2e.replay import NAME, RECORDED
from tests.rig.manifests import merge

IMAGE = "ghcr.io/stefanprodan/podinfo"
_APPS = {"apiVersion": "apps/v1", "kind": "Deployment"}
_QUERY = (
    'sr{ns="{{ namespace }}",target="{{ target }}",service="{{ service }}",'
    'ingress="{{ ingress }}",interval="{{ interval }}"}'
)
CUSTOM = {
    "name": "custom",
    "templateRef": {"name": "success-rate"},
    "thresholdRange": {"min": 99},
    "interval": "30s",
}
BUILTIN = [
    {"name": "request-success-rate", "thresholdRange": {"min": 99}, "interval": "1m"},
    {"name": "request-duration", "thresholdRange": {"max": 500}, "interval": "30s"},
]
_SERVICE: Mapping[str, Obj] = {
    "gatewayapi:v1": {
        "gatewayRefs": [{"name": "gw", "namespace": "default"}],
        "hosts": ["app.example.com"],
    },
    "istio": {"gateways": ["istio-system/public", "mesh"], "hosts": ["app.example.com"]},
    "nginx": {},
    "kubernetes": {},
}


def template(name: str = "success-rate", query: str = _QUERY) -> Obj:
    """A MetricTemplate."""
    spec = {"provider": {"type": "prometheus", "address": RECORDED}, "query": query}
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "MetricTemplate",
        "metadata": {"name": name},
        "spec": spec,
    }


def workload(kind: str = "Deployment", pod: Obj | None = None, **spec: Any) -> Obj:
    """The target; ``pod`` is laid over the pods' spec."""
    container = {
        "name": NAME,
        "image": f"{IMAGE}:6.0.0",
        "ports": [{"name": "http", "containerPort": 9898, "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "10m"}},
    }
    pods = {
        "metadata": {"labels": {"app": NAME}, "annotations": {"prometheus.io/scrape": "true"}},
        "spec": merge({"containers": [container]}, pod or {}),
    }
    whole: Obj = {
        "selector": {"matchLabels": {"app": NAME}},
        "template": pods,
        "minReadySeconds": 1,
    }
    if kind == "Deployment":
        strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}
        whole |= {"replicas": 2, "progressDeadlineSeconds": 60, "strategy": strategy}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {
            "name": NAME,
            "labels": {"app": NAME, "team": "a"},
            "annotations": {"kustomize.toolkit.fluxcd.io/prune": "disabled", "owner": "x"},
        },
        "spec": merge(whole, spec),
    }


def ingress() -> Obj:
    """The Ingress that a Canary of the provider nginx refers to."""
    backend = {"service": {"name": NAME, "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": NAME,
            "labels": {"app": NAME},
            "annotations": {"nginx.ingress.kubernetes.io/proxy-body-size": "8m"},
        },
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{"host": "app.example.com", "http": {"paths": paths}}],
        },
    }


def canary(
    provider: str, service: Obj | None = None, spec: Obj | None = None, **analysis: Any
) -> Obj:
    """The Canary; ``analysis`` is laid over one with the metric of the template, ``service`` and
    ``spec`` over theirs."""
    base: Obj = {
        "provider": provider,
        "targetRef": {**_APPS, "name": NAME},
        "progressDeadlineSeconds": 60,
        "service": merge({"port": 80, "targetPort": 9898, **_SERVICE[provider]}, service or {}),
        "analysis": merge({"interval": "10s", "threshold": 2, "metrics": [CUSTOM]}, analysis),
    }
    if provider == "nginx":
        reference = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": NAME}
        base["ingressRef"] = reference
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": {"name": NAME, "labels": {"team": "a"}},
        "spec": merge(base, spec or {}),
    }


def setting(provider: str, *more: Obj, **parts: Any) -> list[Obj]:
    """Template, target, what else there is, and a Canary of these parts."""
    first = [ingress()] if provider == "nginx" else []
    return [template(), workload(), *first, *more, canary(provider, **parts)]


def weights(step: int = 30, most: int = 60) -> Obj:
    """Analysis by weights."""
    return {"stepWeight": step, "maxWeight": most}


def hooks(*names: str, **types: str) -> list[Obj]:
    """A webhook of each type, named after it; ``types`` by name where a type comes more often."""
    every = {f"{name}-hook": name for name in names} | types
    return [
        {
            "name": name,
            "type": kind,
            "url": f"{RECORDED}/hook/NAMESPACE/{name.removesuffix('-hook')}",
            "timeout": "5s",
            "metadata": {"cmd": "x"},
        }
        for name, kind in every.items()
    ]


def image(tag: str, **when: Any) -> Obj:
    """The target gets another image."""
    return {"op": "image", "image": f"{IMAGE}:{tag}", **({"when": when} if when else {})}


def patch(kind: str, change: Obj, name: str = NAME, **when: Any) -> Obj:
    """An object is changed by a merge patch."""
    step = {"op": "patch", "kind": kind, "name": name, "patch": change}
    return {**step, **({"when": when} if when else {})}


def delete(**when: Any) -> Obj:
    """The Canary is deleted."""
    step = {"op": "delete", "kind": "Canary", "name": NAME}
    return {**step, **({"when": when} if when else {})}


def match(*conditions: Obj) -> Sequence[Obj]:
    """Conditions of an A/B test, on headers."""
    return [{"headers": condition} for condition in conditions]


INSIDER = {"x-canary": {"exact": "insider"}}
COOKIE = {"cookie": {"regex": "^(.*?;)?(canary=always)(;.*)?$"}}
