"""What this process knows of one Canary beyond the record.

Losing it, as every restart does, costs time and never safety.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from canary.api.canary import Canary
from canary.kube.resources import Key, Obj, Resource
from canary.notify.couriers import Couriers
from canary.rollout.questions import Answer, Question
from canary.rollout.record import Record
from canary.rollout.view import Held

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The Canary to go by with its raw spec, and what is wrong with the spec as it is now.

    With a ``complaint`` it is the last one that was valid: it is kept safe by it, not run on.
    """

    canary: Canary | None
    spec: Obj
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A write of ours that the caches have yet to show."""

    resource: Resource
    key: Key
    resource_version: str


@dataclass(slots=True)
class Budget:
    """How often an object has been corrected lately: times of the corrections (monotonic)."""

    times: list[float] = field(default_factory=list)
    contested: bool = False


def _since(known: tuple[Value, float] | None, value: Value, now: float) -> tuple[Value, float]:
    """``value``, and since when it has been this one: now, unless it was known before."""
    return known if known is not None and known[0] == value else (value, now)


@dataclass(slots=True)
class Memory:
    """Per Canary, for the life of the process (or of its leadership).

    ``owned``: the takeover is done. ``carried`` is the canary weight that the route carries, with
    mirror and confirmation, and since when (monotonic seconds). ``ceiling`` bounds the weight while
    the record says more. ``expects`` holds decisions back until the caches show our own writes.
    """

    owned: bool = False
    record: Record | None = None
    """The last record that was read or written."""
    foreign: tuple[str, float] | None = None
    """The version of a Canary whose status another controller keeps, and since when it has been
    that one (monotonic seconds)."""
    uid: str = ""
    answers: dict[Question, Answer] = field(default_factory=dict)
    tasks: dict[Question, asyncio.Task[None]] = field(default_factory=dict)
    carried: tuple[tuple[int, bool, bool | None], float] | None = None
    taken: tuple[object, float] | None = None
    """Versions of the routes that the proxies have taken over, and since when this process has seen
    so (monotonic seconds)."""
    unanswered: dict[tuple[str, str], tuple[str | None, float]] = field(default_factory=dict)
    """Routes, by plural and name, whose last write got no answer: the version that it was made on
    (None where that isn't known), and until when the API server may still carry it out (monotonic
    seconds)."""
    copied: tuple[object, float] | None = None
    """The spec of the copy of a Service that takes the canary's traffic, and since when this
    process has seen it (monotonic seconds)."""
    proved: int | None = None
    """The last canary weight that proxies confirmed."""
    ceiling: int | None = None
    evaluated_at: float | None = None
    held: Held = field(default_factory=Held)
    announced: set[int] = field(default_factory=set)
    """Announcements whose event is out."""
    delivered: set[int] = field(default_factory=set)
    """Announcements whose alert has come to its end too: they can leave the record."""
    alerting: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    couriers: Couriers = field(default_factory=Couriers)
    expects: list[Expectation] = field(default_factory=list)
    announcer: asyncio.Task[None] | None = None
    budgets: dict[tuple[Resource, str], Budget] = field(default_factory=dict)
    intent: dict[tuple[Resource, str], object] = field(default_factory=dict)
    """What was last written for each object: a difference without a new intent is drift."""
    parsed: tuple[tuple[str, int], Parsed] | None = None
    """The spec's model, by uid and generation."""

    def unchanged_since(self, version: str, now: float) -> float:
        """Since when a Canary that another controller writes has had this version."""
        self.foreign = _since(self.foreign, version, now)
        return self.foreign[1]

    def carries(self, routing: tuple[int, bool, bool | None], now: float) -> float:
        """Since when the route has carried this canary weight, mirror and confirmation."""
        self.carried = _since(self.carried, routing, now)
        return self.carried[1]

    def unsure_until(self, versions: Mapping[tuple[str, str], str]) -> float:
        """Until when a write that got no answer may still change one of the routes that have these
        versions, in monotonic seconds; a route that another write changed refuses it."""
        for place, (version, _) in list(self.unanswered.items()):
            if version is not None and versions.get(place, "") != version:
                del self.unanswered[place]
        return max((until for _, until in self.unanswered.values()), default=0.0)

    def copies(self, spec: object, now: float) -> float:
        """Since when the copy of a Service has had this spec."""
        self.copied = _since(self.copied, spec, now)
        return self.copied[1]

    def took_over(self, versions: object, now: float) -> None:
        """The proxies took these versions of the routes over; None: they have yet to."""
        self.taken = None if versions is None else _since(self.taken, versions, now)

    def forget_all_but(self, queued: set[int]) -> None:
        """Announcements that left the record need no memory."""
        self.announced &= queued
        self.delivered &= queued

    def expects_any(self, resource: Resource) -> bool:
        """Whether the caches have yet to show a write of ours to such an object."""
        return any(expected.resource == resource for expected in self.expects)

    def cancel(self) -> None:
        """Stop everything that runs for this Canary."""
        for task in self.tasks.values():
            task.cancel()
        self.tasks.clear()
        if self.announcer:
            self.announcer.cancel()
            self.announcer = None
        for alerting in self.alerting.values():
            alerting.cancel()
        self.alerting.clear()
        self.couriers.cancel()
