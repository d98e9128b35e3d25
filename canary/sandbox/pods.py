"""Simulated pods: when they start to serve, and what the API shows of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from canary.kube.resources import Key, Resource
from canary.sandbox.jsonvalue import JsonObj, canonical, thaw

NODE = "sandbox"
"""Name of the node that everything runs on, as long as nobody adds others."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How pods of a template behave: seconds until they serve (None: never) and until they end."""

    starts_in: float | None = 0.0
    ends_in: float = 0.0


Behaves = Callable[[Mapping[str, Any]], Behaviour]
"""Takes a pod template."""


def _nothing() -> None:
    """Nobody wants to know."""


@dataclass(slots=True, eq=False)
class Pod:
    """One pod of a workload.

    Its controller hears: ``progressed`` when it first serves, ``dropped`` when somebody else ends
    it, and ``changed`` after either.
    """

    name: str
    namespace: str
    address: str
    template: JsonObj
    owner: JsonObj
    labels: Mapping[str, str] = field(default_factory=dict)
    node: str = NODE
    ready_since: float | None = None
    ending: bool = False
    progressed: Callable[[], None] = _nothing
    dropped: Callable[[], None] = _nothing
    changed: Callable[[], None] = _nothing

    @property
    def ready(self) -> bool:
        return self.ready_since is not None and not self.ending

    @property
    def key(self) -> Key:
        return Key(self.namespace, self.name)


def pod_name(owner: str, number: int) -> str:
    """The name of a pod of ``owner``; as the API server generates them, a long one is cut."""
    return f"{f'{owner}-'[:58]}{number:05d}"


def template_hash(template: Mapping[str, Any]) -> str:
    """What tells the pods of two templates apart; ten characters, as in names of ReplicaSets."""
    return hashlib.sha256(canonical(template)).hexdigest()[:10]


def pod_object(pod: Pod) -> JsonObj:
    """The Pod as its controller creates it."""
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
        "spec": {**template["spec"], "nodeName": pod.node},
    }


def pod_status(pod: Pod, live: Mapping[str, Any], now: str) -> JsonObj:
    """Its status; times of what didn't change stay as they were in the ``live`` object."""
    before = live.get("status") or {}
    known = {one["type"]: one for one in before.get("conditions") or ()}

    def condition(kind: str, holds: bool) -> JsonObj:
        state, old = "True" if holds else "False", known.get(kind)
        since = old["lastTransitionTime"] if old and old["status"] == state else now
        return {"type": kind, "status": state, "lastTransitionTime": since}

    started = before.get("startTime", now)
    containers = pod.template["spec"].get("containers") or ()
    return {
        "phase": "Running",
        "qosClass": before.get("qosClass", "BestEffort"),
        "podIP": pod.address,
        "podIPs": [{"ip": pod.address}],
        "startTime": started,
        "conditions": [
            condition("Initialized", True),
            condition("Ready", pod.ready),
            condition("ContainersReady", pod.ready),
            condition("PodScheduled", True),
        ],
        "containerStatuses": [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": "",
                "ready": pod.ready,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": started}},
            }
            for container in containers
        ],
    }


def owner_of(resource: Resource, obj: Mapping[str, Any]) -> JsonObj:
    """The owner reference of what a controller makes for ``obj``."""
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "name": obj["metadata"]["name"],
        "uid": obj["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
