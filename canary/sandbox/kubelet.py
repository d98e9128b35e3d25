"""The kubelets of all nodes, simulated: pods start, serve, end, and say so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from canary.clock import Clock, rfc3339
from canary.kube.resources import PODS, Key
from canary.sandbox import deletion
from canary.sandbox.pods import Behaves, Pod, pod_object, pod_status
from canary.sandbox.refusal import Refused
from canary.sandbox.server import Server

MANAGER = "kube-controller-manager"


class Kubelet:
    """Runs pods; ``moved`` hears of every pod whose readiness changed, that ends or is gone."""

    def __init__(
        self, server: Server, clock: Clock, behaves: Behaves, moved: Callable[[Pod], None]
    ) -> None:
        self._server, self._clock = server, clock
        self._behaves, self._moved = behaves, moved
        self._made = 0
        self.pods: dict[Key, Pod] = {}

    def address(self) -> tuple[int, str]:
        """A number that no pod had, and the address that goes with it."""
        self._made += 1
        number = self._made
        return number, f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def start(self, pod: Pod) -> None:
        """Create the Pod; it serves when its template says so."""
        self.pods[pod.key] = pod
        self._write(pod)
        starts_in = self._behaves(pod.template).starts_in
        if starts_in == 0:
            self._serve(pod)
        elif starts_in is not None:
            asyncio.get_running_loop().call_later(starts_in, self._served, pod)

    def _served(self, pod: Pod) -> None:
        if self._serve(pod):
            pod.changed()

    def _serve(self, pod: Pod) -> bool:
        """The pod passes its readiness probe."""
        if pod.ending or pod.key not in self.pods:
            return False
        pod.progressed()
        return self.ready(pod, True)

    def ready(self, pod: Pod, ready: bool) -> bool:
        """Let a pod be ready or not; whether that changed anything."""
        if pod.ready == ready:
            return False
        pod.ready_since = self._clock.monotonic() if ready else None
        self._write(pod)
        self._moved(pod)
        return True

    def owned(self, pods: Iterable[Pod]) -> list[Pod]:
        """Those that still have the owner that they were made for: orphans live on."""
        found = []
        for pod in pods:
            live = self._server.storage.get(PODS, pod.key)
            owners = live["metadata"].get("ownerReferences") or () if live else ()
            if any(one["uid"] == pod.owner.get("uid") for one in owners):
                found.append(pod)
        return found

    def end(self, pods: Iterable[Pod]) -> None:
        """End pods that nobody wants any more."""
        for pod in pods:
            pod.ending = True
            self._moved(pod)
            ends_in = self._behaves(pod.template).ends_in
            if ends_in:
                self._mark(pod)
                asyncio.get_running_loop().call_later(ends_in, self._gone, pod)
            else:
                self._gone(pod)

    def marked(self, key: Key) -> None:
        """Somebody deletes a Pod: it ends, and its controller replaces it."""
        pod = self.pods.get(key)
        if pod is not None and not pod.ending:
            pod.dropped()
            self.end([pod])
            pod.changed()

    def deleted(self, key: Key) -> None:
        """A Pod object is gone: if somebody else deleted it, another one comes in its place."""
        pod = self.pods.pop(key, None)
        if pod is not None:
            pod.ending = True
            self._moved(pod)
            pod.dropped()
            pod.changed()

    def _mark(self, pod: Pod) -> None:
        """Show that a pod ends."""
        live = self._server.storage.get(PODS, pod.key)
        if live is not None and "deletionTimestamp" not in live["metadata"]:
            kind = self._server.kind_of("", "v1", "pods")
            deletion.delete(self._server.writer, kind, pod.key, {})

    def _gone(self, pod: Pod) -> None:
        if self.pods.pop(pod.key, None) is not None:
            self._moved(pod)
            if self._server.storage.get(PODS, pod.key) is not None:
                self._server.storage.remove(PODS, pod.key)

    def _write(self, pod: Pod) -> None:
        kind, key = self._server.kind_of("", "v1", "pods"), pod.key
        now, writer = rfc3339(self._clock.now()), self._server.writer
        try:
            if self._server.storage.get(PODS, key) is None:
                writer.create(kind, pod.namespace, pod_object(pod), MANAGER)
            live = self._server.storage.get(PODS, key)
            if live is not None:
                body = {**live, "status": pod_status(pod, live, now)}
                writer.update(kind, key, body, "kubelet", subresource="status")
        except Refused:
            # Its namespace is gone, or about to be, and so is the pod.
            self.pods.pop(key, None)
