"""The promises S1 to S9 and S11 of ``docs/design.md``, checked at every single change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from analysis.outcome import Values
from canary.kube.resources import CANARIES, CONTROLLER_REVISIONS, DEPLOYMENTS
from canary.sandbox.storage import Change
from simulation.oracles.reading import ROUTES, image, pinned, planned, run_of, split, stay
from simulation.world import World

DRAIN = 5.0
UNSEEN = 0.5
"""Seconds that a write may be behind what somebody else did meanwhile."""
FIRST_PASS = 99.0
"""The least success rate that passes in every scenario."""
RUNNING = ("Progressing", "WaitingPromotion", "Promoting", "Finalising")


@dataclass
class Status:
    """The status of record after the last write."""

    phase: str = ""
    weight: int = 0
    run: str = ""
    since: float = 0.0
    """When this weight of this run was recorded."""


@dataclass
class Seen:
    """What the oracle remembers of one Canary."""

    status: Status = field(default_factory=Status)
    share: tuple[int, int] | None = None
    zero_since: float | None = None
    meddled: float = -1e9
    """When somebody else last wrote the route."""
    images: dict[str, str] = field(default_factory=dict)
    replicas: dict[str, int] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    rightful: set[str] = field(default_factory=set)
    """Images that the primary may run: those that passed, and what it has begun with."""
    failed: set[str] = field(default_factory=set)
    recorded: list[tuple[float, int]] = field(default_factory=list)
    """Weights of record, each with the time of its write."""


class Safety:
    """Watches the Canary of a world; ``violations`` lists every broken promise."""

    def __init__(self, world: World, name: str = "podinfo") -> None:
        self.world, self.name = world, name
        self.violations: list[str] = []
        self.seen = Seen()
        self.history: list[tuple[int, str, int]] = []
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
        elif change.resource == DEPLOYMENTS:
            yield from self._deployment(change, ours)
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
            return
        if change.before is not None and change.before.get("spec") != change.obj.get("spec"):
            yield "S11: the spec of the Canary was changed by the engine"
        phase, weight = str(status.get("phase", "")), int(status.get("canaryWeight", 0))
        template, run = run_of(status)
        was, now = self.seen.status, self.world.time
        if weight > was.weight and phase == "Progressing":
            yield from self._rise(change.obj, was, weight, run)
        if weight > was.weight and phase not in ("Progressing", "Failed"):
            yield f"S3: weight {was.weight} -> {weight} in phase {phase}"
        if run and run != was.run and weight > 0 and was.run and was.weight > 0:
            yield f"S5: run {run} began at weight {weight}"
        yield from self._failed(was, phase, weight, run)
        if phase in ("Promoting", "Finalising", "Succeeded") and was.phase == "Progressing":
            yield from self._passed(change.obj, was, template, phase)
        if phase in ("Initializing", "Initialized") and template == "":
            pin = ((status.get("engine") or {}).get("primary") or {}).get("template", "")
            self.seen.rightful.add(self.seen.pins.get(pin, self.seen.images.get(self.name, "")))
        same = (was.weight, was.run) == (weight, run)
        self.seen.status = Status(phase, weight, run, was.since if same else now)
        self.seen.recorded.append((now, weight))
        if (phase, weight) != (was.phase, was.weight):
            self.history.append((round(now), phase, weight))

    def _rise(self, canary: Any, was: Status, weight: int, run: str) -> Iterator[str]:
        steps = planned(canary)
        following = next((step for step in steps if step > was.weight), None)
        if weight != following:
            yield f"S3: weight {was.weight} -> {weight}, the plan is {steps}"
        if was.weight == 0:
            target = self.world.cluster.get(DEPLOYMENTS, "test", self.name)
            known = self.world.known(f"{self.name}-canary")
            if target is None or known == 0:
                yield f"S3: first weight {weight} with an unready canary"
        else:
            yield from self._evidence(canary, was, f"weight {was.weight} -> {weight}")

    def _evidence(self, canary: Any, was: Status, what: str) -> Iterator[str]:
        """A passed evaluation, asked for after the stay at the weight, precedes a step."""
        lasts = stay(canary, was.weight) - 0.01
        heard = [outcome for began, _, outcome in self.world.asked if began >= was.since + lasts]
        last = heard[-1] if heard else None
        if last is None:
            yield f"S3: {what} without an evaluation of its own after {lasts:g} s"
        elif not isinstance(last, Values) or min(last.values) < FIRST_PASS:
            yield f"S7: {what} although the last answer was {last}"

    def _passed(self, canary: Any, was: Status, template: str, phase: str) -> Iterator[str]:
        """A run leaves the analysis upwards: it passed at every step, or was skipped by spec."""
        if phase == "Succeeded":
            return  # reverted: the primary never changed
        found = self.seen.pins.get(template, "")
        if not canary["spec"].get("skipAnalysis"):
            if was.weight < planned(canary)[-1]:
                yield f"S4: promoted at weight {was.weight} of {planned(canary)}"
            yield from self._evidence(canary, was, "promotion")
            if "bad" in found:
                yield f"S4: {found} was promoted"
        self.seen.rightful.add(found)

    def _failed(self, was: Status, phase: str, weight: int, run: str) -> Iterator[str]:
        if phase == "Failed" and was.phase == "Progressing":
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
        if rest + canary != 100 and ours:
            yield f"S1: weights {rest} and {canary}"
        before = seen.share or (100, 0)
        if ours:
            yield from self._shifted(before, (rest, canary))
        if canary > 0:
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

    def _deployment(self, change: Change, ours: bool) -> Iterator[str]:
        seen, name = self.seen, change.key.name
        if change.gone:
            seen.images.pop(name, None)
            seen.replicas.pop(name, None)
            return
        found, replicas = image(change.obj), int(change.obj["spec"]["replicas"])
        if name == self.name and ours:
            if (
                change.before
                and change.before["spec"]["template"] != change.obj["spec"]["template"]
            ):
                yield "S11: the target's template was changed by the engine"
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
