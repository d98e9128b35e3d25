"""What people ask for by hand, and that they get it: nothing moves while they say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from canary.api.annotations import INTENT
from canary.sandbox.storage import Change
from simulation.oracles.reading import Place, place_of, run_of, told
from simulation.oracles.seen import RUNNING, Seen, Status

LEAVING = ("Terminating", "Terminated")
UPWARDS = ("Promoting", "Finalising", "Succeeded")


class People:
    """Requests and suspensions of one Canary."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def asked(self, change: Change) -> None:
        """Somebody else wrote the Canary: a request, or a status without our record."""
        now, before = (asked_for(obj) for obj in (change.obj, change.before))
        if now != before and now.get("action") == "promote":
            self.seen.promote = True
        if now != before and now.get("action") == "retry":
            # A takeover may have begun to number the runs anew.
            self.seen.failed.clear()
        if now != before and now.get("action") == "approve":
            self.seen.approvals += 1
        if change.before and _engine(change.before) and not _engine(change.obj):
            self.seen.adopting = True

    def kept(self, change: Change, was: Status) -> Iterator[str]:
        """One write of the engine: whoever is suspended or paused stays where it is."""
        before, status = change.before or {}, change.obj.get("status") or {}
        phase, place = str(status.get("phase", "")), place_of(status)
        if phase in LEAVING or self.seen.adopting or not before:
            return
        moved = (phase, place) != (was.phase, was.place)
        if before["spec"].get("suspend") and was.phase and moved:
            yield f"suspended: {was.phase} {tuple(was.place)} -> {phase} {tuple(place)}"
        if not paused(before) or run_of(status)[1] != was.run or was.phase not in RUNNING:
            return
        # To ask for no analysis is to ask for the promotion. What Git took back is over.
        wanted = self.seen.promote or before["spec"].get("skipAnalysis") or phase == "Succeeded"
        if was.left_for(place, was.run) or (phase in UPWARDS and not wanted):
            yield f"paused: {was.phase} {tuple(was.place)} -> {phase} {tuple(place)}"

    def approved(self, canary: Any, place: Place) -> Iterator[str]:
        """A run leaves ``place``: where the spec asks for it, somebody has to have approved."""
        for step in told(canary):
            if step["weight"] == place.weight and step.get("approval"):
                self.seen.approvals -= 1
                if self.seen.approvals < 0:
                    yield f"S7: {place.weight} % was left without an approval"


def asked_for(canary: Any) -> dict[str, Any]:
    """The request that stands in the annotation; empty without one."""
    annotations = ((canary or {}).get("metadata") or {}).get("annotations") or {}
    found: dict[str, Any] = orjson.loads(annotations.get(INTENT) or b"{}")
    return found


def paused(canary: Any) -> bool:
    """Whether the run of record is paused."""
    return bool((_engine(canary).get("run") or {}).get("paused"))


def _engine(canary: Any) -> dict[str, Any]:
    return (canary.get("status") or {}).get("engine") or {}
