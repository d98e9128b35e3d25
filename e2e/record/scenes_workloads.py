"""Other targets, autoscalers and tracked configuration."""

from __future__ import annotations

from e2e.record.manifests import IMAGE, canary, image, patch, setting, template, weights, workload
from e2e.record.scenario import Obj, record
from e2e.replay import NAME

GW = "gatewayapi:v1"
NEW = image("6.0.1")
STEPS = weights(50, 50)
_AUTOSCALING = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "name": NAME}
_KEDA = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": NAME}


def _cpu(share: int) -> Obj:
    target = {"type": "Utilization", "averageUtilization": share}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


_HPA = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": NAME, "labels": {"team": "a"}, "annotations": {"note": "x"}},
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME},
        "minReplicas": 2,
        "maxReplicas": 4,
        "metrics": [_cpu(99)],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}},
    },
}
_SCALED = {
    "apiVersion": "keda.sh/v1alpha1",
    "kind": "ScaledObject",
    "metadata": {"name": NAME, "labels": {"team": "a"}, "annotations": {"note": "x"}},
    "spec": {
        "scaleTargetRef": {"name": NAME},
        "pollingInterval": 10,
        "cooldownPeriod": 20,
        "minReplicaCount": 1,
        "maxReplicaCount": 3,
        "triggers": [
            {
                "type": "prometheus",
                "name": "load",
                "metadata": {
                    "serverAddress": "http://prometheus:9090",
                    "metricName": "load",
                    "query": 'sum(rate(http_requests_total{app="app"}[1m]))',
                    "threshold": "5",
                },
            }
        ],
    },
}

record(
    "gw-daemonset",
    [
        template(),
        workload("DaemonSet"),
        canary(GW, **STEPS, spec={"targetRef": {"kind": "DaemonSet"}}),
    ],
    NEW,
)
record(
    "gw-daemonset-fail",
    [
        template(),
        workload("DaemonSet"),
        canary(GW, **STEPS, spec={"targetRef": {"kind": "DaemonSet"}}),
    ],
    NEW,
    answers={"sr{": [50.0]},
    ends={"phase": "Failed"},
)
_SERVICE_TARGET = {"apiVersion": "v1", "kind": "Service", "name": NAME}


_SERVICE = {
    # One with an address is nothing that Flagger can copy: lifecycle D41.
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": NAME, "labels": {"team": "a"}},
    "spec": {
        "type": "ExternalName",
        "externalName": "v1.example.com",
        "ports": [{"name": "http", "port": 80, "targetPort": 9898}],
    },
}
record(
    "gw-service-target",
    [
        template(),
        _SERVICE,
        canary(GW, **STEPS, spec={"targetRef": _SERVICE_TARGET, "progressDeadlineSeconds": None}),
    ],
    patch("Service", {"spec": {"externalName": "v2.example.com"}}),
)
record(
    "gw-hpa",
    setting(GW, _HPA, **STEPS, spec={"autoscalerRef": _AUTOSCALING}),
    NEW,
)
record(
    "gw-keda",
    setting(
        GW,
        _SCALED,
        **STEPS,
        spec={
            "autoscalerRef": {
                **_KEDA,
                "primaryScalerQueries": {"load": 'sum(rate(http_requests_total{app="p"}[1m]))'},
                "primaryScalerReplicas": {"minReplicas": 2, "maxReplicas": 5},
            }
        },
    ),
    NEW,
)
record(
    "gw-keda-rewritten",
    setting(GW, _SCALED, **STEPS, spec={"autoscalerRef": _KEDA}),
    NEW,
    answers={"sr{": [50.0]},
    ends={"phase": "Failed"},
)


def _configured(optout: str = "") -> Obj:
    """A target with a ConfigMap and a Secret in several places."""
    container = {
        "name": NAME,
        "image": f"{IMAGE}:6.0.0",
        "ports": [{"name": "http", "containerPort": 9898, "protocol": "TCP"}],
        "envFrom": [{"configMapRef": {"name": "app-config"}}],
        "env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "app-key", "key": "key"}}}],
    }
    source = {"sources": [{"secret": {"name": "app-secret"}}]}
    volumes = [
        {"name": "s", "projected": source},
        {"name": "c", "configMap": {"name": "app-files"}},
    ]
    found = workload(pod={"containers": [container], "volumes": volumes})
    if optout:
        found["metadata"]["annotations"]["flagger.app/config-tracking"] = optout
    return found


def _config(kind: str, name: str, annotations: Obj | None = None, **data: str) -> Obj:
    meta = {"name": name, "labels": {"team": "a"}, "annotations": annotations or {"note": "x"}}
    key = "stringData" if kind == "Secret" else "data"
    return {"apiVersion": "v1", "kind": kind, "metadata": meta, key: data}


_OFF = {"flagger.app/config-tracking": "disabled"}
_CONFIGS = (
    _config("ConfigMap", "app-config", color="blue"),
    _config("ConfigMap", "app-files", _OFF, file="a"),
    _config("Secret", "app-secret", token="a"),
    _config("Secret", "app-key", key="a"),
)
record(
    "gw-secret-change",
    [template(), *_CONFIGS, _configured(), canary(GW, **STEPS)],
    patch("Secret", {"stringData": {"token": "b"}}, "app-secret"),
)
record(
    "gw-config-optout",
    [template(), *_CONFIGS, _configured(), canary(GW, **STEPS)],
    patch("ConfigMap", {"data": {"file": "b"}}, "app-files"),
    ends={"phase": "Initialized"},
    rest=25.0,
)
record(
    "gw-optout-image",
    [template(), *_CONFIGS, _configured("disabled"), canary(GW, **STEPS)],
    NEW,
)
record(
    "gw-env-change",
    setting(GW, **STEPS),
    patch(
        "Deployment",
        {
            "spec": {"template": {"metadata": {"annotations": {"note": "new"}}}},
            "metadata": {"annotations": {"owner": "y"}, "labels": {"team": "b"}},
        },
    ),
)
record(
    "gw-zero",
    [template(), workload(replicas=0), canary(GW, **STEPS)],
    NEW,
    patch("Deployment", {"spec": {"replicas": 3}}, phase="Succeeded"),
    rest=25.0,
)
record(
    "gw-replicas",
    setting(GW, **STEPS),
    NEW,
    {**patch("Deployment", {"spec": {"replicas": 4}}, phase="Progressing"), "after": 3.0},
)
