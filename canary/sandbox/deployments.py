"""The Deployment controller, simulated: it decides which pods there are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from canary.clock import Clock
from canary.kube.resources import DEPLOYMENTS, REPLICA_SETS, Key
from canary.sandbox.deployment_status import status
from canary.sandbox.jsonvalue import JsonObj, same
from canary.sandbox.kubelet import MANAGER, Kubelet
from canary.sandbox.pods import Pod, owner_of, pod_name, template_hash
from canary.sandbox.refusal import Refused
from canary.sandbox.rolling import Counts, next_change
from canary.sandbox.server import Server
from canary.sandbox.sets import REVISION, SetState, mirror, trim


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

    def drop(self, pod: Pod) -> None:
        """Forget a pod that ends."""
        for hash_, pods in self.sets.items():
            self.sets[hash_] = [one for one in pods if one is not pod]


class Deployments:
    """Runs all Deployments of one cluster."""

    def __init__(self, server: Server, clock: Clock, kubelet: Kubelet) -> None:
        self._server, self._clock, self._kubelet = server, clock, kubelet
        self._workloads: dict[Key, Workload] = {}
        self.frozen: set[Key] = set()
        """Deployments whose controller does nothing: their status stays as somebody wrote it."""

    @property
    def pods(self) -> dict[Key, Pod]:
        """All pods of the cluster."""
        return self._kubelet.pods

    def changed(self, key: Key, obj: JsonObj | None) -> None:
        """A Deployment was created, changed or deleted (None)."""
        if obj is None:
            workload = self._workloads.pop(key, None)
            if workload:
                self._end(workload, [pod for pod in workload.pods() if self._owns(workload, pod)])
            return
        if key in self.frozen or "deletionTimestamp" in obj["metadata"]:
            return
        workload = self._workloads.get(key)
        if workload is not None and workload.uid != obj["metadata"]["uid"]:
            self._end(workload, list(workload.pods()))
            workload = None
        if workload is None:
            now = self._clock.monotonic()
            workload = self._workloads[key] = Workload(obj["metadata"]["uid"], progressed=now)
        self._reconcile(key, workload, obj)

    def _owns(self, workload: Workload, pod: Pod) -> bool:
        """Whether a pod goes with its Deployment, rather than stay with an orphaned ReplicaSet."""
        place = Key(pod.namespace, pod.owner.get("name", ""))
        owner = self._server.storage.get(REPLICA_SETS, place)
        references = owner["metadata"].get("ownerReferences") or () if owner else ()
        return owner is None or any(one["uid"] == workload.uid for one in references)

    def close(self) -> None:
        """Stop all timers."""
        for workload in self._workloads.values():
            if workload.timer:
                workload.timer.cancel()

    def _again(self, key: Key) -> None:
        obj = self._server.storage.get(DEPLOYMENTS, key)
        if obj is not None and key in self._workloads:
            self.changed(key, obj)

    def _reconcile(self, key: Key, workload: Workload, obj: JsonObj) -> None:
        spec, template = obj["spec"], obj["spec"]["template"]
        now = self._clock.monotonic()
        current = template_hash(template)
        try:
            obj = self._revised(key, workload, obj, current)
        except Refused:
            # Its namespace is about to go: nothing new can be made in it.
            return
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
        for hash_, pods in workload.sets.items():
            live = [p for p in pods if not p.ending]
            state = SetState(
                len(live), sum(p.ready for p in live), sum(id(p) in serving for p in live)
            )
            mirror(self._server, key, obj, hash_, workload.revisions.get(hash_, 1), state)
        self._report(key, workload, obj, counts, now)
        trim(self._server, key, obj, current)

    @staticmethod
    def _available(pod: Pod, lasts: float, now: float) -> bool:
        return pod.ready_since is not None and now >= pod.ready_since + lasts

    def _start(self, key: Key, workload: Workload, obj: JsonObj, current: str) -> None:
        number, address = self._kubelet.address()
        template = obj["spec"]["template"]
        labels = dict((template.get("metadata") or {}).get("labels") or {})
        owner = self._server.storage.get(REPLICA_SETS, Key(key.namespace, f"{key.name}-{current}"))
        pod = Pod(
            pod_name(f"{key.name}-{current}", number),
            key.namespace,
            address,
            template,
            owner_of(REPLICA_SETS, owner) if owner else {},
            labels | {"pod-template-hash": current},
        )
        pod.progressed = partial(self._progressed, workload)
        pod.dropped = partial(workload.drop, pod)
        pod.changed = partial(self._again, key)
        workload.sets.setdefault(current, []).append(pod)
        self._kubelet.start(pod)

    def _progressed(self, workload: Workload) -> None:
        workload.progressed = self._clock.monotonic()

    def set_ready(self, key: Key, ready: int) -> None:
        """Exactly ``ready`` pods of a Deployment, the first by name, pass their readiness probe."""
        workload = self._workloads[key]
        pods = sorted((p for p in workload.pods() if not p.ending), key=lambda p: p.name)
        for index, pod in enumerate(pods):
            self._kubelet.ready(pod, index < ready)
        self._again(key)

    def thaw(self, key: Key) -> None:
        """The controller of a frozen Deployment works again."""
        self.frozen.discard(key)
        obj = self._server.storage.get(DEPLOYMENTS, key)
        self.changed(key, obj)

    def _end(self, workload: Workload, pods: list[Pod]) -> None:
        for pod in pods:
            workload.drop(pod)
        self._kubelet.end(pods)

    def _revised(self, key: Key, workload: Workload, obj: JsonObj, current: str) -> JsonObj:
        """The newest ReplicaSet exists, and the Deployment bears its revision."""
        newest = max(workload.revisions.values(), default=0)
        if workload.revisions.get(current, 0) < newest or not newest:
            workload.revisions[current] = newest + 1
            workload.progressed = self._clock.monotonic()
        number = workload.revisions[current]
        workload.sets.setdefault(current, [])
        mirror(self._server, key, obj, current, number, None)
        revision = str(number)
        if (obj["metadata"].get("annotations") or {}).get(REVISION) == revision:
            return obj
        annotations = {**(obj["metadata"].get("annotations") or {}), REVISION: revision}
        marked = {**obj, "metadata": {**obj["metadata"], "annotations": annotations}}
        kind = self._server.kind_of("apps", "v1", "deployments")
        return self._server.writer.update(kind, key, marked, MANAGER)

    def _report(
        self, key: Key, workload: Workload, obj: JsonObj, counts: Counts, now: float
    ) -> None:
        """Write the status, and come back when time alone would change it."""
        current = template_hash(obj["spec"]["template"])
        new = workload.sets.get(current, [])
        ready = sum(pod.ready for pod in workload.pods())
        shape = (counts, ready)
        if shape != workload.last:
            workload.last, workload.progressed = shape, now
        name = f"{key.name}-{current}"
        found, due = status(obj, name, counts, ready, now, workload.progressed, self._clock.now())
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
