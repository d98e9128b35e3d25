"""The promises S1 to S9 and S11 of ``docs/design.md``, checked at every single change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from canary.kube.resources import CANARIES, CONTROLLER_REVISIONS, SERVICES
from canary.sandbox.storage import Change
from simulation.oracles.evidence import Evidence
from simulation.oracles.people import People
from simulation.oracles.reading import Place, pinned, place_of, run_of
from simulation.oracles.routes import carries
from simulation.oracles.seen import RUNNING, Seen, Status
from simulation.oracles.shares import Shares
from simulation.oracles.templates import Templates
from simulation.world import World

JUDGED = ("Progressing", "WaitingPromotion")


class Safety:
    """Watches the Canary of a world; ``violations`` lists every broken promise."""

    def __init__(self, world: World, name: str = "podinfo") -> None:
        self.world, self.name = world, name
        self.violations: list[str] = []
        self.seen = Seen()
        self.history: list[tuple[int, str, int]] = []
        self.evidence = Evidence(world, name, self.seen)
        self.people = People(self.seen)
        self.shares = Shares(world, name, self.seen)
        self.templates = Templates(world, name, self.seen)
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
        for apex in self.world.apexes[self.name]:
            if carries(change.resource.plural, change.key.name, apex):
                yield from self.shares.route(change, apex, ours)
            elif change.resource == SERVICES and change.key.name == apex:
                yield from self.shares.apex(change, apex, ours)
        if change.resource == self.world.workloads:
            yield from self.templates.changed(change, ours)
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
            self.people.asked(change)
            return
        if change.before is not None and change.before.get("spec") != change.obj.get("spec"):
            yield "S11: the spec of the Canary was changed by the engine"
        phase, place = str(status.get("phase", "")), place_of(status)
        weight, (template, run) = place.weight, run_of(status)
        was, now = self.seen.status, self.world.time
        yield from self.people.kept(change, was)
        if self.seen.adopting:
            # The same run under another number.
            self.seen.carried.pop(was.run, None)
            self.seen.promote = False
            gone = self.world.get(self.world.workloads, self.name) is None
            if gone or not self.world.places.timely:
                # Without a record only a time tells whether a rejected revision is still the one:
                # a target that is made anew afterwards is not.
                self.seen.failed.clear()
            was = replace(was, run=run)
        else:
            yield from self._moved(change.obj, was, phase, place)
        self.seen.adopting = self.seen.adopting and "engine" not in status
        if phase in ("Initializing", "Initialized") and template == "":
            pin = ((status.get("engine") or {}).get("primary") or {}).get("template", "")
            self.seen.rightful.add(self.seen.pins.get(pin, self.seen.images.get(self.name, "")))
        if was.place.weight or was.place.mirror:
            self.seen.carried[was.run] = now
        same = (was.place, was.run) == (place, run)
        began = was.began if was.run == run else now
        self.seen.status = Status(phase, place, run, was.since if same else now, began)
        if was.run != run:
            self.seen.begun = self.seen.approvals > 0
            self.seen.promote, self.seen.approvals = False, 0
        self.seen.recorded.append((now, weight))
        if (phase, weight) != (was.phase, was.weight):
            self.history.append((round(now), phase, weight))

    def _moved(self, canary: Any, was: Status, phase: str, place: Place) -> Iterator[str]:
        """A write that goes on from ``was``."""
        weight, (template, run) = place.weight, run_of(canary.get("status") or {})
        if phase == "Progressing" and was.left_for(place, run):
            yield from self.evidence.step(canary, was, place, run)
            if run == was.run and was.place != Place():
                yield from self.people.approved(canary, was.place)
        if weight > was.weight and phase not in ("Progressing", "Failed"):
            yield f"S3: weight {was.weight} -> {weight} in phase {phase}"
        if run and run != was.run and weight > 0 and was.run and was.weight > 0:
            yield f"S5: run {run} began at weight {weight}"
        yield from self._failed(was, phase, weight, run)
        if phase in ("Promoting", "Finalising", "Succeeded") and was.phase in JUDGED:
            yield from self._passed(canary, was, template, phase)

    def _passed(self, canary: Any, was: Status, template: str, phase: str) -> Iterator[str]:
        """A run leaves the analysis upwards: it passed at every step, or somebody wants it so."""
        if phase == "Succeeded":
            return  # reverted: the primary never changed
        found = self.seen.pins.get(template, "")
        if not canary["spec"].get("skipAnalysis") and not self.seen.promote:
            yield from self.evidence.promotion(canary, was)
            yield from self.people.approved(canary, was.place)
            if "bad" in found and not self.evidence.misled(was):
                yield f"S4: {found} was promoted"
        self.seen.rightful.add(found)

    def _failed(self, was: Status, phase: str, weight: int, run: str) -> Iterator[str]:
        if phase == "Failed" and was.phase in JUDGED:
            self.seen.failed.add(run)
        if run in self.seen.failed and weight > 0 and weight > was.weight:
            yield f"S6: weight {was.weight} -> {weight} after the failure of {run}"
        if run in self.seen.failed and phase in RUNNING:
            yield f"S6: {run} runs again in phase {phase} after its failure"
