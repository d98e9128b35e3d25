"""A world that holds what a test says, for oracles to look at: no engine, no cluster."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

from analysis.outcome import Values
from canary.kube.resources import CANARIES, DEPLOYMENTS, Key, Resource
from canary.sandbox.storage import Change
from simulation.polled import Heard
from simulation.process import USER
from tests.rig.routes import VIRTUAL_SERVICES

SPEC: dict[str, Any] = {
    "provider": "istio",
    "targetRef": {"kind": "Deployment", "name": "podinfo"},
    "service": {},
    "analysis": {
        "interval": "10s",
        "stepWeights": [30, 60],
        "metrics": [{"name": "success", "interval": "20s"}],
    },
}


class Witness:
    """Tells one oracle, or several, of changes; ``world`` is all that they see beside them."""

    def __init__(self, **spec: Any) -> None:
        self.spec = copy.deepcopy(SPEC | spec)
        self.endpoints = {"podinfo-canary": 2, "podinfo-primary": 2}
        self.objects: dict[tuple[Resource, str], dict[str, Any]] = {}
        self.version = 1000
        self.world: Any = SimpleNamespace(
            time=100.0,
            plan=SimpleNamespace(seed=0),
            places=SimpleNamespace(struck=set(), timely=True),
            settings=SimpleNamespace(max_runs=0),
            behind=0.5,
            late=False,
            routed=True,
            writer="p1",
            canaries=("podinfo",),
            apexes={"podinfo": ["podinfo"]},
            workloads=DEPLOYMENTS,
            touched=set(),
            asked=[],
            polled=[],
            watchers=[],
            note=lambda text: None,
            ours=lambda author: author == USER,
            known=lambda service: self.endpoints.get(service, 0),
            get=lambda resource, name: self.objects.get((resource, name)),
            exists=lambda name="podinfo": (CANARIES, name) in self.objects,
            image=lambda name="podinfo": "podinfo:2.0.0",
        )

    def put(self, resource: Resource, name: str, author: str = USER, **parts: Any) -> None:
        """``author`` writes an object with these parts."""
        self.version += 1
        before = self.objects.get((resource, name))
        meta = {"name": name, "namespace": "test", **parts.pop("metadata", {})}
        obj = {"kind": resource.kind, "metadata": meta, **parts}
        self.objects[resource, name] = obj
        self._tell(Change(self.version, resource, Key("test", name), obj, before), author)

    def drop(self, resource: Resource, name: str, author: str = USER) -> None:
        """``author`` deletes an object."""
        self.version += 1
        obj = self.objects.pop((resource, name))
        self._tell(Change(self.version, resource, Key("test", name), obj, obj, gone=True), author)

    def _tell(self, change: Change, author: str) -> None:
        for watcher in self.world.watchers:
            watcher(change, author)

    def status(
        self,
        phase: str,
        weight: int = 0,
        *,
        run: str = "two",
        iterations: int = 0,
        attempt: int = 1,
        annotations: dict[str, str] | None = None,
        author: str = USER,
        **parts: Any,
    ) -> None:
        """The Canary gets a status with such a record; ``parts`` are of its run."""
        record = {"revision": {"template": run}, "attempt": attempt, **parts}
        engine = {"run": record} if run else {}
        status = {"phase": phase, "canaryWeight": weight, "iterations": iterations}
        status["engine"] = engine
        meta = {"annotations": annotations or {}}
        self.put(CANARIES, "podinfo", author, metadata=meta, spec=self.spec, status=status)

    def asks(self, action: str) -> None:
        """Somebody asks for something by hand."""
        live = self.objects[CANARIES, "podinfo"]
        note = {"engine.flagger.app/intent": f'{{"action": "{action}", "id": "{self.version}"}}'}
        parts = {"spec": live["spec"], "status": live["status"]}
        self.put(CANARIES, "podinfo", "kubectl", metadata={"annotations": note}, **parts)

    def passes(self, seconds: float, *values: float, honest: bool = True) -> None:
        """Time passes, and a query is answered; without values nothing is asked."""
        self.world.time += seconds
        if values:
            heard = Heard("podinfo", self.world.time, Values(values), honest)
            self.world.asked.append(heard)

    def route(self, primary: int, canary: int, author: str = USER) -> None:
        """The route gets these weights."""
        both = (("podinfo-primary", primary), ("podinfo-canary", canary))
        backends = [{"destination": {"host": name}, "weight": w} for name, w in both]
        self.put(VIRTUAL_SERVICES, "podinfo", author, spec={"http": [{"route": backends}]})

    def workload(self, name: str, tag: str, replicas: int = 2, author: str = USER) -> None:
        """A workload runs an image in a size."""
        pods = {"spec": {"containers": [{"image": f"podinfo:{tag}"}]}}
        self.put(DEPLOYMENTS, name, author, spec={"replicas": replicas, "template": pods})
