"""Simulated pods: when they start to serve, and what the API shows of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from canary.sandbox.jsonvalue import JsonObj, canonical, thaw


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How pods of a template behave: seconds until they serve (None: never) and until they end."""

    starts_in: float | None = 0.0
    ends_in: float = 0.0


Behaves = Callable[[Mapping[str, Any]], Behaviour]
"""Takes a pod template."""


@dataclass(slots=True, eq=False)
class Pod:
    """One pod of a workload."""

    name: str
    namespace: str
    address: str
    template: JsonObj
    owner: JsonObj
    labels: Mapping[str, str] = field(default_factory=dict)
    ready_since: float | None = None
    ending: bool = False

    @property
    def ready(self) -> bool:
        return self.ready_since is not None and not self.ending


def template_hash(template: Mapping[str, Any]) -> str:
    """What tells the pods of two templates apart; ten characters, as in names of ReplicaSets."""
    return hashlib.sha256(canonical(template)).hexdigest()[:10]


def pod_object(pod: Pod, now: str) -> JsonObj:
    """The Pod as the API shows it."""
    template = thaw(pod.template)
    meta = template.get("metadata") or {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **{k: v for k, v in meta.items() if k == "annotations"},
            "name": pod.name,
            "namespace": pod.namespace,
            "labels": dict(pod.labels),
            "ownerReferences": [pod.owner],
        },
        "spec": template["spec"],
    }


def pod_status(pod: Pod, now: str) -> JsonObj:
    """Its status."""
    state = "True" if pod.ready else "False"
    return {
        "phase": "Running",
        "podIP": pod.address,
        "podIPs": [{"ip": pod.address}],
        "startTime": now,
        "conditions": [
            {"type": "Ready", "status": state, "lastTransitionTime": now},
            {"type": "ContainersReady", "status": state, "lastTransitionTime": now},
        ],
    }
