"""DaemonSets: a node selector that no node has is their zero."""

from __future__ import annotations

from typing import Any

from canary.workloads.objects import Obj, thaw
from canary.workloads.readiness import Readiness, Ready, Waiting

SCALE_TO_ZERO = "flagger.app/scale-to-zero"
"""Key of the node selector of an idle DaemonSet; the value is ``true``."""
_POINTER = "/spec/template/spec/nodeSelector"


def template(obj: Obj) -> Obj:
    """The pod template without the scale-to-zero selector."""
    found: Obj = obj["spec"]["template"]
    if not size(obj):
        copied: dict[str, Any] = thaw(found)
        del copied["spec"]["nodeSelector"][SCALE_TO_ZERO]
        if not copied["spec"]["nodeSelector"]:
            del copied["spec"]["nodeSelector"]
        return copied
    return found


def size(obj: Obj) -> int:
    """0 with the scale-to-zero selector, else 1."""
    return 0 if SCALE_TO_ZERO in (obj["spec"]["template"]["spec"].get("nodeSelector") or {}) else 1


def pods(obj: Obj) -> int:
    """Pods that exist, those on nodes that are no longer selected too."""
    status = obj.get("status") or {}
    return int(status.get("currentNumberScheduled", 0)) + int(status.get("numberMisscheduled", 0))


def resize(obj: Obj, replicas: int) -> list[dict[str, Any]]:
    """JSON Patch that sets (0) or removes the scale-to-zero selector; others stay."""
    selector = obj["spec"]["template"]["spec"].get("nodeSelector")
    escaped = SCALE_TO_ZERO.replace("/", "~1")
    if replicas:
        return [{"op": "remove", "path": f"{_POINTER}/{escaped}"}]
    if selector is None:
        return [{"op": "add", "path": _POINTER, "value": {SCALE_TO_ZERO: "true"}}]
    return [{"op": "add", "path": f"{_POINTER}/{escaped}", "value": "true"}]


def unusable_strategy(obj: Obj) -> str:
    """Why its update strategy can't be worked with, in Flagger's words; empty if it can."""
    strategy = (obj["spec"].get("updateStrategy") or {}).get("type") or "RollingUpdate"
    if strategy == "RollingUpdate":
        return ""
    meta = obj["metadata"]
    return (
        f"daemonset {meta['name']}.{meta['namespace']} must have RollingUpdate strategy "
        f"but have {strategy}"
    )


def readiness(obj: Obj, threshold: int) -> Readiness:
    """Readiness with ``threshold`` percent of the wanted pods available (lifecycle 9).

    Without any node to run on it is not ready, whatever its status says (D20).
    """
    status = obj.get("status") or {}
    prefix = "waiting for rollout to finish: "
    if int(status.get("observedGeneration", 0)) < int(obj["metadata"]["generation"]):
        return Waiting(f"{prefix}observed daemonset generation less than desired generation")
    desired = int(status.get("desiredNumberScheduled", 0))
    updated = int(status.get("updatedNumberScheduled", 0))
    available = int(status.get("numberAvailable", 0))
    if updated < desired:
        return Waiting(f"{prefix}{updated} out of {desired} new pods have been updated")
    need = desired * threshold // 100
    if available < need:
        return Waiting(
            f"{prefix}{available} of {need} (readyThreshold {threshold}%) "
            "updated pods are available"
        )
    if available == 0:
        return Waiting(f"{prefix}0 of {max(desired, 1)} pods are available")
    return Ready()
