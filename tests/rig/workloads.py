"""What a workload is seen to be."""

from __future__ import annotations

from typing import Any


def image(workload: dict[str, Any]) -> str:
    """What a workload runs; of a Service, whom it selects."""
    if workload["kind"] == "Service":
        return str(sorted(workload["spec"]["selector"].items()))
    return str(workload["spec"]["template"]["spec"]["containers"][0]["image"])


def size(workload: dict[str, Any]) -> int:
    """Replicas; 0 or 1 for what only has a switch."""
    spec = workload["spec"]
    if workload["kind"] == "DaemonSet":
        selector = spec["template"]["spec"].get("nodeSelector") or {}
        return 0 if "flagger.app/scale-to-zero" in selector else 1
    return int(spec["replicas"]) if workload["kind"] == "Deployment" else 1
