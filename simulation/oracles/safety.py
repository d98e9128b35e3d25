"""The promises S1 to S9 and S11 of ``docs/design.md``, checked at every single change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from canary.api.annotations import INTENT
from canary.kube.resources import CANARIES, CONTROLLER_REVISIONS
from canary.sandbox.storage import Change
from simulation.oracles.evidence import Evidence
from simulation.oracles.reading import (
    ROUTES,
    backends,
    content,
    image,
    pinned,
    place_of,
    run_of,
    serves,
    split,
)
from simulation.oracles.seen import Seen, Status
from simulation.world import World
from tests.rig.workloads import size

DRAIN = 5.0
UNSEEN = 0.5
"""Seconds that a write may be behind what somebody else did meanwhile."""
JUDGED = ("Progressing", "WaitingPromotion")
RUNNING = ("Progressing", "WaitingPromotion", "Promoting", "Finalising")


class Safety:
    """Watches the Canary of a world; ``violations`` lists every broken promise."""

    def __init__(self, world: World, name: str = "podinfo") -> None:
        self.world, self.name = world, name
        self.violations: list[str] = []
        self.seen = Seen()
        self.history: list[tuple[int, str, int]] = []
        self.evidence = Evidence(world, name)
        world.watchers.append(self.heard)

    def heard(self, change: Change, author: str) -> None:
        """One change of one object."""
        if change.key.namespace != "test":
            return
        for text in self._check(change, self.world.ours(author)):
            self.violations.append(f"t={self.world.time:.3f} v={change.version}: {text}")
            self.world.note(f"VIOLATION {text}")

    def _check(self, change: Change, ours: bool) -> Iterator[str]:
        if change.resource == CANARIES and change.key.name == self.name:
            yield from self._canary(change, ours)
        elif change.resource.plural in ROUTES and change.key.name == self.name:
            yield from self._route(change, ours)
        elif change.resource == self.world.workloads:
            yield from self._workload(change, ours)
        elif change.resource == CONTROLLER_REVISIONS and not change.gone:
            digest, found = pinned(change.obj)
            self.seen.pins[digest] = found

    def _canary(self, change: Change, ours: bool) -> Iterator[str]:
        if change.gone:
            self.seen.status = Status()
            self.seen.recorded.append((self.world.time, 0))
            return
        status = change.obj.get("status") or {}
        if not ours:
            self._asked(change)
            return
        if change.before is not None and change.before.get("spec") != change.obj.get("spec"):
            yield "S11: the spec of the Canary was changed by the engine"
        phase, place = str(status.get("phase", "")), place_of(status)
        weight, (template, run) = place.weight, run_of(status)
        was, now = self.seen.status, self.world.time
        if phase == "Progressing" and was.left_for(place, run):
            yield from self.evidence.step(change.obj, was, place, run)
        if weight > was.weight and phase not in ("Progressing", "Failed"):
            yield f"S3: weight {was.weight} -> {weight} in phase {phase}"
        if run and run != was.run and weight > 0 and was.run and was.weight > 0:
            yield f"S5: run {run} began at weight {weight}"
        yield from self._failed(was, phase, weight, run)
        if phase in ("Promoting", "Finalising", "Succeeded") and was.phase in JUDGED:
            yield from self._passed(change.obj, was, template, phase)
        if phase in ("Initializing", "Initialized") and template == "":
            pin = ((status.get("engine") or {}).get("primary") or {}).get("template", "")
            self.seen.rightful.add(self.seen.pins.get(pin, self.seen.images.get(self.name, "")))
        same = (was.place, was.run) == (place, run)
        began = was.began if was.run == run else now
        self.seen.status = Status(phase, place, run, was.since if same else now, began)
        if was.run != run:
            self.seen.promote = False
        self.seen.recorded.append((now, weight))
        if (phase, weight) != (was.phase, was.weight):
            self.history.append((round(now), phase, weight))

    def _asked(self, change: Change) -> None:
        """Somebody asks for a promotion by hand: the run needn't pass any more."""
        now, before = (
            (obj or {}).get("metadata", {}).get("annotations", {}).get(INTENT)
            for obj in (change.obj, change.before)
        )
        if now != before and now == "promote":
            self.seen.promote = True

    def _passed(self, canary: Any, was: Status, template: str, phase: str) -> Iterator[str]:
        """A run leaves the analysis upwards: it passed at every step, or somebody wants it so."""
        if phase == "Succeeded":
            return  # reverted: the primary never changed
        found = self.seen.pins.get(template, "")
        if not canary["spec"].get("skipAnalysis") and not self.seen.promote:
            yield from self.evidence.promotion(canary, was)
            if "bad" in found:
                yield f"S4: {found} was promoted"
        self.seen.rightful.add(found)

    def _failed(self, was: Status, phase: str, weight: int, run: str) -> Iterator[str]:
        if phase == "Failed" and was.phase in JUDGED:
            self.seen.failed.add(run)
        if run in self.seen.failed and weight > 0 and weight > was.weight:
            yield f"S6: weight {was.weight} -> {weight} after the failure of {run}"
        if run in self.seen.failed and phase in RUNNING:
            yield f"S6: {run} runs again in phase {phase} after its failure"

    def _route(self, change: Change, ours: bool) -> Iterator[str]:
        seen, now = self.seen, self.world.time
        if not ours:
            seen.meddled = now
        if change.gone:
            seen.share = None
            return
        rest, canary = split(change.obj, f"{self.name}-canary")
        for rule in backends(change.obj):
            if ours and len(rule) > 1 and sum(weight for _, weight in rule) != 100:
                yield f"S1: weights {rule}"
        before = seen.share or (100, 0)
        if ours:
            yield from self._shifted(before, (rest, canary))
        if serves(change.obj, f"{self.name}-canary"):
            seen.zero_since = None
        elif seen.zero_since is None:
            seen.zero_since = now
        seen.share = (rest, canary)

    def _shifted(self, before: tuple[int, int], after: tuple[int, int]) -> Iterator[str]:
        world, record = self.world, self.seen.status
        if world.late:
            # S9: what the record asked for when the request was sent is not a lie of today.
            wanted = {weight for at, weight in self.seen.recorded if at >= world.time - 60}
            if after[1] > record.weight and after[1] not in wanted:
                yield f"S9: a late write raised the canary to {after[1]} %"
            return
        if after[1] > before[1] and world.known(f"{self.name}-canary") == 0:
            yield f"S2: {after[1]} % to a canary without a ready endpoint"
        if after[0] > before[0] and world.known(f"{self.name}-primary") == 0:
            yield f"S2: {after[0]} % to a primary without a ready endpoint"
        lately = {weight for at, weight in self.seen.recorded if at >= world.time - UNSEEN}
        there = world.exists()
        if there and after[1] > before[1] and after[1] > max(record.weight, *lately, 0):
            yield f"S3: the route got {after[1]} %, of record is {record.weight} %"

    def _workload(self, change: Change, ours: bool) -> Iterator[str]:
        seen, name = self.seen, change.key.name
        if change.gone:
            seen.images.pop(name, None)
            seen.replicas.pop(name, None)
            return
        found, replicas = image(change.obj), size(change.obj)
        if name == self.name and ours:
            if change.before and content(change.before) != content(change.obj):
                yield from self._edited(found)
            if replicas == 0 and seen.replicas.get(name) != 0:
                since = seen.zero_since
                drained = since is not None and self.world.time - since >= DRAIN - 1e-6
                if not drained and self.world.time > seen.meddled + UNSEEN:
                    yield "S8: the canary was scaled to zero before it had drained"
        if name == f"{self.name}-primary" and ours:
            if replicas == 0:
                yield "S2: the primary was scaled to zero"
            if seen.images.get(name) != found and found not in (seen.rightful or {found}):
                yield f"S4: the primary got {found}, rightful are {sorted(seen.rightful)}"
            if not seen.rightful:
                seen.rightful.add(found)
        seen.images[name], seen.replicas[name] = found, replicas

    def _edited(self, found: str) -> Iterator[str]:
        """The engine changed the target's template: only a Canary that goes gives it back."""
        canary = self.world.get(CANARIES, self.name) or {"metadata": {}, "spec": {}}
        leaving = "deletionTimestamp" in canary["metadata"]
        if not (leaving and canary["spec"].get("revertOnDeletion")):
            yield "S11: the target's template was changed by the engine"
        elif found not in self.seen.rightful:
            yield f"S4: the target was given {found}, rightful are {sorted(self.seen.rightful)}"
