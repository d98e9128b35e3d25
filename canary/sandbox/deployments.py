"""The Deployment controller and the kubelet, simulated: ReplicaSets, pods, readiness, status."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from canary.clock import Clock, rfc3339
from canary.kube.resources import DEPLOYMENTS, PODS, REPLICA_SETS, Key, Resource
from canary.sandbox.deployment_status import status
from canary.sandbox.jsonvalue import JsonObj, same, thaw
from canary.sandbox.pods import Behaves, Pod, pod_object, pod_status, template_hash
from canary.sandbox.refusal import Refused
from canary.sandbox.rolling import Counts, next_change
from canary.sandbox.server import Server

MANAGER = "kube-controller-manager"


@dataclass(slots=True)
class Workload:
    """What the controller knows of one Deployment: pods by template hash."""

    uid: str
    sets: dict[str, list[Pod]] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    progressed: float = 0.0
    last: tuple[object, ...] = ()
    timer: asyncio.TimerHandle | None = None

    def pods(self) -> Iterator[Pod]:
        for pods in self.sets.values():
            yield from pods


class Deployments:
    """Runs all Deployments of one cluster; ``moved`` hears of every pod that changed."""

    def __init__(
        self, server: Server, clock: Clock, behaves: Behaves, moved: Callable[[Pod], None]
    ) -> None:
        self._server, self._clock = server, clock
        self._behaves, self._moved = behaves, moved
        self._workloads: dict[Key, Workload] = {}
        self._made = 0
        self.pods: dict[Key, Pod] = {}
        self.frozen: set[Key] = set()
        """Deployments whose controller does nothing: their status stays as somebody wrote it."""

    def changed(self, key: Key, obj: JsonObj | None) -> None:
        """A Deployment was created, changed or deleted (None)."""
        if key in self.frozen and obj is not None:
            return
        if obj is None:
            workload = self._workloads.pop(key, None)
            if workload:
                self._end(workload, list(workload.pods()))
            return
        workload = self._workloads.get(key)
        if workload is not None and workload.uid != obj["metadata"]["uid"]:
            self._end(workload, list(workload.pods()))
            workload = None
        if workload is None:
            now = self._clock.monotonic()
            workload = self._workloads[key] = Workload(obj["metadata"]["uid"], progressed=now)
        self._reconcile(key, workload, obj)

    def pod_deleted(self, key: Key) -> None:
        """A Pod object is gone: if somebody else deleted it, another one comes in its place."""
        pod = self.pods.pop(key, None)
        if pod is None:
            return
        pod.ending = True
        self._moved(pod)
        for owner, workload in self._workloads.items():
            if any(pod is one for one in workload.pods()):
                self._drop(workload, pod)
                self._again(owner)
                return

    def close(self) -> None:
        """Stop all timers."""
        for workload in self._workloads.values():
            if workload.timer:
                workload.timer.cancel()

    def _again(self, key: Key) -> None:
        obj = self._server.storage.get(DEPLOYMENTS, key)
        workload = self._workloads.get(key)
        if obj is not None and workload is not None and key not in self.frozen:
            self._reconcile(key, workload, obj)

    def _reconcile(self, key: Key, workload: Workload, obj: JsonObj) -> None:
        spec, template = obj["spec"], obj["spec"]["template"]
        now = self._clock.monotonic()
        current = template_hash(template)
        obj = self._replica_set(key, workload, obj, current)
        while True:
            new = [p for p in workload.sets.get(current, ()) if not p.ending]
            old = [
                p for h, pods in workload.sets.items() if h != current for p in pods if not p.ending
            ]
            lasts = float(spec.get("minReadySeconds") or 0)
            serving = {id(p) for p in (*new, *old) if self._available(p, lasts, now)}
            counts = Counts(
                len(new),
                sum(id(p) in serving for p in new),
                len(old),
                sum(id(p) in serving for p in old),
            )
            change = next_change(counts, int(spec["replicas"]), spec.get("strategy") or {})
            for _ in range(change.create_new):
                self._start(key, workload, obj, current)
            doomed = sorted(old, key=lambda p: (id(p) in serving, p.name))[: change.delete_old]
            doomed += sorted(new, key=lambda p: (p.ready, p.name))[: change.delete_new]
            self._end(workload, doomed)
            if not change.create_new and not doomed:
                break
        self._report(key, workload, obj, counts, now)

    @staticmethod
    def _available(pod: Pod, lasts: float, now: float) -> bool:
        return pod.ready_since is not None and now >= pod.ready_since + lasts

    def _start(self, key: Key, workload: Workload, obj: JsonObj, current: str) -> None:
        self._made += 1
        number = self._made
        template = obj["spec"]["template"]
        labels = dict((template.get("metadata") or {}).get("labels") or {})
        owner = self._server.storage.get(REPLICA_SETS, Key(key.namespace, f"{key.name}-{current}"))
        pod = Pod(
            f"{key.name}-{current}-{number:05d}",
            key.namespace,
            f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            template,
            _owner(REPLICA_SETS, owner) if owner else {},
            labels | {"pod-template-hash": current},
        )
        workload.sets.setdefault(current, []).append(pod)
        self.pods[Key(key.namespace, pod.name)] = pod
        self._write_pod(pod)
        behaviour = self._behaves(template)
        if behaviour.starts_in == 0:
            self._serve(key, workload, pod, again=False)
        elif behaviour.starts_in is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(behaviour.starts_in, self._serve, key, workload, pod)

    def _serve(self, key: Key, workload: Workload, pod: Pod, again: bool = True) -> None:
        """The pod passes its readiness probe."""
        if pod.ending or Key(pod.namespace, pod.name) not in self.pods:
            return
        pod.ready_since = workload.progressed = self._clock.monotonic()
        self._write_pod(pod)
        self._moved(pod)
        if again:
            self._again(key)

    def set_ready(self, key: Key, ready: int) -> None:
        """Exactly ``ready`` pods of a Deployment, the first by name, pass their readiness probe."""
        workload = self._workloads[key]
        pods = sorted((p for p in workload.pods() if not p.ending), key=lambda p: p.name)
        for index, pod in enumerate(pods):
            if pod.ready != (index < ready):
                pod.ready_since = self._clock.monotonic() if index < ready else None
                self._write_pod(pod)
                self._moved(pod)
        self._again(key)

    def probed(self, key: Key, ready: bool) -> None:
        """What a readiness probe found of one pod, where pods don't serve by themselves."""
        pod = self.pods.get(key)
        if pod is None or pod.ending or pod.ready == ready:
            return
        pod.ready_since = self._clock.monotonic() if ready else None
        self._write_pod(pod)
        self._moved(pod)
        for owner, workload in self._workloads.items():
            if any(pod is one for one in workload.pods()):
                self._again(owner)
                return

    def thaw(self, key: Key) -> None:
        """The controller of a frozen Deployment works again."""
        self.frozen.discard(key)
        obj = self._server.storage.get(DEPLOYMENTS, key)
        self.changed(key, obj)

    def _end(self, workload: Workload, pods: list[Pod]) -> None:
        for pod in pods:
            pod.ending = True
            self._drop(workload, pod)
            self._moved(pod)
            ends_in = self._behaves(pod.template).ends_in
            if ends_in:
                asyncio.get_running_loop().call_later(ends_in, self._gone, pod)
            else:
                self._gone(pod)

    def _gone(self, pod: Pod) -> None:
        key = Key(pod.namespace, pod.name)
        if self.pods.pop(key, None) is not None:
            self._moved(pod)
            if self._server.storage.get(PODS, key) is not None:
                self._server.storage.remove(PODS, key)

    @staticmethod
    def _drop(workload: Workload, pod: Pod) -> None:
        for hash_, pods in workload.sets.items():
            workload.sets[hash_] = [one for one in pods if one is not pod]

    def _write_pod(self, pod: Pod) -> None:
        kind, key = self._server.kind_of("", "v1", "pods"), Key(pod.namespace, pod.name)
        now, writer = rfc3339(self._clock.now()), self._server.writer
        try:
            if self._server.storage.get(PODS, key) is None:
                writer.create(kind, pod.namespace, pod_object(pod, now), MANAGER)
            live = self._server.storage.get(PODS, key)
            if live is not None:
                writer.update(
                    kind,
                    key,
                    {**live, "status": pod_status(pod, now)},
                    "kubelet",
                    subresource="status",
                )
        except Refused:
            # Its namespace is gone, and so is the pod.
            self.pods.pop(key, None)

    def _replica_set(self, key: Key, workload: Workload, obj: JsonObj, current: str) -> JsonObj:
        """The newest ReplicaSet exists, and the Deployment bears its revision."""
        if current not in workload.revisions:
            workload.revisions[current] = max(workload.revisions.values(), default=0) + 1
            workload.progressed = self._clock.monotonic()
        elif workload.revisions[current] < max(workload.revisions.values()):
            workload.revisions[current] = max(workload.revisions.values()) + 1
            workload.progressed = self._clock.monotonic()
        storage = self._server.storage
        place = Key(key.namespace, f"{key.name}-{current}")
        if storage.get(REPLICA_SETS, place) is None:
            kind = self._server.kind_of("apps", "v1", "replicasets")
            body = _replica_set(key, obj, current)
            self._server.writer.create(kind, key.namespace, body, MANAGER)
        revision = str(workload.revisions[current])
        name = "deployment.kubernetes.io/revision"
        if (obj["metadata"].get("annotations") or {}).get(name) == revision:
            return obj
        marked = thaw(obj)
        marked["metadata"].setdefault("annotations", {})[name] = revision
        kind = self._server.kind_of("apps", "v1", "deployments")
        return self._server.writer.update(kind, key, marked, MANAGER)

    def _report(
        self, key: Key, workload: Workload, obj: JsonObj, counts: Counts, now: float
    ) -> None:
        """Write the status, and come back when time alone would change it."""
        new = workload.sets.get(template_hash(obj["spec"]["template"]), [])
        ready = sum(pod.ready for pod in workload.pods())
        shape = (counts, ready)
        if shape != workload.last:
            workload.last, workload.progressed = shape, now
        found, due = status(obj, counts, ready, now, workload.progressed, self._clock.now())
        lasts = float(obj["spec"].get("minReadySeconds") or 0)
        dues = [p.ready_since + lasts for p in new if p.ready_since is not None]
        times = [at for at in (*dues, *([due] if due is not None else [])) if at > now]
        if workload.timer:
            workload.timer.cancel()
            workload.timer = None
        if times:
            loop = asyncio.get_running_loop()
            delay = min(times) - now
            workload.timer = loop.call_later(delay, self._again, key)
        if not same(obj.get("status"), found):
            kind = self._server.kind_of("apps", "v1", "deployments")
            body = {**obj, "status": found}
            self._server.writer.update(kind, key, body, MANAGER, subresource="status")


def _owner(resource: Resource, obj: JsonObj) -> JsonObj:
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "name": obj["metadata"]["name"],
        "uid": obj["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _replica_set(key: Key, obj: JsonObj, current: str) -> JsonObj:
    template = thaw(obj["spec"]["template"])
    labels = template.setdefault("metadata", {}).setdefault("labels", {})
    labels["pod-template-hash"] = current
    selector = thaw(obj["spec"]["selector"])
    selector.setdefault("matchLabels", {})["pod-template-hash"] = current
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{key.name}-{current}",
            "namespace": key.namespace,
            "labels": dict(labels),
            "ownerReferences": [_owner(DEPLOYMENTS, obj)],
        },
        "spec": {"replicas": 0, "selector": selector, "template": template},
    }
