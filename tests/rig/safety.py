"""The promises S1 to S12 of ``docs/design.md``, checked on what the cluster held after each write.

An oracle: it reads Kubernetes objects only, and nothing of ``canary.rollout``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from analysis.duration import parse
from canary.kube.resources import CANARIES, DAEMON_SETS, DEPLOYMENTS, ENDPOINT_SLICES, SERVICES
from canary.sandbox.storage import Change
from tests.rig.routes import shares, weighs
from tests.rig.stage import Stage
from tests.rig.workloads import image, size

DRAIN = 5.0


@dataclass
class Seen:
    """The cluster as it was after the last change."""

    phase: str = ""
    weight: int = 0
    failed: int = 0
    run: str = ""
    split: tuple[int, int] | None = None
    weight_since: float = 0.0
    zero_since: float | None = None
    endpoints: dict[str, int] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    replicas: dict[str, int] = field(default_factory=dict)
    passes: int = 0
    promoted: set[str] = field(default_factory=set)
    rightful: str = ""
    failed_runs: set[str] = field(default_factory=set)


class Safety:
    """Watches one Canary on a stage; ``violations`` lists every broken promise."""

    def __init__(self, stage: Stage, name: str = "podinfo", namespace: str = "test") -> None:
        self.stage, self.name, self.namespace = stage, name, namespace
        self.violations: list[str] = []
        self.seen = Seen()
        self._feed = stage.cluster.server.storage.feed()
        self._task = asyncio.create_task(self._watch())

    def close(self) -> None:
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            change = await self._feed.get()
            if change is not None and change.key.namespace == self.namespace:
                now = asyncio.get_running_loop().time()
                for text in self._check(change, now):
                    self.violations.append(f"t={now:.2f} v={change.version}: {text}")

    def _check(self, change: Change, now: float) -> Iterator[str]:
        if change.resource == CANARIES and change.key.name == self.name and not change.gone:
            steps = (change.obj["spec"]["analysis"].get("engine") or {}).get("steps") or []
            yield from self._status(change.obj.get("status") or {}, steps, now)
        elif weighs(change.resource.plural, change.key.name) and self._is_of_name(change):
            yield from self._route(change, now)
        elif change.resource in (DEPLOYMENTS, DAEMON_SETS) or self._is_target(change):
            yield from self._workload(change, now)
        elif change.resource == ENDPOINT_SLICES:
            ready = [
                e
                for e in change.obj.get("endpoints") or ()
                if e["conditions"]["ready"] and not change.gone
            ]
            service = change.obj["metadata"]["labels"]["kubernetes.io/service-name"]
            self.seen.endpoints[service] = len(ready)
        elif change.resource == SERVICES and change.key.name == self.name:
            self._apex(change.obj, now)

    def _apex(self, service: dict[str, Any], now: float) -> None:
        """Where nothing routes, users are where the apex Service sends them."""
        seen, selector = self.seen, service["spec"].get("selector") or {}
        if seen.split is None:
            if not any(value.endswith("-primary") for value in selector.values()):
                seen.zero_since = None
            elif seen.zero_since is None:
                seen.zero_since = now

    def _status(
        self, status: dict[str, Any], steps: list[dict[str, Any]], now: float
    ) -> Iterator[str]:
        seen = self.seen
        phase, weight = status.get("phase", ""), status.get("canaryWeight", 0)
        engine = status.get("engine") or {}
        run = engine.get("run") or {}
        revision = run.get("revision") or {}
        identity = f"{revision.get('template')}-{run.get('attempt')}"
        if phase == "Progressing" and weight > seen.weight and seen.weight > 0:
            answered = len(self.stage.prometheus.queries)
            if answered <= seen.passes:
                yield f"S3: weight {seen.weight} -> {weight} without an evaluation"
            seen.passes = answered
        if phase == "Progressing" and weight > seen.weight and steps:
            yield from self._step(steps, weight, now)
        if identity != seen.run and phase == "Progressing" and weight > 0 and seen.weight > 0:
            yield f"S5: run {identity} began at weight {weight}"
        if weight > seen.weight and identity in seen.failed_runs and phase != "Failed":
            yield f"S6: weight {seen.weight} -> {weight} after the failure of {identity}"
        if phase == "Failed" and seen.phase != "Failed":
            seen.failed_runs.add(identity)
        elif phase == "Failed" and weight > seen.weight:
            yield f"S6: weight {seen.weight} -> {weight} of a canary that had failed"
        if weight != seen.weight:
            seen.weight_since = now
        if phase == "Promoting":
            seen.promoted.add(seen.images.get(self.name, ""))
        if phase in ("Initialized", "Succeeded") and seen.phase != phase:
            # What a failed promotion may go back to.
            seen.promoted.add(seen.images.get(f"{self.name}-primary", ""))
        if weight == 0 and seen.weight == 0:
            seen.passes = len(self.stage.prometheus.queries)
        seen.phase, seen.weight, seen.run = phase, weight, identity

    def _step(self, steps: list[dict[str, Any]], weight: int, now: float) -> Iterator[str]:
        """Steps that the spec tells one by one: none is left out, none is cut short."""
        seen = self.seen
        planned = next((s["weight"] for s in steps if s["weight"] > seen.weight), None)
        if weight != planned:
            yield f"S3: weight {seen.weight} -> {weight} instead of {planned}"
        for step in steps:
            stay = parse(step.get("duration") or "0s")
            if step["weight"] == seen.weight and now - seen.weight_since < stay:
                yield f"S3: weight {seen.weight} was left after {now - seen.weight_since:g} s"

    def _route(self, change: Change, now: float) -> Iterator[str]:
        seen = self.seen
        if change.gone:
            seen.split = None
            return
        split = shares(change.obj)
        if sum(split) != 100:
            yield f"S1: weights {split}"
        before = seen.split or (100, 0)
        if self._ours(change):
            if split[1] > before[1] and not seen.endpoints.get(f"{self.name}-canary"):
                yield f"S2: {split[1]} % to a canary without a ready endpoint"
            if split[0] > before[0] and not seen.endpoints.get(f"{self.name}-primary"):
                yield f"S2: {split[0]} % to a primary without a ready endpoint"
            if split[1] > before[1] and split[1] > seen.weight:
                yield f"S3: the route got {split[1]} %, of record is {seen.weight} %"
        if split[1] > 0:
            seen.zero_since = None
        elif seen.zero_since is None or seen.split is None:
            seen.zero_since = now
        seen.split = split

    def _is_of_name(self, change: Change) -> bool:
        return change.key.name in (self.name, f"{self.name}-canary")

    def _is_target(self, change: Change) -> bool:
        """Whether it is the Service that is the target, or its primary."""
        canary = self.stage.get(CANARIES, self.name, self.namespace)
        if change.resource != SERVICES or canary is None:
            return False
        target = canary["spec"]["targetRef"]
        names = (target["name"], f"{target['name']}-primary")
        return target["kind"] == "Service" and change.key.name in names

    def _workload(self, change: Change, now: float) -> Iterator[str]:
        seen, name = self.seen, change.key.name
        if change.gone:
            seen.images.pop(name, None)
            return
        obj = change.obj
        replicas, before = size(obj), seen.replicas.get(name)
        ours = self._ours(change)
        if name == self.name and ours:
            if change.before and image(change.before) != image(obj):
                yield "S11: the target's template was changed by the engine"
            if replicas == 0 and before != 0:
                drained = seen.zero_since is not None and now - seen.zero_since >= DRAIN - 1e-6
                if not drained:
                    yield "S8: the canary was scaled to zero before it had drained"
        if name == f"{self.name}-primary":
            if replicas == 0 and ours:
                yield "S2: the primary was scaled to zero"
            was = seen.images.get(name)
            if was is not None and was != image(obj) and ours and not self._may(image(obj)):
                yield f"S4: the primary got {image(obj)} in phase {seen.phase}"
            if ours:
                seen.rightful = image(obj)
        seen.images[name], seen.replicas[name] = image(obj), replicas

    def _may(self, wanted: str) -> bool:
        """Promoted, or what it was before somebody else changed it."""
        return wanted in self.seen.promoted or wanted == self.seen.rightful

    def _ours(self, change: Change) -> bool:
        """Whether the controller wrote it, by the audit log."""
        return str(change.version) in self._written()

    def _written(self) -> set[str]:
        found = getattr(self, "_versions", None)
        audit = self.stage.cluster.server.audit
        if found is None or self._counted != len(audit):
            start = 0 if found is None else self._counted
            found = found or set()
            for entry in audit[start:]:
                if entry.user == "canary-engine" and entry.writes and entry.status < 400:
                    meta = (entry.answer or {}).get("metadata") or {}
                    found.add(str(meta.get("resourceVersion", "")))
            self._versions, self._counted = found, len(audit)
        return found
