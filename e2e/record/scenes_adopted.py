"""Objects that users had before there was a Canary, and what is left of them afterwards."""

from __future__ import annotations

from e2e.record.manifests import delete, image, setting, weights
from e2e.record.scenario import Obj, record
from e2e.replay import NAME

NEW = image("6.0.1")
ONE_STEP = weights(50, 50)
REVERT = {"spec": {"revertOnDeletion": True}}
GONE = {"ends": {"gone": True}}
_META = {"name": NAME, "labels": {"owner": "users"}, "annotations": {"note": "users"}}


def service() -> Obj:
    """The Service in front of the target."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _META,
        "spec": {
            "selector": {"app": NAME},
            "ports": [{"name": "web", "port": 80, "targetPort": 9898}],
        },
    }


def virtual_service() -> Obj:
    """A VirtualService of a user."""
    rule = {
        "route": [{"destination": {"host": NAME}}],
        "retries": {"attempts": 2, "retryOn": "5xx"},
        "timeout": "20s",
    }
    return {
        "apiVersion": "networking.istio.io/v1beta1",
        "kind": "VirtualService",
        "metadata": _META,
        "spec": {"hosts": ["old.example.com"], "gateways": ["mesh"], "http": [rule]},
    }


def http_route() -> Obj:
    """An HTTPRoute of a user."""
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": _META,
        "spec": {
            "parentRefs": [{"name": "old", "namespace": "default"}],
            "hostnames": ["old.example.com"],
            "rules": [{"backendRefs": [{"name": NAME, "port": 80}]}],
        },
    }


record("k8s-adopted", setting("kubernetes", service(), iterations=1), NEW)
record(
    "k8s-adopted-delete",
    setting("kubernetes", service(), **REVERT, iterations=1),
    delete(),
    **GONE,
)
record("istio-adopted", setting("istio", service(), virtual_service(), **ONE_STEP), NEW)
record(
    "istio-adopted-delete",
    setting("istio", service(), virtual_service(), **REVERT, **ONE_STEP),
    delete(),
    **GONE,
)
record("gw-adopted", setting("gatewayapi:v1", service(), http_route(), **ONE_STEP), NEW)
