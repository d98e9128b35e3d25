"""The ReplicaSets of Deployments, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from canary.kube.resources import DEPLOYMENTS, REPLICA_SETS, Key
from canary.sandbox import deletion
from canary.sandbox.jsonvalue import JsonObj, thaw
from canary.sandbox.kubelet import MANAGER
from canary.sandbox.pods import owner_of
from canary.sandbox.rolling import most
from canary.sandbox.server import Server

REVISION = "deployment.kubernetes.io/revision"
_DESIRED = "deployment.kubernetes.io/desired-replicas"
_MOST = "deployment.kubernetes.io/max-replicas"
_CAUSE = "kubernetes.io/change-cause"


class SetState(NamedTuple):
    """How many pods a ReplicaSet has."""

    replicas: int
    ready: int
    available: int


def mirror(
    server: Server, key: Key, owner: JsonObj, hash_: str, revision: int, state: SetState | None
) -> None:
    """Let the ReplicaSet of one template exist and show its state (None: as it was)."""
    place = Key(key.namespace, f"{key.name}-{hash_}")
    live = server.storage.get(REPLICA_SETS, place)
    if live is None:
        kind = server.kind_of("apps", "v1", "replicasets")
        body = _new(key, owner, hash_, revision)
        live = server.writer.create(kind, key.namespace, body, MANAGER)
    meta, spec = live["metadata"], live["spec"]
    annotations = {**(meta.get("annotations") or {}), REVISION: str(revision)}
    if state is None:
        wanted, found = spec, live["status"]
    else:
        annotations |= _sizes(owner["spec"])
        wanted = {**spec, "replicas": state.replicas}
        generation = meta["generation"] + (wanted != spec)
        found = set_status(state, generation)
    if (annotations, wanted, found) == (meta.get("annotations"), spec, live["status"]):
        return
    changed = {
        **meta,
        "annotations": annotations,
        "generation": meta["generation"] + (wanted != spec),
    }
    server.storage.put(
        REPLICA_SETS, place, {**live, "metadata": changed, "spec": wanted, "status": found}
    )


def set_status(state: SetState, generation: int) -> JsonObj:
    """The status of a ReplicaSet."""
    found = {"replicas": state.replicas, "observedGeneration": generation}
    more = {
        "fullyLabeledReplicas": state.replicas,
        "readyReplicas": state.ready,
        "availableReplicas": state.available,
    }
    return found | {name: number for name, number in more.items() if number}


def trim(server: Server, key: Key, owner: JsonObj, current: str) -> None:
    """Delete the oldest empty ReplicaSets beyond what the history may hold."""
    limit = int(owner["spec"].get("revisionHistoryLimit", 10))
    prefix = f"{key.name}-"
    idle = []
    for place, obj in server.storage.all(REPLICA_SETS):
        owners = obj["metadata"].get("ownerReferences") or ()
        ours = any(one["uid"] == owner["metadata"]["uid"] for one in owners)
        if ours and place.name != prefix + current and not obj["spec"]["replicas"]:
            annotations = obj["metadata"].get("annotations") or {}
            idle.append((int(annotations.get(REVISION, 0)), place))
    kind = server.kind_of("apps", "v1", "replicasets")
    for _, place in sorted(idle)[: max(0, len(idle) - limit)]:
        deletion.delete(server.writer, kind, place, {})


def _sizes(spec: Mapping[str, Any]) -> dict[str, str]:
    desired = int(spec["replicas"])
    return {_DESIRED: str(desired), _MOST: str(most(desired, spec.get("strategy") or {}))}


def _new(key: Key, owner: JsonObj, hash_: str, revision: int) -> JsonObj:
    template = thaw(owner["spec"]["template"])
    labels = template.setdefault("metadata", {}).setdefault("labels", {})
    labels["pod-template-hash"] = hash_
    selector = thaw(owner["spec"]["selector"])
    selector.setdefault("matchLabels", {})["pod-template-hash"] = hash_
    annotations = {REVISION: str(revision)} | _sizes(owner["spec"])
    cause = (owner["metadata"].get("annotations") or {}).get(_CAUSE)
    if cause:
        annotations[_CAUSE] = cause
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{key.name}-{hash_}",
            "namespace": key.namespace,
            "labels": dict(labels),
            "annotations": annotations,
            "ownerReferences": [owner_of(DEPLOYMENTS, owner)],
        },
        "spec": {"replicas": 0, "selector": selector, "template": template},
    }
