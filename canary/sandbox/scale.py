"""The scale subresource of workloads."""

from __future__ import annotations

from typing import Any

from canary.sandbox.jsonvalue import JsonObj, thaw
from canary.sandbox.refusal import bad_request

_KEPT = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def read_scale(obj: JsonObj) -> JsonObj:
    """The Scale of a workload."""
    labels = (obj["spec"].get("selector") or {}).get("matchLabels") or {}
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {key: obj["metadata"][key] for key in _KEPT if key in obj["metadata"]},
        "spec": {"replicas": obj["spec"].get("replicas", 0)},
        "status": {
            "replicas": (obj.get("status") or {}).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in sorted(labels.items())),
        },
    }


def scaled(live: JsonObj, scale: Any) -> JsonObj:
    """The workload with the replicas and preconditions of ``scale``."""
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    if not isinstance(replicas, int) or isinstance(replicas, bool) or replicas < 0:
        raise bad_request(f"spec.replicas: {replicas!r} is not a number of pods")
    obj: JsonObj = thaw(live)
    obj["spec"]["replicas"] = replicas
    given = scale.get("metadata") or {}
    for name in ("uid", "resourceVersion"):
        if given.get(name):
            obj["metadata"][name] = given[name]
    return obj
