"""The DaemonSet controller, simulated: one pod on each node that a DaemonSet selects."""

from __future__ import annotations

from functools import partial

from canary.kube.resources import DAEMON_SETS, Key
from canary.sandbox.jsonvalue import JsonObj, same
from canary.sandbox.kinds import NODES
from canary.sandbox.kubelet import MANAGER, Kubelet
from canary.sandbox.pods import Pod, owner_of, pod_name, template_hash
from canary.sandbox.server import Server

HASH = "controller-revision-hash"


class DaemonSets:
    """Runs all DaemonSets of one cluster."""

    def __init__(self, server: Server, kubelet: Kubelet) -> None:
        self._server, self._kubelet = server, kubelet
        self._pods: dict[Key, list[Pod]] = {}
        self.frozen: set[Key] = set()
        """DaemonSets whose controller does nothing: their status stays as somebody wrote it."""

    def changed(self, key: Key, obj: JsonObj | None) -> None:
        """A DaemonSet was created, changed or deleted (None)."""
        if obj is None:
            self._kubelet.end(self._kubelet.owned(self._pods.pop(key, [])))
            return
        if key in self.frozen or "deletionTimestamp" in obj["metadata"]:
            return
        pods, current = self._pods.setdefault(key, []), template_hash(obj["spec"]["template"])
        nodes = self._nodes(obj)
        self._end(pods, [pod for pod in pods if pod.node not in nodes])
        while doomed := self._replaceable(obj, pods, current):
            self._end(pods, doomed)
            self._fill(key, obj, pods, nodes, current)
        self._fill(key, obj, pods, nodes, current)
        self._report(key, obj, pods, nodes, current)

    def nodes_changed(self) -> None:
        """A node came, went, or has other labels."""
        for key in list(self._pods):
            self._again(key)

    def thaw(self, key: Key) -> None:
        """The controller of a frozen DaemonSet works again."""
        self.frozen.discard(key)
        self._again(key)

    def _again(self, key: Key) -> None:
        obj = self._server.storage.get(DAEMON_SETS, key)
        if obj is not None:
            self.changed(key, obj)

    def _nodes(self, obj: JsonObj) -> list[str]:
        wanted = obj["spec"]["template"]["spec"].get("nodeSelector") or {}
        found = []
        for key, node in self._server.storage.all(NODES):
            labels = node["metadata"].get("labels") or {}
            if all(labels.get(name) == value for name, value in wanted.items()):
                found.append(key.name)
        return found

    def _replaceable(self, obj: JsonObj, pods: list[Pod], current: str) -> list[Pod]:
        """Pods of an old template that may end now: no more at a time than may be missing."""
        strategy = obj["spec"].get("updateStrategy") or {}
        if strategy.get("type") == "OnDelete":
            return []
        allowed = (strategy.get("rollingUpdate") or {}).get("maxUnavailable", 1)
        if isinstance(allowed, str):
            allowed = -(-len(pods) * int(allowed.rstrip("%")) // 100)
        old = [pod for pod in pods if pod.labels[HASH] != current]
        idle = [pod for pod in old if not pod.ready]
        missing = sum(not pod.ready for pod in pods)
        room = max(0, int(allowed) - missing)
        return idle + [pod for pod in old if pod.ready][:room]

    def _fill(
        self, key: Key, obj: JsonObj, pods: list[Pod], nodes: list[str], current: str
    ) -> None:
        taken = {pod.node for pod in pods}
        for node in nodes:
            if node not in taken:
                self._start(key, obj, pods, node, current)

    def _end(self, pods: list[Pod], doomed: list[Pod]) -> None:
        for pod in doomed:
            pods.remove(pod)
        self._kubelet.end(doomed)

    def _start(self, key: Key, obj: JsonObj, pods: list[Pod], node: str, current: str) -> None:
        number, address = self._kubelet.address()
        template = obj["spec"]["template"]
        labels = dict((template.get("metadata") or {}).get("labels") or {}) | {HASH: current}
        owner = owner_of(DAEMON_SETS, obj)
        pod = Pod(pod_name(key.name, number), key.namespace, address, template, owner, labels, node)
        pod.dropped = partial(pods.remove, pod)
        pod.changed = partial(self._again, key)
        pods.append(pod)
        self._kubelet.start(pod)

    def _report(
        self, key: Key, obj: JsonObj, pods: list[Pod], nodes: list[str], current: str
    ) -> None:
        ready = sum(pod.ready for pod in pods)
        found = {
            "currentNumberScheduled": len(pods),
            "desiredNumberScheduled": len(nodes),
            "numberMisscheduled": 0,
            "numberReady": ready,
            "observedGeneration": obj["metadata"]["generation"],
        }
        more = {
            "updatedNumberScheduled": sum(pod.labels[HASH] == current for pod in pods),
            "numberAvailable": ready,
            "numberUnavailable": len(nodes) - ready,
        }
        found |= {name: number for name, number in more.items() if number}
        if not same(obj.get("status"), found):
            kind = self._server.kind_of("apps", "v1", "daemonsets")
            body = {**obj, "status": found}
            self._server.writer.update(kind, key, body, MANAGER, subresource="status")
