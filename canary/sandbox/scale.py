"""The scale subresource of workloads."""

from __future__ import annotations

from canary.sandbox.fielderror import invalid
from canary.sandbox.jsonvalue import JsonObj, thaw
from canary.sandbox.printed import selector
from canary.sandbox.refusal import invalid_object

SCALE_TYPE = "io.k8s.api.autoscaling.v1.Scale"
_KEPT = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def read_scale(obj: JsonObj) -> JsonObj:
    """The Scale of a workload; 0 replicas aren't written out, as the server doesn't either."""
    replicas = obj["spec"].get("replicas", 0)
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: obj["metadata"][key] for key in _KEPT if key in obj["metadata"]},
        "spec": {"replicas": replicas} if replicas else {},
        "status": {
            "replicas": (obj.get("status") or {}).get("replicas", 0),
            "selector": selector(obj["spec"].get("selector")),
        },
    }


def scaled(live: JsonObj, scale: JsonObj) -> JsonObj:
    """The workload with the replicas and preconditions of ``scale``; raises Refused."""
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    if replicas < 0:
        error = invalid("spec.replicas", replicas, "must be greater than or equal to 0")
        raise invalid_object("autoscaling", "Scale", live["metadata"]["name"], [error])
    obj: JsonObj = thaw(live)
    obj["spec"]["replicas"] = replicas
    given = scale.get("metadata") or {}
    for name in ("uid", "resourceVersion"):
        if given.get(name):
            obj["metadata"][name] = given[name]
    return obj
