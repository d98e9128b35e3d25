"""Is a Deployment ready? In Flagger's words, with whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

from canary.workloads.objects import Obj


@dataclass(frozen=True, slots=True)
class Ready:
    """Enough pods of the newest template are available."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not yet; ``text`` says for what."""

    text: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """The Deployment gave up: it exceeded its own progress deadline."""

    text: str


Readiness = Ready | Waiting | Stuck


def readiness(deployment: Obj, threshold: int, *, needs_pods: bool) -> Readiness:
    """Readiness of ``deployment`` with ``threshold`` percent of its updated pods available.

    ``needs_pods``: a workload without any pod is not ready, whatever its status says (D20).
    """
    spec, status = deployment["spec"], deployment.get("status") or {}
    if int(status.get("observedGeneration", 0)) < int(deployment["metadata"]["generation"]):
        return Waiting(
            "waiting for rollout to finish: "
            "observed deployment generation less than desired generation"
        )
    conditions = {c["type"]: c for c in status.get("conditions") or ()}
    if conditions.get("Progressing", {}).get("reason") == "ProgressDeadlineExceeded":
        name = deployment["metadata"]["name"]
        return Stuck(f'deployment "{name}" exceeded its progress deadline')
    desired = int(spec.get("replicas", 1))
    updated, total = int(status.get("updatedReplicas", 0)), int(status.get("replicas", 0))
    available = int(status.get("availableReplicas", 0))
    prefix = "waiting for rollout to finish: "
    if updated < desired:
        return Waiting(f"{prefix}{updated} out of {desired} new replicas have been updated")
    if total > updated:
        return Waiting(f"{prefix}{total - updated} old replicas are pending termination")
    need = updated * threshold // 100
    if available < need:
        return Waiting(
            f"{prefix}{available} of {need} (readyThreshold {threshold}%) "
            "updated replicas are available"
        )
    if needs_pods and (desired == 0 or available == 0):
        return Waiting(f"{prefix}0 of {max(desired, 1)} replicas are available")
    return Ready()
