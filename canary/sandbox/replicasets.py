"""The controller of ReplicaSets that no Deployment owns, simulated."""

from __future__ import annotations

from functools import partial

from canary.kube.resources import REPLICA_SETS, Key
from canary.sandbox.jsonvalue import JsonObj, same
from canary.sandbox.kubelet import MANAGER, Kubelet
from canary.sandbox.pods import Pod, owner_of, pod_name
from canary.sandbox.server import Server
from canary.sandbox.sets import SetState, set_status


class ReplicaSets:
    """Keeps as many pods as each ReplicaSet asks for."""

    def __init__(self, server: Server, kubelet: Kubelet) -> None:
        self._server, self._kubelet = server, kubelet
        self._pods: dict[Key, list[Pod]] = {}

    def changed(self, key: Key, obj: JsonObj | None) -> None:
        """A ReplicaSet was created, changed or deleted (None)."""
        if obj is None:
            self._kubelet.end(self._kubelet.owned(self._pods.pop(key, [])))
            return
        owned = any(one.get("controller") for one in obj["metadata"].get("ownerReferences") or ())
        if owned or "deletionTimestamp" in obj["metadata"]:
            return
        if key not in self._pods:
            self._pods[key] = self._adopted(key, obj)
        pods = self._pods[key]
        wanted = int(obj["spec"]["replicas"])
        while len(pods) < wanted:
            self._start(key, obj, pods)
        doomed = sorted(pods, key=lambda pod: (pod.ready, pod.name))[: max(0, len(pods) - wanted)]
        for pod in doomed:
            pods.remove(pod)
        self._kubelet.end(doomed)
        self._report(key, obj, pods)

    def _adopted(self, key: Key, obj: JsonObj) -> list[Pod]:
        """Pods that a Deployment ran before it left this ReplicaSet behind."""
        uid, pods = obj["metadata"]["uid"], []
        for pod in list(self._kubelet.pods.values()):
            if pod.owner.get("uid") == uid and not pod.ending:
                pod.dropped()
                pods.append(pod)
        for pod in pods:
            self._follow(key, pod, pods)
        return pods

    def _follow(self, key: Key, pod: Pod, pods: list[Pod]) -> None:
        pod.dropped = partial(pods.remove, pod)
        pod.changed = partial(self._again, key)

    def _again(self, key: Key) -> None:
        obj = self._server.storage.get(REPLICA_SETS, key)
        if obj is not None:
            self.changed(key, obj)

    def _start(self, key: Key, obj: JsonObj, pods: list[Pod]) -> None:
        number, address = self._kubelet.address()
        template = obj["spec"]["template"]
        labels = dict((template.get("metadata") or {}).get("labels") or {})
        owner = owner_of(REPLICA_SETS, obj)
        name = pod_name(key.name, number)
        pod = Pod(name, key.namespace, address, template, owner, labels)
        self._follow(key, pod, pods)
        pods.append(pod)
        self._kubelet.start(pod)

    def _report(self, key: Key, obj: JsonObj, pods: list[Pod]) -> None:
        ready = sum(pod.ready for pod in pods)
        found = set_status(SetState(len(pods), ready, ready), obj["metadata"]["generation"])
        if not same(obj.get("status"), found):
            kind = self._server.kind_of("apps", "v1", "replicasets")
            body = {**obj, "status": found}
            self._server.writer.update(kind, key, body, MANAGER, subresource="status")
