"""The HorizontalPodAutoscaler controller, simulated: bounds are kept, nothing is measured."""

from __future__ import annotations

import asyncio

from canary.kube.resources import AUTOSCALERS, DEPLOYMENTS, Key
from canary.sandbox.jsonvalue import JsonObj, same
from canary.sandbox.kubelet import MANAGER
from canary.sandbox.server import Server


class Autoscalers:
    """Keeps Deployments within the bounds of their autoscalers; one at 0 replicas is left alone."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._names: dict[Key, set[Key]] = {}
        self.period = 0.0
        """Seconds from a change to the look at it; in a real cluster up to 15."""
        self.asleep = False
        """Nothing is scaled, as if no metrics could be had and all bounds were kept."""

    def changed(self, key: Key, obj: JsonObj | None) -> None:
        """An autoscaler was created, changed or deleted (None)."""
        for known in self._names.values():
            known.discard(key)
        if obj is None:
            return
        scaled = obj["spec"]["scaleTargetRef"]
        if scaled["kind"] == "Deployment":
            self._names.setdefault(Key(key.namespace, scaled["name"]), set()).add(key)
            self._later(key)

    def target_changed(self, key: Key) -> None:
        """A Deployment was created or changed."""
        for autoscaler in self._names.get(key, ()):
            self._later(autoscaler)

    def close(self) -> None:
        """Stop all timers."""
        for timer in self._timers.values():
            timer.cancel()

    def _later(self, key: Key) -> None:
        if key not in self._timers:
            loop = asyncio.get_running_loop()
            self._timers[key] = loop.call_later(self.period, self._look, key)

    def _look(self, key: Key) -> None:
        del self._timers[key]
        obj = self._server.storage.get(AUTOSCALERS, key)
        if obj is None or self.asleep:
            return
        spec = obj["spec"]
        place = Key(key.namespace, spec["scaleTargetRef"]["name"])
        target = self._server.storage.get(DEPLOYMENTS, place)
        if target is None:
            return
        replicas = int(target["spec"]["replicas"])
        wanted = min(max(replicas, int(spec["minReplicas"])), int(spec["maxReplicas"]))
        if replicas and wanted != replicas:
            kind = self._server.kind_of("apps", "v1", "deployments")
            body = {**target, "spec": {**target["spec"], "replicas": wanted}}
            self._server.writer.update(kind, place, body, MANAGER)
        self._report(key, obj, replicas, wanted if replicas else 0)

    def _report(self, key: Key, obj: JsonObj, replicas: int, wanted: int) -> None:
        numbers = {"currentReplicas": replicas, "desiredReplicas": wanted}
        status = {**(obj.get("status") or {}), **numbers}
        if not replicas:
            del status["currentReplicas"]
        if not same(obj.get("status"), status):
            kind = self._server.kind_of("autoscaling", "v2", "horizontalpodautoscalers")
            body = {**obj, "status": status}
            self._server.writer.update(kind, key, body, MANAGER, subresource="status")
